import { rlimit } from '../../../tables/rlimits.ts';
import { type DataCollector, fields, joined } from '../data.ts';
import {
  add,
  address,
  branch,
  checked,
  combine,
  immediateBits,
  jump,
  label,
  load,
  type Operation,
  place,
  register,
  set,
  store,
  systemCall,
} from '../operation.ts';
import type { ResourceLimit } from '../plan.ts';
import { variables } from '../variables.ts';

const setAmbient = 47; // PR_CAP_AMBIENT
const dropBounding = 24; // PR_CAPBSET_DROP

/**
 * capabilities(7): what the caller holds and `keep` allows, in the effective, permitted, inheritable and ambient sets, so
 * that it outlasts the exec of an ordinary file; nothing else in the bounding set.
 *
 * The bounding set can be lowered only with CAP_SETPCAP. Without it the set stays, and gives nothing: under no_new_privs
 * an exec never adds to the permitted set (security/commoncap.c, cap_bprm_creds_from_file). For the same reason the
 * securebits are left alone: what they would forbid of root's exec is forbidden already.
 */
export function capabilities(keep: bigint, data: DataCollector): readonly Operation[] {
  return keep === 0n ? noCapabilities(data) : keptCapabilities(keep, data);
}

/** Two times effective, permitted and inheritable: the low 32 capabilities, then the high. */
const sets = variables.scratch;
const setsSize = 24;
/** Writable, for the kernel answers there when it wants another version. */
const header = sets + setsSize;

/** _LINUX_CAPABILITY_VERSION_3, and 0 for this thread. */
const writeHeader: readonly Operation[] = [set('r2', 0x2008_0522), store('r2', 'variables', header)];

/** Whoever holds nothing needs no look at what was held, and capset(2) clears the ambient set with the inheritable one. */
function noCapabilities(data: DataCollector): readonly Operation[] {
  return [
    set('r0', -1),
    label('bounding-next'),
    add('r0', 1),
    ...dropFromBounding,
    label('bounding-done'),
    ...writeHeader,
    ...checked('capset', place(header), address(data.constant(new Uint8Array(setsSize), 4))),
  ];
}

/** prctl(PR_CAPBSET_DROP) of capability r0. */
const dropFromBounding: readonly Operation[] = [
  systemCall('prctl', dropBounding, register('r0')),
  branch('result', 'equal', 0, 'bounding-next'),
  branch('result', 'equal', -22, 'bounding-done'), // EINVAL: past the kernel's last capability
  branch('result', 'equal', -1, 'bounding-done'), // EPERM: see above
  jump('fail'),
];

function keptCapabilities(keep: bigint, data: DataCollector): readonly Operation[] {
  return [
    set('r0', 0),
    set('r1', immediateBits(keep)),
    label('bounding'),
    set('r2', 1),
    combine('r2', 'and', 'r1'),
    branch('r2', 'not-equal', 0, 'bounding-next'),
    ...dropFromBounding,
    label('bounding-next'),
    { kind: 'shift-right', to: 'r1', bits: 1 },
    add('r0', 1),
    jump('bounding'),
    label('bounding-done'),
    ...writeHeader,
    ...checked('capget', place(header), place(sets)),
    ...[0, 12].flatMap((half) => [
      load('r0', 'variables', sets + half + 4, 4),
      set('r1', immediateBits((keep >> BigInt(half === 0 ? 0 : 32)) & 0xffff_ffffn)),
      combine('r0', 'and', 'r1'),
      store('r0', 'variables', sets + half, 4),
      store('r0', 'variables', sets + half + 4, 4),
      store('r0', 'variables', sets + half + 8, 4),
    ]),
    ...checked('capset', place(header), place(sets)), // of the ambient set it leaves what is inheritable
    ...raiseAmbient([...bits(keep)], data),
  ];
}

/** PR_CAP_AMBIENT_RAISE for each; one that the caller does not hold is EPERM and stays out. */
function raiseAmbient(kept: readonly number[], data: DataCollector): readonly Operation[] {
  return [
    set('r0', address(data.constant(Uint8Array.from([...kept, 255]), 1))),
    label('ambient'),
    load('r1', 'r0', 0, 1),
    branch('r1', 'equal', 255, 'ambient-done'),
    add('r0', 1),
    systemCall('prctl', setAmbient, 2, register('r1'), 0, 0),
    branch('result', 'equal', 0, 'ambient'),
    branch('result', 'equal', -1, 'ambient'),
    jump('fail'),
    label('ambient-done'),
  ];
}

function* bits(mask: bigint): Generator<number> {
  for (let bit = 0; bit < 64; bit++) if ((mask >> BigInt(bit)) & 1n) yield bit;
}

/** A loop over entries of 16 bytes: ceiling, resource, address of its name; an entry without a name ends them. */
export function resourceLimits(limits: readonly ResourceLimit[], data: DataCollector): readonly Operation[] {
  const table = data.constant(
    joined([
      ...limits.map((limit) => fields([8, limit.ceiling], [4, rlimit(limit.resource)!.number], [4, 0])),
      fields([8, 0], [4, 0], [4, 0]),
    ]),
    8,
    limits.map((limit, index) => ({ at: index * 16 + 12, symbol: data.text(limit.resource) })),
  );
  const soft = variables.scratch;
  const hard = variables.scratch + 8;
  return [
    set('r0', address(table)),
    label('limit'),
    load('what', 'r0', 12, 4),
    branch('what', 'equal', 0, 'limits-done'),
    load('r1', 'r0', 8, 4),
    ...checked('prlimit64', 0, register('r1'), 0, place(soft)),
    // Never above the caller's hard limit: to raise that is a privilege, and a ceiling does not ask for it.
    load('r2', 'r0', 0),
    load('result', 'variables', hard),
    branch('r2', 'below', register('result'), 'limit-lower'),
    set('r2', register('result')),
    label('limit-lower'),
    store('r2', 'variables', soft),
    store('r2', 'variables', hard),
    ...checked('prlimit64', 0, register('r1'), place(soft), 0),
    add('r0', 16),
    jump('limit'),
    label('limits-done'),
  ];
}
