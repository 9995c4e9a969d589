import type { Command } from './command.ts';
import { secondScript } from './load-second-script.ts';

/** Every verb in the order of `polc --help`; a command is loaded only when it is asked for. */
export const verbs: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  build: () => import('./commands/build.ts'),
  check: () => secondScript().commands.check(),
  explain: () => secondScript().commands.explain(),
  fmt: () => secondScript().commands.fmt(),
  import: () => secondScript().commands.import(),
  migrate: () => secondScript().commands.migrate(),
  run: () => secondScript().commands.run(),
  simulate: () => secondScript().commands.simulate(),
  guardrail: () => secondScript().commands.guardrail(),
  schema: () => secondScript().commands.schema(),
  init: () => secondScript().commands.init(),
  docs: () => secondScript().commands.docs(),
  doctor: () => secondScript().commands.doctor(),
  completion: () => secondScript().commands.completion(),
};
