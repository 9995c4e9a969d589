import { type DataCollector, type DataPiece, dataCollector } from './data.ts';
import { address, type Operation, set } from './operation.ts';
import type { LaunchPlan, LaunchStep, SeccompStep } from './plan.ts';
import { entry, routines } from './routines.ts';
import { execute, findCommand } from './steps/command.ts';
import { capabilities, resourceLimits } from './steps/credentials.ts';
import { closeDescriptors, cpuAffinity, joinCgroup, loopbackUp, namespaces, privateLayers } from './steps/isolation.ts';
import { landlock } from './steps/landlock.ts';
import { noNewPrivileges, seccomp } from './steps/seccomp.ts';
import { parent, report, supervise } from './steps/supervise.ts';
import { stackSize } from './variables.ts';

/** How a failure names the step. */
export const stepNames: Readonly<Record<LaunchStep['kind'], string>> = {
  'close-descriptors': 'close descriptors',
  'join-cgroup': 'cgroup',
  'cpu-affinity': 'cpu affinity',
  namespaces: 'namespaces',
  'loopback-up': 'loopback',
  'private-layers': 'private layer',
  supervise: 'supervise',
  'no-new-privileges': 'no_new_privs',
  landlock: 'landlock',
  capabilities: 'capabilities',
  'resource-limits': 'resource limit',
  'find-command': 'command',
  report: 'supervisor',
  seccomp: 'seccomp',
  exec: 'exec',
};

/** What a launcher does, and the data that it refers to. */
export interface Program {
  readonly operations: readonly Operation[];
  readonly pieces: readonly DataPiece[];
}

/** What programs of the same steps have in common, whatever their filters. */
interface Frame {
  readonly steps: readonly LaunchStep[];
  readonly stack: number;
  readonly cookie: boolean;
  /** From the first operation to the filter's step, and from there on. */
  readonly before: readonly Operation[];
  readonly after: readonly Operation[];
  readonly pieces: readonly DataPiece[];
}

/**
 * Gives the whole program of a plan: its steps in order, then the failure routine. A step leaves `what` as it found it: 0.
 * What one plan has in common with the plan before it, the launcher of another machine's, is written once.
 */
export function programmer(): (plan: LaunchPlan) => Program {
  let frame: Frame | undefined;
  return ({ steps }) => {
    const filter = steps.find((step) => step.kind === 'seccomp');
    const cookie = filter !== undefined && filter.relocations.length > 0;
    const stack = stackSize(cookie ? filter.filter.length : 0);
    if (frame === undefined || frame.cookie !== cookie || frame.stack !== stack || !areAlike(frame.steps, steps)) {
      frame = frameOf(steps, cookie, stack);
    }
    if (filter === undefined) return { operations: [...frame.before, ...frame.after], pieces: frame.pieces };
    const data = dataCollector('filter');
    const own = [...beginning(filter, data), ...seccomp(filter, data)];
    return { operations: [...frame.before, ...own, ...frame.after], pieces: [...frame.pieces, ...data.pieces] };
  };
}

function areAlike(left: readonly LaunchStep[], right: readonly LaunchStep[]): boolean {
  return (
    left.length === right.length &&
    left.every((step, index) => step === right[index] || (step.kind === 'seccomp' && right[index]!.kind === 'seccomp'))
  );
}

/** Says which step is running. */
function beginning({ kind, rules }: LaunchStep, data: DataCollector): readonly Operation[] {
  const name = stepNames[kind];
  return [{ kind: 'heading', text: name, rules }, set('step', address(data.text(name)))];
}

function frameOf(steps: readonly LaunchStep[], cookie: boolean, stack: number): Frame {
  const data = dataCollector('data');
  const parents = steps.filter((step) => step.kind === 'supervise').length;
  const bound = steps.some((step) => step.kind === 'supervise' && step.bound !== undefined);
  let forks = 0;
  const operationsOf = (step: Exclude<LaunchStep, SeccompStep>): readonly Operation[] => {
    switch (step.kind) {
      case 'close-descriptors':
        return closeDescriptors(step.handed);
      case 'join-cgroup':
        return joinCgroup(step.directories, data);
      case 'cpu-affinity':
        return cpuAffinity(step.cpus, data);
      case 'namespaces':
        return namespaces(step.kinds, data);
      case 'loopback-up':
        return loopbackUp(data);
      case 'private-layers':
        return privateLayers(step.layers, data);
      case 'supervise': {
        const index = forks++;
        return supervise({ step, index, last: index === parents - 1, bound }, data);
      }
      case 'no-new-privileges':
        return noNewPrivileges();
      case 'landlock':
        return landlock(step, data);
      case 'capabilities':
        return capabilities(step.keep, data);
      case 'resource-limits':
        return resourceLimits(step.limits, data);
      case 'find-command':
        return findCommand(data);
      case 'report':
        return report(data);
      case 'exec':
        return execute(cookie);
      default: {
        const unreachable: never = step;
        return unreachable;
      }
    }
  };
  const before = [...entry(data, cookie, stack)];
  const after: Operation[] = [];
  let part = before;
  let writesFiles = false;
  for (const step of steps) {
    if (step.kind === 'seccomp') {
      part = after;
      continue;
    }
    part.push(...beginning(step, data));
    for (const operation of operationsOf(step)) {
      if (operation.kind === 'call' && operation.to === 'write-file') writesFiles = true;
      part.push(operation);
    }
  }
  if (parents > 0) after.push(...parent(cookie, bound, data));
  after.push(...routines(data, cookie, writesFiles));
  return { steps, stack, cookie, before, after, pieces: data.pieces };
}
