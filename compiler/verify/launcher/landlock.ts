import { type Call, error } from './call.ts';
import type { Process } from './processor.ts';
import { capability, type Domain, holds, open, type Scenario, type World } from './world.ts';

/** execute, write_file, read_file, truncate, ioctl_dev: the rights that landlock(7) lets a rule on a file have. */
const rightsOfFiles = 0xc007n;

/** LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON of linux/landlock.h. */
const logNewExec = 2;

/** landlock_create_ruleset(2) */
export function createRuleset(call: Call, process: Process, world: World): number {
  const size = call.int(1);
  const field = (at: number) => (at < size ? process.loadWide(call.pointer(0) + at) : 0n);
  if (![8, 16, 24].includes(size) || call.int(2) !== 0) return -error.toobig;
  const domain: Domain = { handledPaths: field(0), handledPorts: field(8), scoped: field(16), paths: [], ports: [] };
  return open(world, { path: 'ruleset', closeOnExec: true, domain });
}

/** landlock_add_rule(2) */
export function addRule(call: Call, process: Process, world: World, scenario: Scenario): number {
  const domain = world.descriptors.get(call.int(0))?.domain;
  const at = call.pointer(2);
  if (domain === undefined || call.int(3) !== 0) return -error.badf;
  const access = process.loadWide(at);
  if (access === 0n) return -error.nomsg;
  if (call.int(1) === 1) {
    const descriptor = world.descriptors.get(process.load(at + 8, 4));
    if (descriptor === undefined) return -error.badf;
    if ((access & ~domain.handledPaths) !== 0n) return -error.inval;
    if (scenario.pathsAreFiles && descriptor.path !== '/' && (access & ~rightsOfFiles) !== 0n) return -error.inval;
    domain.paths.push({ path: descriptor.path, access });
    return 0;
  }
  if (call.int(1) !== 2 || (access & ~domain.handledPorts) !== 0n) return -error.inval;
  domain.ports.push({ port: process.loadWide(at + 8), access });
  return 0;
}

/** landlock_restrict_self(2) */
export function restrictSelf(call: Call, world: World): number {
  const domain = world.descriptors.get(call.int(0))?.domain;
  const flags = call.int(1);
  if (domain === undefined || (flags !== 0 && flags !== logNewExec)) return -error.badf;
  if (!world.noNewPrivileges && !holds(world, capability.sysAdmin)) return -error.perm;
  world.domains.push(flags === 0 ? domain : { ...domain, logged: true });
  return 0;
}
