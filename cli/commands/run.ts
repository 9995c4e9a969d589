import { compileSandbox, nameSandbox } from '../build/compile-file.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { formats, isFormat, printDiagnostics } from '../output.ts';
import { compileOptionsOf, findProject, targetOf } from '../project.ts';
import { report } from '../report.ts';
import { eventLines, eventsOption } from '../sandbox/event-lines.ts';
import { summaries } from '../summaries.ts';
import type { Terminal } from '../terminal.ts';

export const command = defineCommand(
  {
    name: 'run',
    summary: summaries.run,
    operands: 'POLICY -- COMMAND [ARGUMENT]...',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      format: { type: 'choice', choices: formats, doc: 'how to print diagnostics', default: 'pretty' },
      'no-cgroup': {
        type: 'flag',
        doc: 'start the command all the same where no control group can be made for memory, cpu and pids',
      },
      ...eventsOption,
      quiet: { type: 'flag', doc: 'print no warnings and hints', short: 'q' },
    },
    details:
      'A program for WASI, whose name ends in `.wasm`, runs with the policy compiled into it, on any system. Ends with the exit code of the command, 124 when its time is up or its fuel used up, 125 when the sandbox cannot be set up, 126 when the command cannot be executed, 127 when it is not found, and 134 when a program for WASI ends with a trap.',
    examples: [
      'polc run web.yaml -- python3 -m http.server',
      'polc run strict.yaml -- /usr/bin/env',
      'polc run tool.yaml -- tool.wasm --verbose',
    ],
  },
  async ({ options, operands, rest }, terminal) => {
    const say = (line: string) => terminal.writeError(`polc run: ${line}\n`);
    if (rest === undefined || rest.length === 0) {
      say('there is no command');
      terminal.writeError('  = help: write it after `--`: polc run POLICY -- COMMAND [ARGUMENT]...\n');
      return exitCode.usage;
    }
    const [program = ''] = rest;
    if (program.endsWith('.wasm')) return runWasm(operands[0] ?? '', rest, options, terminal);
    if (process.platform !== 'linux') return refuseElsewhere(operands[0] ?? '', program, options.format, terminal);
    const { localMachine } = await import('../../runtime/sandbox/machine.ts');
    const { launch, setUpFailed } = await import('../../runtime/sandbox/launch.ts');
    const machine = localMachine();
    if ('problem' in machine) {
      say(machine.problem);
      return setUpFailed;
    }
    const format = isFormat(options.format) ? options.format : 'pretty';
    const project = await findProject();
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], format, terminal);
      return setUpFailed;
    }
    // What there is here the machine says; whether programs of the kernel are wanted for what Landlock cannot say, the project.
    const { bpfLsm } = targetOf(project);
    const local = { ...machine, target: { ...machine.target, bpfLsm } };
    const warn = options.quiet ? () => {} : say;
    if (!options.quiet && project.diagnostics.length > 0)
      await printDiagnostics(project.diagnostics, [], format, terminal);
    const events = eventLines(options.events, (text) => terminal.writeError(text), say);
    if ('problem' in events) {
      say(events.problem);
      return setUpFailed;
    }
    const code = await launch({
      compile(launcher, accept) {
        const compilation = compileSandbox(operands[0] ?? '', project, {
          target: local.target,
          backends: launcher.backends,
          accept: [...(compileOptionsOf(project).accept ?? []), ...accept],
          maximumMilliseconds: 0,
        });
        if (!('problem' in compilation)) return compilation;
        say(compilation.problem);
        say(`help: ${compilation.help ?? nameSandbox}`);
        return undefined;
      },
      async show({ diagnostics, coverage }) {
        const shown = diagnostics.filter(({ severity }) => severity === 'error' || !options.quiet);
        if (shown.length > 0) await printDiagnostics(shown, [], format, terminal);
        const accepted = coverage.filter(({ accepted }) => accepted !== undefined);
        const lines = accepted.map(
          ({ topic, status, accepted }) =>
            `${topic} is ${status === 'partial' ? 'only partly' : 'not'} enforced here, which is accepted: ${accepted}`,
        );
        for (const line of new Set(lines)) warn(line);
        if (diagnostics.some(({ code, message }) => code === 'POL6001' && message.startsWith('`runtime`')))
          say('help: the policy is for a program for WASI, whose name ends in `.wasm`');
      },
      local,
      command: rest,
      groupOptional: options['no-cgroup'],
      record: events.write,
      say,
      warn,
    });
    events.end();
    return code;
  },
);

/** No other kernel holds a program of its system to a policy. */
async function refuseElsewhere(policy: string, program: string, format: string, terminal: Terminal): Promise<number> {
  const { ends } = await import('../wasm/run-guest.ts');
  const finding = report('POL8413', { file: policy, start: 0, end: 0 }, { program, system: process.platform });
  await printDiagnostics([finding], [policy], isFormat(format) ? format : 'pretty', terminal);
  return ends.setUpFailed;
}

/** A program for WASI runs with the policy compiled into it, on any machine. */
async function runWasm(
  policy: string,
  command: readonly string[],
  options: { readonly format: string; readonly quiet: boolean },
  terminal: Terminal,
): Promise<number> {
  const { runGuestProgram, ends } = await import('../wasm/run-guest.ts');
  const say = (line: string) => terminal.writeError(`polc run: ${line}\n`);
  const format = isFormat(options.format) ? options.format : 'pretty';
  const project = await findProject();
  if (!project.ok) {
    await printDiagnostics(project.diagnostics, [], format, terminal);
    return ends.setUpFailed;
  }
  return runGuestProgram({
    policy,
    command,
    project,
    say,
    warn: options.quiet ? () => {} : say,
    async show(diagnostics) {
      const shown = diagnostics.filter(({ severity }) => severity === 'error' || !options.quiet);
      if (shown.length > 0) await printDiagnostics(shown, [], format, terminal);
    },
  });
}
