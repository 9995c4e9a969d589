import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { shellWord } from '../../compiler/shell-word.ts';
import { decode } from '../../compiler/source/decode.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { amendPolicy } from '../../compiler/trace/amend-policy.ts';
import { newPolicy } from '../../compiler/trace/new-policy.ts';
import type { Observations } from '../../compiler/trace/observations.ts';
import { replaceFile } from '../../runtime/replace-file.ts';
import { type LocalMachine, localMachine } from '../../runtime/sandbox/machine.ts';
import { readTraceFile, traceCommand } from '../../runtime/sandbox/trace.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { printDiagnostics } from '../output.ts';
import { compileOptionsOf, findProject } from '../project.ts';
import { summaries } from '../summaries.ts';
import type { Terminal } from '../terminal.ts';
import { comparisonLines, limitsOf, seenLine } from '../trace/report.ts';
import { workspaceHost } from '../workspace-host.ts';

export const command = defineCommand(
  {
    name: 'trace',
    summary: summaries.trace,
    operands: '-- COMMAND [ARGUMENT]...',
    operandCount: { least: 0, most: 0 },
    options: {
      policy: {
        type: 'text',
        value: 'FILE',
        doc: 'print what this policy would need besides, as a diff, instead of a new policy',
        short: 'p',
        completes: 'files',
      },
      write: { type: 'flag', doc: 'with --policy: change the policy by that diff', short: 'w' },
      'exit-code': { type: 'flag', doc: 'with --policy: exit with 4 where it does not allow all that was seen' },
      out: {
        type: 'text',
        value: 'FILE',
        doc: 'where to write the new policy; default: standard output, and that of the command is standard error then',
        short: 'o',
        completes: 'files',
      },
      name: { type: 'text', value: 'NAME', doc: 'the name of the new policy; default: that of the program' },
      from: {
        type: 'text',
        value: 'FILE',
        doc: 'read what `strace -f -yy -o FILE` wrote, instead of running a command',
        completes: 'files',
      },
      force: { type: 'flag', doc: 'replace the output file if it is there', short: 'f' },
    },
    details:
      'The command runs as it would without polc: nothing is refused. Each line of the policy says how often it was needed and by which call first. What the run did not do is not in it; give each further run `--policy FILE --write`.',
    examples: [
      'polc trace -o backup.yaml -- ./backup.sh --dry-run',
      'polc trace --policy backup.yaml --write -- ./backup.sh',
      'polc trace --policy backup.yaml --exit-code -- make test',
    ],
  },
  async ({ options, rest = [] }, terminal) => {
    const say = (line: string) => terminal.writeError(`polc trace: ${line}\n`);
    const wrong = (text: string, help: string) => {
      terminal.writeError(`polc trace: ${text}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const { policy: file, out, from } = options;
    if (from === undefined && rest.length === 0)
      return wrong('there is no command', 'write it after `--`: polc trace -- COMMAND [ARGUMENT]...');
    if (from !== undefined && rest.length > 0)
      return wrong('there is a command as well as `--from`', 'leave one of them out');
    if (file === undefined && (options.write || options['exit-code']))
      return wrong('`--write` and `--exit-code` speak of a policy', 'name it by `--policy FILE`');
    if (file !== undefined && (out !== undefined || options.name !== undefined))
      return wrong('`--out` and `--name` are for a new policy', 'leave out `--policy`, or write it with `--write`');
    if (options.name !== undefined && !/^[A-Za-z0-9._-]{1,64}$/.test(options.name))
      return wrong(`\`${options.name}\` is no name of a policy`, 'use at most 64 letters, digits, `.`, `_` and `-`');
    if (out !== undefined && existsSync(out) && !options.force)
      return wrong(`\`${out}\` is there already`, 'give `--force` to replace it, or `--policy` to add to it');
    const local = localMachine();
    if ('problem' in local) {
      say(local.problem);
      return exitCode.environment;
    }
    // Before a run that may be long: a policy that cannot be added to is found out first.
    const subject = file === undefined ? undefined : await readPolicy(file, local, terminal);
    if (typeof subject === 'number') return subject;

    let observations: Observations;
    try {
      if (from !== undefined) observations = await readTraceFile(from);
      else {
        const traced = await traceCommand({ command: rest, output: out === undefined && !options.write ? 2 : 1 });
        if ('problem' in traced) {
          terminal.writeError(`polc trace: ${traced.problem}\n  = help: ${traced.help}\n`);
          return exitCode.environment;
        }
        observations = traced.observations;
        if (traced.code !== 0) say(`the command ended with ${traced.code}; what it did before is in the policy`);
      }
    } catch (error) {
      say(`cannot read ${from === undefined ? 'what strace wrote' : `\`${from}\``}: ${failureText(error)}`);
      return exitCode.environment;
    }
    if (observations.calls.size === 0) {
      say(`there are no system calls in \`${from ?? ''}\``);
      terminal.writeError('  = help: give what `strace -f -yy -o FILE -- COMMAND` wrote\n');
      return exitCode.environment;
    }
    // What was traced elsewhere is not here to be looked for.
    const exists = from === undefined ? existsSync : () => true;
    const asRoot = from === undefined && process.getuid?.() === 0;
    say(seenLine(observations));
    for (const line of limitsOf(observations, asRoot)) say(`not seen: ${line}`);

    try {
      if (subject === undefined) {
        const name =
          options.name ??
          basename(rest[0] ?? from ?? 'traced')
            .replace(/[^A-Za-z0-9._-]/g, '-')
            .slice(0, 64);
        const text = newPolicy(observations, {
          name,
          architecture: local.machine,
          command: from === undefined ? shellWords(rest) : `the trace in ${from}`,
          asRoot,
          exists,
        });
        if (out === undefined) terminal.write(text);
        else replaceFile(out, text);
        return exitCode.fine;
      }
      const amendment = amendPolicy(observations, { ...subject, exists });
      if (amendment === undefined) {
        say(
          `\`${subject.source.path}\` cannot be added to: a list on the way lies in braces, has comments inside brackets, or is an alias`,
        );
        terminal.writeError('  = help: write `allow` and `paths` as lists with a line for each item\n');
        return exitCode.policy;
      }
      for (const line of comparisonLines(amendment, subject.source)) {
        if (line.startsWith(' ')) terminal.writeError(`${line}\n`);
        else say(line);
      }
      const same = amendment.text === subject.source.text;
      if (!same && options.write) replaceFile(subject.source.path, amendment.text);
      else if (!same) {
        const { createTwoFilesPatch } = await import('diff');
        const { path } = subject.source;
        const { text } = subject.source;
        const patch = createTwoFilesPatch(path, path, text, amendment.text, undefined, undefined, { context: 2 });
        terminal.write(patch.slice(patch.indexOf('--- ')));
      }
      const { refused } = amendment.before;
      const all = same && refused.length === 0 && amendment.after.sockets.length === 0;
      return options['exit-code'] && !all ? exitCode.refused : exitCode.fine;
    } catch (error) {
      say(`cannot write \`${out ?? subject?.source.path ?? ''}\`: ${failureText(error)}`);
      return exitCode.environment;
    }
  },
);

