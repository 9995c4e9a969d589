import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { hold, holdPinned } from '../../../runtime/hook-programs/hold.ts';
import { allPinned, pinnedName } from '../../../runtime/hook-programs/pinned.ts';
import { isProgramGroup, unifiedMount } from '../../../runtime/hook-programs/program-group.ts';
import { isRefusal } from '../../../runtime/hook-programs/refusal.ts';
import { localMachine } from '../../../runtime/sandbox/machine.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { formats, isFormat, printDiagnostics } from '../../output.ts';
import { findProject } from '../../project.ts';
import { eventLines, eventsOption } from '../../sandbox/event-lines.ts';
import { readPrograms } from '../../sandbox/read-programs.ts';
import { refusalDiagnostic } from '../../sandbox/refusal-diagnostic.ts';
import { untilEnded } from '../../sandbox/until-ended.ts';
import { sandboxSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'sandbox load',
    summary: sandboxSummaries.load,
    operands: 'POLICY',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      pin: {
        type: 'text',
        value: 'NAME',
        doc: 'leave them in force under this name, until `polc sandbox unload NAME`',
      },
      cgroup: {
        type: 'text',
        value: 'FOLDER',
        doc: 'the control group (version 2) to hold; default: one that is made for them',
        completes: 'folders',
      },
      ...eventsOption,
      format: { type: 'choice', choices: formats, doc: 'how to print diagnostics', default: 'pretty' },
      quiet: { type: 'flag', doc: 'print no warnings and hints', short: 'q' },
    },
    details:
      'POLICY is a policy, a hook program, the folder of a bundle or its object (`.bpf.o`). Only what is decided at hooks, and of the addresses of sockets where programs were built for that, is in force: for the whole policy start a program with `polc run`. Without `--pin` it stays, prints what the programs record, and takes them back when it is ended; however polc ends, they end with it.',
    examples: ['polc sandbox load web.yaml', 'polc sandbox load web.yaml --pin web --cgroup /sys/fs/cgroup/web'],
  },
  async ({ options, operands: [word = ''] }, terminal) => {
    const say = (problem: string, help: string) =>
      terminal.writeError(`polc sandbox load: ${problem}\n  = help: ${help}\n`);
    const { pin } = options;
    if (pin !== undefined && !pinnedName.test(pin)) {
      say(`\`${pin}\` is no name for a pin`, 'use letters, digits, `_` and `-`, at most 63');
      return exitCode.usage;
    }
    if (pin !== undefined && allPinned().some(({ name }) => name === pin)) {
      say(`\`${pin}\` is loaded`, `take it back first: \`polc sandbox unload ${pin}\``);
      return exitCode.usage;
    }
    const cgroup = options.cgroup === undefined ? undefined : resolve(options.cgroup);
    if (cgroup !== undefined && !isProgramGroup(cgroup)) {
      const mount = unifiedMount();
      say(
        existsSync(cgroup) ? `${cgroup} is no control group of version 2` : `${cgroup} does not exist`,
        mount === undefined
          ? 'no control groups of version 2 are mounted here'
          : `name a folder below ${mount}, where cgroup2 is mounted; \`mkdir\` makes one`,
      );
      return exitCode.usage;
    }
    const local = localMachine();
    if ('problem' in local) {
      say(local.problem, 'load programs on the machine that they are for');
      return exitCode.environment;
    }
    const format = isFormat(options.format) ? options.format : 'pretty';
    const project = await findProject();
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], format, terminal);
      return exitCode.policy;
    }
    const read = readPrograms(word, project, local);
    if ('problem' in read) {
      say(read.problem, read.help);
      return exitCode[read.by];
    }
    const shown = read.diagnostics.filter(({ severity }) => severity === 'error' || !options.quiet);
    if (shown.length > 0) await printDiagnostics(shown, [], format, terminal);
    if ('by' in read) return read.by === 'policy' ? exitCode.policy : exitCode.environment;
    const { hash, policy, programs } = read;
    if (read.staysInLevel === true && !options.quiet) {
      say(
        'only the programs of the level that the policy starts in are loaded, and they stay',
        'levels are moved by `polc run`, which watches the program',
      );
    }
    const request = { programs, policy, ...(cgroup === undefined ? {} : { cgroup: realpathSync(cgroup) }) };
    if (pin !== undefined) {
      const pinned = await holdPinned({ ...request, name: pin, file: resolve(word), hash });
      if (isRefusal(pinned)) {
        await printDiagnostics([refusalDiagnostic(pinned, word, read.at)], [], format, terminal);
        return exitCode.environment;
      }
      if (!options.quiet) terminal.writeError(`${policy} is in force as \`${pin}\` for ${pinned.cgroup}\n`);
      return exitCode.fine;
    }
    const events = eventLines(
      options.events,
      (text) => terminal.write(text),
      (line) => terminal.writeError(`polc sandbox load: ${line}\n`),
    );
    if ('problem' in events) {
      say(events.problem, 'choose another file with `--events`');
      return exitCode.environment;
    }
    const refused = new AbortController();
    const ended = untilEnded(refused.signal);
    // Whatever comes of it: what waits for the end keeps this process.
    const held = await hold(request, events.write).catch((error: unknown) => {
      refused.abort();
      throw error;
    });
    if (isRefusal(held)) {
      refused.abort();
      await printDiagnostics([refusalDiagnostic(held, word, read.at)], [], format, terminal);
      return exitCode.environment;
    }
    if (!options.quiet) {
      terminal.writeError(`${policy} is in force for ${held.cgroup}, until polc is ended (Ctrl+C)\n`);
      terminal.writeError(`  = help: put a process into it: echo PID > ${held.cgroup}/cgroup.procs\n`);
    }
    await ended;
    if (!(await held.end())) terminal.writeError(`${held.cgroup} still holds processes and was left\n`);
    events.end();
    return exitCode.fine;
  },
);
