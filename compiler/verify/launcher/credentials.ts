import { type Call, error } from './call.ts';
import type { Process } from './processor.ts';
import { capability, holds, type Scenario, type World } from './world.ts';

export function prctl(call: Call, world: World): number {
  const rest = [2, 3, 4].map((index) => call.int(index));
  switch (call.int(0)) {
    case 1:
      world.deathSignal = call.int(1);
      return 0;
    case 4:
      if (call.int(1) !== 0 && call.int(1) !== 1) return -error.inval;
      world.dumpable = call.int(1) === 1;
      return 0;
    case 24: {
      const bit = BigInt(call.int(1));
      if (bit >= 41n) return -error.inval;
      if (!holds(world, capability.setpcap)) return -error.perm;
      world.bounding &= ~(1n << bit);
      return 0;
    }
    case 38:
      if (call.int(1) !== 1 || rest.some((value) => value !== 0)) return -error.inval;
      world.noNewPrivileges = true;
      return 0;
    case 47: {
      if (call.int(1) === 4) {
        world.ambient = 0n;
        return rest.some((value) => value !== 0) ? -error.inval : 0;
      }
      const bit = 1n << BigInt(call.int(2));
      if (call.int(1) !== 2 || call.int(3) !== 0 || call.int(4) !== 0) return -error.inval;
      if ((world.permitted & world.inheritable & bit) === 0n) return -error.perm;
      world.ambient |= bit;
      return 0;
    }
    default:
      return -error.inval;
  }
}

/** capget(2) and capset(2), version 3: two structures of effective, permitted and inheritable. */
export function capabilities(call: Call, process: Process, world: World, change: boolean): number {
  const header = call.pointer(0);
  const data = call.pointer(1);
  if (process.load(header, 4) !== 0x2008_0522 || process.load(header + 4, 4) !== 0) return -error.inval;
  const names = ['effective', 'permitted', 'inheritable'] as const;
  const given = { effective: 0n, permitted: 0n, inheritable: 0n };
  for (const [index, name] of names.entries()) {
    for (const half of [0, 1]) {
      const at = data + half * 12 + index * 4;
      if (!change) process.store(at, 4, Number((world[name] >> BigInt(half * 32)) & 0xffff_ffffn));
      else given[name] |= BigInt(process.load(at, 4)) << BigInt(half * 32);
    }
  }
  if (!change) return 0;
  if ((given.permitted & ~world.permitted) !== 0n || (given.effective & ~given.permitted) !== 0n) return -error.perm;
  if ((given.inheritable & ~(world.inheritable | world.permitted)) !== 0n) return -error.perm;
  Object.assign(world, given);
  world.ambient &= given.permitted & given.inheritable;
  return 0;
}

const infinity = (1n << 64n) - 1n;

/** prlimit(2) of the process itself. */
export function limit(call: Call, process: Process, world: World, scenario: Scenario): number {
  const resource = call.int(1);
  const [soft, hard] = world.limits.get(resource) ?? [scenario.hardLimit === infinity ? 1024n : 1n, scenario.hardLimit];
  if (call.int(0) !== 0) return -error.perm;
  if (call.pointer(3) !== 0) {
    for (const [index, value] of [soft, hard].entries()) {
      process.store(call.pointer(3) + index * 8, 4, Number(value & 0xffff_ffffn));
      process.store(call.pointer(3) + index * 8 + 4, 4, Number(value >> 32n));
    }
  }
  if (call.pointer(2) === 0) return 0;
  const wanted = [process.loadWide(call.pointer(2)), process.loadWide(call.pointer(2) + 8)] as const;
  if (wanted[0] > wanted[1]) return -error.inval;
  if (wanted[1] > hard) return -error.perm;
  world.limits.set(resource, wanted);
  return 0;
}