/** The policy to be held against the trace; an exit code where it has errors. */
async function readPolicy(file: string, local: LocalMachine, terminal: Terminal) {
  const project = await findProject();
  let content: Uint8Array;
  try {
    content = readFileSync(file);
  } catch (error) {
    terminal.writeError(`polc trace: cannot read \`${file}\`: ${failureText(error)}\n`);
    return exitCode.environment;
  }
  const { source, diagnostic } = decode(file, content);
  // No backend is asked, so that what none enforces is no error here.
  const isSound = ({ severity, code }: Diagnostic) => severity !== 'error' || code.startsWith('POL6');
  const lowerOf = (text: string) =>
    compile(file, text, workspaceHost(), {
      ...compileOptionsOf(project),
      target: local.target,
      emit: [],
      maximumMilliseconds: 0,
      ...(project.folder === undefined ? {} : { workspace: project.folder }),
    });
  const compilation = lowerOf(source.text);
  if (compilation.dialect !== undefined && compilation.dialect !== 'sandbox') {
    terminal.writeError(
      `polc trace: \`${file}\` is a policy of the dialect ${compilation.dialect}\n  = help: name a sandbox policy\n`,
    );
    return exitCode.usage;
  }
  const { root } = parseYaml(source);
  const policy = compilation.lowered;
  if (
    diagnostic !== undefined ||
    !compilation.diagnostics.every(isSound) ||
    policy === undefined ||
    root?.kind !== 'map'
  ) {
    await printDiagnostics(
      diagnostic === undefined ? compilation.diagnostics.filter((one) => !isSound(one)) : [diagnostic],
      [file],
      'pretty',
      terminal,
    );
    return exitCode.policy;
  }
  return {
    source,
    root,
    policy,
    architecture: local.machine,
    isDirectory: (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
    lower(text: string) {
      const { diagnostics, lowered } = lowerOf(text);
      return diagnostics.every(isSound) ? lowered : undefined;
    },
  };
}

/** The command as a shell would take it. */
function shellWords(words: readonly string[]): string {
  return words.map((word) => shellWord(word).replace(/\s+/g, ' ')).join(' ');
}
