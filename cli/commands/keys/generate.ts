import { dirname } from 'node:path';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { makeFolders } from '../../folders.ts';
import { printDiagnostics } from '../../output.ts';
import { addKey } from '../../signing/add-key.ts';
import { keysFolder, keysOption, trustOption, trustPath } from '../../signing/places.ts';
import { keysSummaries } from '../../summaries.ts';

const idForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export const command = defineCommand(
  {
    name: 'keys generate',
    summary: keysSummaries.generate,
    operands: 'ID',
    operandCount: { least: 1, most: 1 },
    options: {
      authority: { type: 'text', value: 'NAME', doc: 'whose key it is; the id unless told' },
      days: {
        type: 'number',
        value: 'N',
        doc: 'for how many days from now it counts; for ever unless told',
        minimum: 1,
        whole: true,
      },
      for: {
        type: 'list',
        value: 'PURPOSES',
        doc: 'what its signatures count for; everything unless told',
        choices: ['template', 'image', 'approval', 'invitation'],
      },
      ...keysOption,
      ...trustOption,
    },
    details:
      'The private key goes into a file that only you can read, the public one into the trust store. Give others the entry of the trust store, never the file.',
    examples: [
      'polc keys generate univ-it-2026 --authority "University IT" --days 730',
      'polc keys generate cs101 --for invitation',
    ],
  },
  async ({ options, operands }, terminal) => {
    const [id = ''] = operands;
    const say = (problem: string) => terminal.writeError(`polc keys generate: ${problem}\n`);
    if (!idForm.test(id)) {
      say(`\`${id}\` is no id\n  = help: an id has letters, digits, \`.\`, \`-\` and \`_\`, at most 128`);
      return exitCode.usage;
    }
    const folder = keysFolder(options.keys);
    const trustFile = trustPath(options.trust);
    let added: ReturnType<typeof addKey>;
    try {
      makeFolders(folder, 0o700);
      makeFolders(dirname(trustFile), 0o700);
      const wanted = { id, authority: options.authority ?? id, days: options.days, purposes: options.for };
      added = addKey(wanted, folder, trustFile);
    } catch (error) {
      const reason = error instanceof AuditFailure ? error.message : failureText(error);
      say(`cannot keep the key in \`${folder}\` and \`${trustFile}\`: ${reason}`);
      return exitCode.environment;
    }
    if ('diagnostics' in added) {
      await printDiagnostics(added.diagnostics, [], 'pretty', terminal);
      return exitCode.environment;
    }
    terminal.write(
      `made the key ${id}\n  private: ${added.privatePath}\n  public:  ${added.publicKey}, in ${trustFile}\n`,
    );
    return exitCode.fine;
  },
);
