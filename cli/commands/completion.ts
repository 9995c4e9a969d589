import { defineCommand } from '../command.ts';
import { completionScript } from '../completion.ts';
import { exitCode } from '../exit-codes.ts';
import { summaries } from '../summaries.ts';
import { verbs } from '../verbs.ts';

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
    const commands = await Promise.all(Object.values(verbs).map((load) => load()));
    terminal.write(
      completionScript(
        shell,
        commands.map((each) => each.command.shape),
      ),
    );
    return exitCode.fine;
  },
);
