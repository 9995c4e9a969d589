import { type Call, error } from './call.ts';
import type { Process } from './processor.ts';
import { capability, everyCapability, holds, type World } from './world.ts';

const newUser = 0x1000_0000;
const newMount = 0x2_0000;
const newNetwork = 0x4000_0000;

export function unshare(flags: number, world: World): number {
  const own = (flags & newUser) !== 0;
  if (!own && !holds(world, capability.sysAdmin)) return -error.perm;
  if (own) {
    world.ownUser = true;
    world.effective = everyCapability;
    world.permitted = everyCapability;
    world.bounding = everyCapability;
  }
  world.namespaces |= flags;
  return 0;
}

/** SIOCSIFFLAGS of the loopback interface. */
export function bringUp(call: Call, process: Process, world: World): number {
  const request = call.pointer(2);
  if (call.int(1) !== 0x8914 || process.text(request) !== 'lo') return -error.inval;
  // In the host's network namespace the call would change the host.
  if ((world.namespaces & newNetwork) === 0 || !holds(world, capability.netAdmin)) return -error.perm;
  world.loopbackUp = (process.load(request + 16, 2) & 1) === 1;
  return 0;
}

export function mount(call: Call, process: Process, world: World): number {
  if (!holds(world, capability.sysAdmin) || (world.namespaces & newMount) === 0) return -error.perm;
  if (world.domains.length > 0) return -error.perm;
  const target = process.text(call.pointer(1));
  const flags = call.int(3);
  if (call.pointer(2) === 0) {
    if (flags !== 0x4_4000) return -error.inval;
    world.mounts.push(`private ${target}`);
    return 0;
  }
  const type = process.text(call.pointer(2));
  world.mounts.push(`${type} ${target} ${flags} ${process.text(call.pointer(4))}`);
  world.directoryEntered = false;
  return 0;
}
