import { documentation, documentationIndex, findCode } from '../../compiler/diagnostics/docs.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';

export const command = defineCommand(
  {
    name: 'docs',
    summary: 'explain a diagnostic by its code, or list them all',
    operands: '[CODE]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    options: {},
    examples: ['polc docs POL3002', 'polc docs'],
  },
  ({ operands }, terminal) => {
    if (operands.length === 0) {
      terminal.write(documentationIndex());
      return exitCode.fine;
    }
    const texts: string[] = [];
    for (const word of operands) {
      const found = findCode(word);
      if ('code' in found) {
        texts.push(documentation(found.code));
        continue;
      }
      const help =
        found.suggestion === undefined
          ? '`polc docs` lists every code'
          : `a code with a similar name exists: \`${found.suggestion}\``;
      terminal.writeError(`polc docs: no diagnostic has the code \`${word}\`\n  = help: ${help}\n`);
      return exitCode.usage;
    }
    terminal.write(texts.join('\n'));
    return exitCode.fine;
  },
);
