import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { importOciSeccomp } from '../../compiler/import/oci-seccomp.ts';
import { architectures } from '../../compiler/tables/architectures.ts';
import { capabilityNames } from '../../compiler/tables/capabilities.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { summaries } from '../summaries.ts';

/** What Docker leaves a container unless told otherwise (moby, oci/caps/defaults.go). */
const dockerDefaults: readonly string[] = [
  'audit_write',
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'mknod',
  'net_bind_service',
  'net_raw',
  'setfcap',
  'setgid',
  'setpcap',
  'setuid',
  'sys_chroot',
];

export const command = defineCommand(
  {
    name: 'import',
    summary: summaries.import,
    operands: 'FILE',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      out: {
        type: 'text',
        value: 'FILE',
        doc: 'where to write the policy; default: standard output',
        short: 'o',
        completes: 'files',
      },
      name: { type: 'text', value: 'NAME', doc: 'the name of the policy; default: that of the file' },
      architecture: { type: 'choice', choices: architectures, doc: 'the architecture of the host', default: 'x86_64' },
      capabilities: {
        type: 'list',
        value: 'LIST',
        doc: 'the capabilities of the container, or `none`; default: those that Docker leaves',
      },
      kernel: { type: 'text', value: 'MAJOR.MINOR', doc: 'the kernel of the host', default: '6.12' },
      force: { type: 'flag', doc: 'replace the output file if it is there', short: 'f' },
    },
    examples: [
      'polc import default.json --out docker.yaml',
      'polc import profile.json --capabilities sys_admin,net_raw --kernel 5.10',
    ],
  },
  ({ options, operands }, terminal) => {
    const [file = ''] = operands;
    const problem = (text: string, help: string) => {
      terminal.writeError(`polc import: ${text}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const kernel = /^(\d+)\.(\d+)/.exec(options.kernel);
    if (kernel === null)
      return problem(`\`--kernel ${options.kernel}\` is not a version`, 'write MAJOR.MINOR, such as 6.12');
    const given = options.capabilities
      .map((name) => name.toLowerCase().replace(/^cap_/, ''))
      .filter((name) => name !== 'none');
    const wrong = given.find((name) => !capabilityNames().includes(name));
    if (wrong !== undefined) {
      const near = nearest(wrong, capabilityNames());
      return problem(
        `unknown capability \`${wrong}\``,
        near === undefined ? 'capabilities(7) lists the names' : `did you mean \`${near}\`?`,
      );
    }
    let content: Uint8Array;
    try {
      content = readFileSync(file);
    } catch (error) {
      terminal.writeError(`polc import: cannot read \`${file}\`: ${failureText(error)}\n`);
      return exitCode.environment;
    }
    const stem = (file.split(/[/\\]/).at(-1) ?? file).replace(/\.json$/, '').replace(/[^A-Za-z0-9._-]/g, '-');
    const imported = importOciSeccomp(file, content, {
      name: options.name ?? stem,
      architecture: architectures.find((name) => name === options.architecture) ?? 'x86_64',
      capabilities: options.capabilities.length === 0 ? dockerDefaults : given,
      kernel: { major: Number(kernel[1]), minor: Number(kernel[2]) },
    });
    const { source } = imported;
    terminal.writeError(
      pretty(imported.diagnostics, () => source, { color: terminal.color.error, width: terminal.width }),
    );
    if (imported.text === undefined) return exitCode.policy;
    if (options.out === undefined) {
      terminal.write(imported.text);
      return exitCode.fine;
    }
    if (existsSync(options.out) && !options.force)
      return problem(`\`${options.out}\` is there already`, 'give `--force` to replace it');
    try {
      writeFileSync(options.out, imported.text);
    } catch (error) {
      terminal.writeError(`polc import: cannot write \`${options.out}\`: ${failureText(error)}\n`);
      return exitCode.environment;
    }
    return exitCode.fine;
  },
);
