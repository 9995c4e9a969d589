import type { Command } from './command.ts';

/** Every verb in the order of `polc --help`; a command is loaded only when it is asked for. */
export const verbs: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  build: () => import('./commands/build.ts'),
  check: () => import('./commands/check.ts'),
  explain: () => import('./commands/explain.ts'),
  fmt: () => import('./commands/fmt.ts'),
  import: () => import('./commands/import.ts'),
  migrate: () => import('./commands/migrate.ts'),
  run: () => import('./commands/run.ts'),
  simulate: () => import('./commands/guardrail/simulate.ts'),
  guardrail: () => import('./commands/guardrail/index.ts'),
  schema: () => import('./commands/schema.ts'),
  init: () => import('./commands/init.ts'),
  docs: () => import('./commands/docs.ts'),
  doctor: () => import('./commands/doctor.ts'),
  completion: () => import('./commands/completion.ts'),
};
