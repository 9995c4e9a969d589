import { type DataPiece, dataCollector } from './data.ts';
import { address, type Operation, set } from './operation.ts';
import type { LaunchPlan, LaunchStep, SeccompStep } from './plan.ts';
import { entry, routines } from './routines.ts';
import { execute, findCommand } from './steps/command.ts';
import { capabilities, resourceLimits } from './steps/credentials.ts';
import { closeDescriptors, cpuAffinity, joinCgroup, loopbackUp, namespaces, privateLayers } from './steps/isolation.ts';
import { landlock } from './steps/landlock.ts';
import { noNewPrivileges, seccomp } from './steps/seccomp.ts';
import { parent, supervise } from './steps/supervise.ts';
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
  seccomp: 'seccomp',
  exec: 'exec',
};

/** What a launcher does, and the data that it refers to. */
export interface Program {
  readonly operations: readonly Operation[];
  readonly pieces: readonly DataPiece[];
}

/** The whole program of a plan: its steps in order, then the failure routine. A step leaves `what` as it found it: 0. */
export function launchProgram(plan: LaunchPlan): Program {
  const data = dataCollector();
  const filter = plan.steps.find((step) => step.kind === 'seccomp');
  const cookie = wantsCookie(filter);
  const parents = plan.steps.filter((step) => step.kind === 'supervise').length;
  let forks = 0;
  const operationsOf = (step: LaunchStep): readonly Operation[] => {
    switch (step.kind) {
      case 'close-descriptors':
        return closeDescriptors();
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
        return supervise({ step, index, last: index === parents - 1 }, data);
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
      case 'seccomp':
        return seccomp(step, data);
      case 'exec':
        return execute(cookie);
      default: {
        const unreachable: never = step;
        return unreachable;
      }
    }
  };
  const operations = [...entry(data, cookie, stackSize(cookie ? filter!.filter.length : 0))];
  let writesFiles = false;
  for (const step of plan.steps) {
    const name = stepNames[step.kind];
    operations.push({ kind: 'heading', text: name, rules: step.rules }, set('step', address(data.text(name))));
    for (const operation of operationsOf(step)) {
      if (operation.kind === 'call' && operation.to === 'write-file') writesFiles = true;
      operations.push(operation);
    }
  }
  if (parents > 0) operations.push(...parent(cookie, data));
  operations.push(...routines(data, cookie, writesFiles));
  return { operations, pieces: data.pieces };
}

function wantsCookie(filter: SeccompStep | undefined): boolean {
  return filter !== undefined && filter.relocations.length > 0;
}
