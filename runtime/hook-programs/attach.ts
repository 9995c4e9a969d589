import { closeSync, constants, openSync } from 'node:fs';
import type { Bpf } from '../kernel/bpf.ts';
import { KernelRefusal } from '../kernel/system-calls.ts';
import { type LoadedObject, refusedBy } from './load.ts';
import type { LoadRefusal } from './refusal.ts';

export interface AttachedLink {
  /** The hook, or the call on sockets. */
  readonly at: string;
  /** The program's name, by which it is pinned. */
  readonly name: string;
  readonly descriptor: number;
}

/** Programs that are in force. */
export interface AttachedPrograms {
  readonly links: readonly AttachedLink[];
  /** Gives up the links: what is not pinned is detached then. Once. */
  detach(): void;
}

/** The map whose only entry is the cgroup that programs for the whole system hold. */
const cgroupMap = 'cgroup';

/**
 * Attaches every program of an object for one cgroup: in force when it returns. All or nothing.
 *
 * @param cgroup the folder of a cgroup of version 2
 */
export function attachObject(
  bpf: Bpf,
  { programs, maps }: LoadedObject,
  cgroup: string,
): AttachedPrograms | LoadRefusal {
  const links: AttachedLink[] = [];
  const detach = () => {
    // The last that came goes first.
    for (const { descriptor } of links.splice(0).reverse()) closeSync(descriptor);
  };
  const group = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const held = maps.get(cgroupMap);
    if (held !== undefined) {
      bpf.updateMap(held.descriptor, new Uint8Array(4), new Uint8Array(Uint32Array.of(group).buffer));
    }
    for (const { kind, at, name, descriptor, attachType } of programs) {
      try {
        const link =
          kind === 'lsm' ? bpf.linkToSystem(descriptor) : bpf.link({ program: descriptor, attachType, cgroup: group });
        links.push({ at, name, descriptor: link });
      } catch (error) {
        detach();
        if (!(error instanceof KernelRefusal)) throw error;
        return refusedBy(error, `attach the program at \`${at}\``);
      }
    }
    return { links, detach };
  } catch (error) {
    detach();
    if (!(error instanceof KernelRefusal)) throw error;
    return refusedBy(error, `hold the programs to ${cgroup}`);
  } finally {
    closeSync(group);
  }
}
