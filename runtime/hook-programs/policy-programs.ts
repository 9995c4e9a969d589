import type { Artifact } from '../../compiler/backends/backend.ts';
import type { BpfManifest } from '../../compiler/backends/bpf-lsm/manifest.ts';
import { Bpf } from '../kernel/bpf.ts';
import { thisMachine } from '../kernel/machine-facts.ts';
import { KernelRefusal, type SystemCalls, systemCalls } from '../kernel/system-calls.ts';
import { type AttachedPrograms, attachObject } from './attach.ts';
import { eventsMap, type FollowedEvents, followEvents, type HookEvent, type RecordSource } from './events.ts';
import { type LoadedObject, loadObject, refusedBy } from './load.ts';
import { isRefusal, type LoadRefusal } from './refusal.ts';
import { lacks } from './support.ts';

/** The object that a policy was compiled to, and what lies beside it. */
export interface PolicyPrograms {
  readonly object: Uint8Array;
  readonly description: BpfManifest;
}

/** The names of the two files in the folder of the backend. */
export const objectName = 'policy.bpf.o';
export const descriptionName = 'policy.bpf.json';

/**
 * Of what a backend has emitted; undefined where it has no program.
 *
 * @param name of the object without its ending: `policy`, or `level-LEVEL` for what a stricter level adds
 */
export function programsOf(artifacts: readonly Artifact[], name = 'policy'): PolicyPrograms | undefined {
  const content = (path: string) => artifacts.find((artifact) => artifact.path === path)?.content;
  const object = content(`${name}.bpf.o`);
  const description = content(`${name}.bpf.json`);
  if (!(object instanceof Uint8Array) || typeof description !== 'string') return undefined;
  return { object, description: JSON.parse(description) as BpfManifest };
}

/** Programs in the kernel that nothing asks yet. */
export interface ReadyPrograms {
  readonly calls: SystemCalls;
  readonly bpf: Bpf;
  readonly loaded: LoadedObject;
  readonly programs: PolicyPrograms;
  close(): void;
}

/** Loads the programs of a policy, or says why not; first what is lacking as far as files tell. */
export async function readyPrograms(programs: PolicyPrograms): Promise<ReadyPrograms | LoadRefusal> {
  const kinds = programs.description.programs.map(({ attach }) => attach);
  const sockets = kinds.some((kind) => kind.startsWith('cgroup_'));
  const hooks = kinds.some((kind) => !kind.startsWith('cgroup_'));
  const [lack] = lacks(thisMachine(), { hooks, sockets });
  if (lack !== undefined) return { by: 'kernel', problem: lack.what, help: lack.help };
  const calls = await systemCalls();
  if ('problem' in calls) return { by: 'kernel', ...calls };
  const bpf = new Bpf(calls);
  const loaded = loadObject(bpf, programs.object, objectName);
  return isRefusal(loaded) ? loaded : { calls, bpf, loaded, programs, close: () => loaded.close() };
}

/** Programs that decide for a cgroup. */
export interface ProgramsInForce {
  /** The descriptors of the links: whoever holds a copy of each holds the programs in force. */
  readonly links: readonly number[];
  /** Detaches them, gives the last records and gives up the descriptors. */
  end(): Promise<void>;
}

/**
 * Puts the programs of objects in force for a cgroup, all or none, and gives their records.
 *
 * @param ready in the order in which they are attached
 * @param cgroup the folder of a cgroup of version 2
 * @param policy its name, for the records
 */
export function enforce(
  ready: readonly ReadyPrograms[],
  cgroup: string,
  policy: string,
  each: (event: HookEvent) => void,
): ProgramsInForce | LoadRefusal {
  const attached: AttachedPrograms[] = [];
  const detach = () => {
    for (const one of attached.splice(0).reverse()) one.detach();
  };
  for (const { bpf, loaded } of ready) {
    const one = attachObject(bpf, loaded, cgroup);
    if (isRefusal(one)) {
      detach();
      return one;
    }
    attached.push(one);
  }
  const sources = ready.flatMap(({ loaded, programs }): readonly RecordSource[] => {
    const map = loaded.maps.get(eventsMap);
    return map === undefined ? [] : [{ map, rules: programs.description.rules }];
  });
  let events: FollowedEvents | undefined;
  try {
    const [first] = ready;
    if (first !== undefined && sources.length > 0) events = followEvents(first.calls, sources, policy, each);
  } catch (error) {
    detach();
    if (!(error instanceof KernelRefusal)) throw error;
    return refusedBy(error, 'let polc read what the programs record');
  }
  return {
    links: attached.flatMap(({ links }) => links.map(({ descriptor }) => descriptor)),
    async end() {
      detach();
      await events?.end();
      for (const { close } of ready) close();
    },
  };
}
