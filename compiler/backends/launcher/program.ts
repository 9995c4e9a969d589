import type { DataCollector } from './data.ts';
import { address, type Operation, set } from './operation.ts';
import type { LaunchPlan, LaunchStep } from './plan.ts';
import { entry, routines } from './routines.ts';
import { execute, findCommand } from './steps/command.ts';
import { capabilities, resourceLimits } from './steps/credentials.ts';
import { closeDescriptors, cpuAffinity, joinCgroup, loopbackUp, namespaces, privateLayers } from './steps/isolation.ts';
import { landlock } from './steps/landlock.ts';
import { noNewPrivileges, seccomp } from './steps/seccomp.ts';
import { parent, supervise } from './steps/supervise.ts';

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

/** The whole program of a plan: its steps in order, then the failure routine. */
export function launchProgram(plan: LaunchPlan, data: DataCollector): readonly Operation[] {
  const cookie = plan.steps.some((step) => step.kind === 'seccomp' && step.relocations.length > 0);
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
        return execute();
      default: {
        const unreachable: never = step;
        return unreachable;
      }
    }
  };
  const body = plan.steps.flatMap((step): readonly Operation[] => {
    const name = stepNames[step.kind];
    return [
      { kind: 'heading', text: name, rules: step.rules },
      set('step', address(data.text(name))),
      set('what', 0),
      ...operationsOf(step),
    ];
  });
  const writesFiles = body.some((operation) => operation.kind === 'call' && operation.to === 'write-file');
  const waiting = parents > 0 ? parent(cookie, data) : [];
  return [...entry(data, cookie), ...body, ...waiting, ...routines(data, writesFiles)];
}
