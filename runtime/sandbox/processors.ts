import { readdirSync, readFileSync } from 'node:fs';
import type { Policy } from '../../compiler/ir/policy.ts';

/** What the machine tells of its processors. Lists are ascending. */
export interface Processors {
  /** Those that exist and are switched on. */
  readonly online: readonly number[];
  /** Those that this process, and so what it starts, may run on. */
  readonly allowed: readonly number[];
  /** The processors of each NUMA node, in the order of the nodes; empty where the kernel tells of none. */
  readonly nodes: readonly (readonly number[])[];
}

/** What `performance.cpu_affinity` means on this machine. */
export interface Affinity {
  /** The processors of the node that `numa-aware` stands for; absent where it was not asked for, or there are no nodes. */
  readonly node?: readonly number[];
  /** Why the processors that are asked for cannot be had; one line. */
  readonly problem?: string;
}

/** Reads this machine only where the policy asks for processors. */
export function affinityHere(policy: Policy, read: () => Processors = readProcessors): Affinity {
  const asked = policy.obligations.find(
    (obligation) => obligation.kind === 'run-with' && obligation.setting === 'cpu-affinity',
  );
  if (asked?.kind !== 'run-with') return {};
  const machine = read();
  if (asked.value === 'numa-aware') {
    const node = chooseNode(machine);
    return node === undefined ? {} : { node };
  }
  // The kernel takes what it has of a mask and passes over the rest (sched_setaffinity(2)), so that the rest is said here.
  for (const processor of asked.value.split(',').map(Number)) {
    if (!machine.online.includes(processor)) {
      return { problem: `there is no processor ${processor} here, only ${listed(machine.online)} (${asked.topic})` };
    }
    if (!machine.allowed.includes(processor)) {
      return {
        problem: `processor ${processor} is not of those that polc itself may run on, ${listed(machine.allowed)} (${asked.topic})`,
      };
    }
  }
  return {};
}

/** Of each node what is online and allowed; the largest of these, the first of equals. */
function chooseNode({ online, allowed, nodes }: Processors): readonly number[] | undefined {
  const usable = nodes.map((node) => node.filter((each) => online.includes(each) && allowed.includes(each)));
  const most = Math.max(0, ...usable.map((node) => node.length));
  return most === 0 ? undefined : usable.find((node) => node.length === most);
}

const nodeFolder = '/sys/devices/system/node';

function readProcessors(): Processors {
  const status = /^Cpus_allowed_list:\s*(\S*)$/m.exec(textOf('/proc/self/status'));
  const allowed = processorsIn(status?.[1] ?? '');
  // Without /sys, as in some containers, what may be used is all that is known.
  const online = processorsIn(textOf('/sys/devices/system/cpu/online'));
  const nodes = namesIn(nodeFolder)
    .flatMap((name) => (/^node\d+$/.test(name) ? [Number(name.slice(4))] : []))
    .sort((left, right) => left - right)
    .map((node) => processorsIn(textOf(`${nodeFolder}/node${node}/cpulist`)));
  return { online: online.length === 0 ? allowed : online, allowed, nodes };
}

/** The kernel's form of lists of processors: `0-3,8` (cpuset(7), "List format"). */
export function processorsIn(list: string): readonly number[] {
  return list
    .trim()
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number);
      if (from === undefined || to === undefined) return [];
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
}

/** The other way round, for people. */
function listed(processors: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const processor of processors) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === processor - 1) last[1] = processor;
    else ranges.push([processor, processor]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
