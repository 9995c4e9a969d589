import type { Lack } from '../../runtime/hook-programs/support.ts';
import { type Trial, tryProgram } from '../../runtime/hook-programs/trial.ts';
import { auditLack, type NoAudit } from '../../runtime/kernel/audit-log.ts';
import { type Finding, thisMachine } from '../../runtime/kernel/machine-facts.ts';
import { systemCalls } from '../../runtime/kernel/system-calls.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { type Machine, readMachine } from '../machine.ts';
import { summaries } from '../summaries.ts';

export const command = defineCommand(
  {
    name: 'doctor',
    summary: summaries.doctor,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: {
      format: { type: 'choice', choices: ['text', 'json'], default: 'text', doc: 'how to print it' },
    },
    details:
      'Everything is read from /proc and /sys, and whether the machine audits is asked of the kernel; what is inferred says so. Where nothing there speaks against programs of the kernel, one that allows everything is loaded and given up again; it is attached to nothing.',
  },
  async ({ options }, terminal) => {
    const files = thisMachine();
    const read = readMachine(files, await lackOfAudit());
    const trials = {
      hooks: read.hookPrograms.length > 0 ? undefined : await tryProgram('hooks', files),
      sockets: read.socketPrograms.length > 0 ? undefined : await tryProgram('sockets', files),
    };
    const machine = withTrials(read, trials);
    if (options.format === 'json')
      terminal.write(`${JSON.stringify({ ...machine, target: targetOf(machine), trials }, null, 2)}\n`);
    else terminal.write(doctorText(machine, trials));
    return exitCode.fine;
  },
);

/** Why the audit records of this machine are not to be had. */
async function lackOfAudit(): Promise<NoAudit | undefined> {
  const calls = await systemCalls();
  return 'problem' in calls ? calls : auditLack(calls);
}

/** What came of loading a program; absent where what was read speaks against it. */
export interface Trials {
  readonly hooks: Trial | undefined;
  readonly sockets: Trial | undefined;
}

/** What was read, with what was refused among what is lacking. */
export function withTrials(machine: Machine, { hooks, sockets }: Trials): Machine {
  const hookPrograms = hooks?.result === 'refused' ? [...machine.hookPrograms, hooks.lack] : machine.hookPrograms;
  const socketPrograms =
    sockets?.result === 'refused' ? [...machine.socketPrograms, sockets.lack] : machine.socketPrograms;
  return { ...machine, hookPrograms, socketPrograms };
}

/** A row has a mark: enforced here, not to be had here, not known, or a plain fact. */
export function doctorText(machine: Machine, trials: Trials): string {
  const { audit, landlock, seccomp, cgroup, controllers, userNamespaces, bpfLsm, bpfTypes, lockdown } = machine;
  const modules = machine.securityModules;
  const rows = [
    row(' ', 'system', `${machine.platform} ${machine.release} on ${machine.architecture}`),
    row(mark(seccomp.value.length > 0), 'seccomp', seccomp.value.join(' '), seccomp),
    row(mark(landlock.value > 0), 'landlock', landlock.value > 0 ? `ABI ${landlock.value}` : '', landlock),
    row(mark(cgroup.value !== 'none'), 'cgroup', cgroup.value === 'none' ? '' : cgroup.value, cgroup),
    row(mark(controllers.value.length > 0), 'controllers', controllers.value.join(' '), controllers),
    row(
      mark(userNamespaces.value),
      'user namespaces',
      userNamespaces.value ? 'for ordinary users' : '',
      userNamespaces,
    ),
    row(mark(bpfLsm.value), 'BPF-LSM', bpfLsm.value ? 'active' : '', bpfLsm),
    row(mark(bpfTypes.value), 'BPF types', bpfTypes.value ? 'there' : '', bpfTypes),
    row(' ', 'security modules', modules.value?.join(' ') ?? '', modules),
    row(mark(audit.value), 'audit', audit.value ? 'tells what Landlock refuses' : '', audit),
    row(' ', 'lockdown', lockdown.value ?? '', lockdown),
    programsRow('hook programs', machine.hookPrograms, trials.hooks),
    programsRow('socket programs', machine.socketPrograms, trials.sockets),
  ];
  const lacking = new Map(
    [...machine.hookPrograms, ...machine.socketPrograms].map(({ what, help }) => [what, `  ${what}\n    ${help}\n`]),
  );
  const programs =
    lacking.size === 0 ? '' : `\nwhat keeps programs out of the kernel\n\n${[...lacking.values()].join('')}`;
  const target = targetOf(machine)
    .map((pair) => ` --target ${pair}`)
    .join('');
  const advice = target === '' ? 'nothing of this is enforced outside Linux' : `to build for it: polc build${target}`;
  return `what this machine can enforce\n\n${rows.join('\n')}\n${programs}\n${advice}\n`;
}

/** The options of `polc build` that describe this machine. */
function targetOf({ kernel, landlock, cgroup, architecture: name }: Machine): readonly string[] {
  if (kernel === undefined) return [];
  const cgroups = cgroup.value === 'none' ? [] : [`cgroup=${cgroup.value}`];
  return [`architectures=${name}`, `kernel=${kernel.major}.${kernel.minor}`, `landlock=${landlock.value}`, ...cgroups];
}

function programsRow(name: string, found: readonly Lack[], trial: Trial | undefined): string {
  if (found.length > 0) return row('✘', name, '');
  if (trial?.result === 'loaded') return row('✔', name, 'can be loaded: one was');
  const why = trial?.result === 'untried' ? `: ${trial.why}` : '';
  return row('?', name, `nothing was found that speaks against them, and none was tried${why}`);
}

function mark(good: boolean): string {
  return good ? '✔' : '✘';
}

/** Where a value comes from is said when it was inferred, or when there is none. */
function row(sign: string, name: string, value: string, finding?: Finding<unknown>): string {
  const from =
    finding === undefined ? '' : finding.inferred ? `inferred: ${finding.from}` : value === '' ? finding.from : '';
  const text = [value === '' ? 'none' : value, from === '' ? '' : `(${from})`].filter((part) => part !== '').join(' ');
  return `${sign} ${name.padEnd(17)} ${text}`;
}
