import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { starters } from '../../compiler/starters.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { summaries } from '../summaries.ts';

export const command = defineCommand(
  {
    name: 'init',
    summary: summaries.init,
    operands: '[FILE]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      dialect: { type: 'text', value: 'DIALECT', default: 'sandbox', doc: 'what kind of policy' },
      name: { type: 'text', value: 'NAME', doc: 'the name in the policy; that of the file unless told' },
      force: { type: 'flag', short: 'f', doc: 'replace the file if it exists' },
    },
    examples: ['polc init web.yaml', 'polc init --name web -'],
    details: 'FILE is `policy.yaml` unless told; `-` is standard output.',
  },
  ({ options, operands }, terminal) => {
    const starter = Object.hasOwn(starters, options.dialect) ? starters[options.dialect] : undefined;
    if (starter === undefined) {
      const near = nearest(options.dialect, Object.keys(starters)) ?? Object.keys(starters).join(', ');
      return usage(`no dialect is named \`${options.dialect}\``, `there is \`${near}\``);
    }
    const file = operands[0] ?? 'policy.yaml';
    const name = options.name ?? (file === '-' ? 'policy' : basename(file).replace(/\.ya?ml$/, ''));
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
      return usage(`\`${name}\` cannot name a policy`, 'give one with `--name`: letters, digits, `-`, `_` and `.`');
    }
    const text = starter(name);
    if (file === '-') {
      terminal.write(text);
      return exitCode.fine;
    }
    try {
      writeFileSync(file, text, { flag: options.force ? 'w' : 'wx' });
    } catch (error) {
      const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      const help = exists ? 'choose another file, or replace this one with `--force`' : 'choose another file';
      terminal.writeError(`polc init: cannot write \`${file}\`: ${failureText(error)}\n  = help: ${help}\n`);
      return exists ? exitCode.usage : exitCode.environment;
    }
    terminal.write(`wrote ${file}; next: polc check ${file}\n`);
    return exitCode.fine;

    function usage(problem: string, help: string): number {
      terminal.writeError(`polc init: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    }
  },
);
