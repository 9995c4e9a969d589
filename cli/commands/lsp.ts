import { defineCommand } from '../command.ts';
import { summaries } from '../summaries.ts';

export const command = defineCommand(
  {
    name: 'lsp',
    summary: summaries.lsp,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: {
      stdio: {
        type: 'flag',
        doc: 'speak over standard input and output; there is no other way, so it may be left out',
      },
    },
    details:
      'Editors start it; docs/editors.md says how. It speaks the Language Server Protocol 3.18, and ends when the editor does.',
    examples: ['polc lsp --stdio'],
  },
  async () => {
    const { serveStdio } = await import('../../lsp/node/stdio.ts');
    // The protocol says with what a server ends: 0 where the client said `shutdown` first, else 1.
    return serveStdio();
  },
);
