import { ownName } from '../sandbox/left-behind.ts';
import { attachObject } from './attach.ts';
import type { HookEvent } from './events.ts';
import { isPinned, type PinnedPlaces, pinGroupName, pinnedPlaces, pinPrograms } from './pinned.ts';
import { enforce, type PolicyPrograms, type ReadyPrograms, readyPrograms } from './policy-programs.ts';
import { makeProgramGroup, removeProgramGroup } from './program-group.ts';
import { isRefusal, type LoadRefusal } from './refusal.ts';

export interface HoldRequest {
  readonly programs: PolicyPrograms;
  /** The policy's name. */
  readonly policy: string;
  /** The folder of a group that exists; absent, one is made. */
  readonly cgroup?: string;
}

/** A group that programs hold while this process lives. */
export interface Held {
  readonly cgroup: string;
  /** Detaches them, gives the last records and removes the group that was made; false where it still holds processes. */
  end(): Promise<boolean>;
}

/** Puts programs in force for a group, until `end` or the end of this process, and gives their records. */
export async function hold(request: HoldRequest, record: (event: HookEvent) => void): Promise<Held | LoadRefusal> {
  const makeGroup = () => makeProgramGroup(ownName(request.policy));
  return withGroup(request, makeGroup, (ready, cgroup, remove) => {
    const inForce = enforce([ready], cgroup, request.policy, record);
    if (isRefusal(inForce)) return inForce;
    return {
      cgroup,
      async end() {
        await inForce.end();
        return remove();
      },
    };
  });
}

export interface PinRequest extends HoldRequest {
  readonly name: string;
  /** Where the policy or the object was read, and its hash. */
  readonly file: string;
  readonly hash: string;
}

/** The same, in force until it is taken back by its name. */
export function holdPinned(
  request: PinRequest,
  places: PinnedPlaces = pinnedPlaces,
): Promise<{ readonly cgroup: string } | LoadRefusal> {
  const { name, policy, file, hash, programs } = request;
  const makeGroup = () => makeProgramGroup(pinGroupName(name), !isPinned(name, places));
  return withGroup(request, makeGroup, (ready, cgroup) => {
    const attached = attachObject(ready.bpf, ready.loaded, cgroup);
    if (isRefusal(attached)) return attached;
    try {
      const ownGroup = request.cgroup === undefined;
      const loaded = new Date().toISOString();
      const { description } = programs;
      const record = { version: 1, name, policy, file, hash, loaded, cgroup, ownGroup, description } as const;
      return pinPrograms(ready.bpf, ready.loaded, attached, record, places) ?? { cgroup };
    } finally {
      attached.detach();
      ready.close();
    }
  });
}

/**
 * Loads programs, makes their group where none is given, and takes both back where what follows fails.
 */
async function withGroup<T extends object>(
  { programs, cgroup: given }: HoldRequest,
  makeGroup: () => string,
  then: (ready: ReadyPrograms, cgroup: string, remove: () => boolean) => T | LoadRefusal,
): Promise<T | LoadRefusal> {
  const ready = await readyPrograms(programs);
  if (isRefusal(ready)) return ready;
  let cgroup: string;
  try {
    cgroup = given ?? makeGroup();
  } catch (error) {
    ready.close();
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    return {
      by: 'kernel',
      problem: `no control group can be made: ${error instanceof Error ? error.message : String(error)}`,
      help: isThere
        ? 'choose another name, end what is in the group, or try again in a minute: who made it may be about to use it'
        : 'start polc as root, or name a group that exists with `--cgroup`',
    };
  }
  const remove = () => given !== undefined || removeProgramGroup(cgroup);
  let result: T | LoadRefusal | undefined;
  try {
    result = then(ready, cgroup, remove);
    return result;
  } catch (error) {
    // The operating system's: a group that is gone, a folder that may not be written.
    if (!(error instanceof Error && 'code' in error)) throw error;
    return {
      by: 'kernel',
      problem: `the programs cannot be put in force for ${cgroup}: ${error.message}`,
      help: 'see that the group is there and that polc may change it, and load them again',
    };
  } finally {
    if (result === undefined || isRefusal(result)) {
      ready.close();
      remove();
    }
  }
}
