import type { Command } from './command.ts';

/** Every verb in the order of `polc --help`; a command is loaded only when it is asked for. */
export const verbs: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  docs: () => import('./commands/docs.ts'),
  completion: () => import('./commands/completion.ts'),
};
