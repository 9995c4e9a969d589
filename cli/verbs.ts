import type { Command } from './command.ts';
import type { summaries } from './summaries.ts';

/** Commands by verb, each loaded only when it is asked for. */
export type Verbs<Name extends string = string> = Readonly<Record<Name, () => Promise<{ readonly command: Command }>>>;

/** Every verb. */
export const verbs: Verbs<keyof typeof summaries> = {
  build: () => import('./commands/build.ts'),
  check: () => import('./commands/check.ts'),
  test: () => import('./commands/test.ts'),
  explain: () => import('./commands/explain.ts'),
  fmt: () => import('./commands/fmt.ts'),
  import: () => import('./commands/import.ts'),
  migrate: () => import('./commands/migrate.ts'),
  run: () => import('./commands/run.ts'),
  sandbox: () => import('./commands/sandbox/index.ts'),
  trace: () => import('./commands/trace.ts'),
  simulate: () => import('./commands/guardrail/simulate.ts'),
  guardrail: () => import('./commands/guardrail/index.ts'),
  apply: () => import('./commands/tenancy/apply.ts'),
  tenancy: () => import('./commands/tenancy/index.ts'),
  launch: () => import('./commands/launch.ts'),
  profile: () => import('./commands/profile/index.ts'),
  template: () => import('./commands/template/index.ts'),
  keys: () => import('./commands/keys/index.ts'),
  audit: () => import('./commands/audit/index.ts'),
  wasm: () => import('./commands/wasm/index.ts'),
  schema: () => import('./commands/schema.ts'),
  lsp: () => import('./commands/lsp.ts'),
  init: () => import('./commands/init.ts'),
  docs: () => import('./commands/docs.ts'),
  doctor: () => import('./commands/doctor.ts'),
  completion: () => import('./commands/completion.ts'),
};

/** How to load the command of a verb; undefined where there is no such verb. */
export function loadOf(verb: string | undefined, among: Verbs): Verbs[string] | undefined {
  return verb !== undefined && Object.hasOwn(among, verb) ? among[verb] : undefined;
}
