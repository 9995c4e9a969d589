import { type Decision, decisionAt, idsOf, type Policy } from '../../ir/policy.ts';
import { nodeIdentity } from '../../memory/identity.ts';
import { type Memory, Remembered } from '../../memory/remembered.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Target } from '../../target.ts';
import { compileSyscallDecision } from '../seccomp/compile.ts';
import { encodeInstructions } from '../seccomp/instruction.ts';
import type { Relocation } from '../seccomp/relocations.ts';
import { supervisedDecision } from '../seccomp/supervised.ts';
import { withExecAsked, withExecPermitted } from './exec-permission.ts';
import type { ExecPermission, LaunchStep, Machine } from './plan.ts';

/** The architectures whose calls a kernel of the machine can be given, and which one filter there must serve. */
const families: Readonly<Record<Machine, readonly Architecture[]>> = {
  x86_64: ['x86_64', 'x86', 'x32'],
  aarch64: ['aarch64', 'arm'],
};

/** A filter for one machine, before its cookie is patched. */
interface Filter {
  readonly bytes: Uint8Array;
  readonly relocations: readonly Relocation[];
  readonly exec: ExecPermission;
}

const remembered = new Remembered<Filter>();

/** The steps of a filter, and how the launcher is allowed to exec behind it. */
interface Filtering {
  readonly steps: readonly LaunchStep[];
  readonly exec: ExecPermission;
}

/** The step of the policy's own filter, if it has one. */
export function filterSteps(policy: Policy, target: Target, machine: Machine, memory: Memory | undefined): Filtering {
  const syscalls = decisionAt(policy, 'syscall');
  if (syscalls === undefined) return { steps: [], exec: 'no-filter' };
  const served = servedBy(machine, target);
  const make = () => filterOf(syscalls, machine, served, target.weights);
  const { bytes, relocations, exec } =
    memory === undefined
      ? make()
      : remembered.recall(
          memory,
          [machine, ...served, target.weights, nodeIdentity(memory, syscalls).key].join(),
          make,
        );
  return { steps: [{ kind: 'seccomp', filter: bytes, relocations, flags: 0, rules: idsOf(syscalls) }], exec };
}

/** The architectures whose calls the filter of a machine's launcher decides. */
export function servedBy(machine: Machine, { architectures }: Target): readonly Architecture[] {
  return families[machine].filter((architecture) => architectures.includes(architecture));
}

/** SECCOMP_FILTER_FLAG_NEW_LISTENER, Linux 5.0. */
const newListener = 8;
/** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19: what is being decided is not interrupted by signals and asked again. */
const waitKillable = 32;

/** The step of the filter that asks who started the launcher wherever the policy's levels differ. */
export function supervisedSteps(policy: Policy, target: Target, machine: Machine): Filtering {
  const served = servedBy(machine, target);
  const syscalls = supervisedDecision(policy, served);
  const { decision, exec } = withExecAsked(syscalls, machine);
  const { bytes, relocations } = compiled(decision, served, target.weights);
  const { major, minor } = target.kernel;
  const flags = newListener | (major > 5 || (major === 5 && minor >= 19) ? waitKillable : 0);
  const rules = [...(decisionAt(policy, 'syscall')?.rules ?? []).map(({ id }) => id), syscalls.otherwise.id];
  return { steps: [{ kind: 'seccomp', filter: bytes, relocations, flags, rules }], exec };
}

function filterOf(
  syscalls: Decision,
  machine: Machine,
  served: readonly Architecture[],
  weights: Target['weights'],
): Filter {
  const { decision, exec } = withExecPermitted(syscalls, machine);
  return { ...compiled(decision, served, weights), exec };
}

function compiled(
  decision: Decision,
  served: readonly Architecture[],
  weights: Target['weights'],
): Pick<Filter, 'bytes' | 'relocations'> {
  const program = compileSyscallDecision(decision, served, { weights, parameters: placeholders });
  return { bytes: encodeInstructions(program.instructions), relocations: program.relocations };
}

/** Until it is patched, a cookie is a value that no register holds by accident. */
const placeholders = { cookie0: 0xffff_ffff_ffff_ffffn, cookie1: 0xffff_ffff_ffff_ffffn };
