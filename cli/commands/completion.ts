import { defineCommand } from '../command.ts';
import { type Completed, completionScript } from '../completion.ts';
import { exitCode } from '../exit-codes.ts';
import { summaries } from '../summaries.ts';
import { type Verbs, verbs } from '../verbs.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

export const command = defineCommand(
  {
    name: 'completion',
    summary: summaries.completion,
    operands: 'bash|zsh|fish',
    operandCount: { least: 1, most: 1 },
    completes: shells,
    options: {},
    examples: [
      'source <(polc completion bash)',
      'polc completion zsh > ~/.zfunc/_polc',
      'polc completion fish > ~/.config/fish/completions/polc.fish',
    ],
  },
  async ({ operands }, terminal) => {
    const shell = shells.find((each) => each === operands[0]);
    if (shell === undefined) {
      terminal.writeError(
        `polc completion: no script for \`${operands[0]}\`\n  = help: it is one of ${shells.join(', ')}\n`,
      );
      return exitCode.usage;
    }
    terminal.write(completionScript(shell, await completed(verbs)));
    return exitCode.fine;
  },
);

async function completed(of: Verbs): Promise<readonly Completed[]> {
  return Promise.all(
    Object.entries(of).map(async ([word, load]): Promise<Completed> => {
      const { command: found } = await load();
      const { shape, verbs: own } = found;
      return { word, shape, ...(own === undefined ? {} : { verbs: await completed(own) }) };
    }),
  );
}
