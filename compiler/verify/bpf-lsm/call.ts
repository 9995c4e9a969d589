import { fieldType, scalarBytes } from '../../backends/bpf-lsm/kernel-types.ts';
import { parseAddress } from '../../expressions/network.ts';
import type { Value } from '../../expressions/predicate.ts';
import type { HookField } from '../../tables/hook-field.ts';
import type { KernelVersion } from '../../target.ts';
import { fieldPlace, type Kernel, structureSpace, type Task } from './kernel.ts';
import type { Wide } from './machine.ts';
import { type Placed, type PlacedPath, set, Tree } from './tree.ts';

/** What a call of a hook is to be like: a value for each attribute, undefined for one that cannot be read. */
export interface CallValues {
  readonly task: Task;
  readonly fields: readonly { readonly field: HookField; readonly value: Value | undefined }[];
}

const encoder = new TextEncoder();

/** A hook has at most eight arguments; one more is the result so far. */
const contextBytes = 9 * 8;

/**
 * Lays a call out in the kernel's memory.
 *
 * @returns the attributes as they then are: what lies behind a pointer that leads nowhere is not known either
 */
export function layOutCall(
  kernel: Kernel,
  version: KernelVersion,
  { task, fields }: CallValues,
): ReadonlyMap<string, Value | undefined> {
  const context = kernel.begin(task, contextBytes);
  const known = new Map<string, Value | undefined>([
    ['uid', BigInt(task.uid)],
    ['gid', BigInt(task.gid)],
    ['pid', BigInt(task.pid)],
    ['tid', BigInt(task.tid)],
    ['cgroup', task.cgroup],
    ['comm', task.comm],
  ]);
  const broken = new Set<string>();
  for (const { field, value } of fields) {
    const way = wayOf(field);
    if (way === undefined) continue;
    const missing = field.read.from === 'argument' && field.read.isNull === true ? value === true : value === undefined;
    const isText = field.type === 'string' || field.type === 'path';
    if (missing && !(isText && value === undefined)) broken.add(way.at(-1)!.pointer);
  }
  const objects = new Map<string, Placed>();
  const socketAddresses = new Map<number, DataView>();
  const walked = layOutWalked(kernel, context, objects, broken, fields);
  for (const { field, value } of fields) {
    const { read } = field;
    if (read.from === 'context') continue;
    if (read.from === 'argument' && walked.has(field.name)) {
      known.set(field.name, walked.get(field.name));
      continue;
    }
    const index = argumentPlace(read, version);
    if (read.from === 'sockaddr') {
      known.set(field.name, layOutAddress(kernel, context, socketAddresses, index, read.what, value));
      continue;
    }
    if (read.members.length === 0 && read.isNull !== true && field.type !== 'path') {
      layOutArgument(kernel, context, index, field, value);
      known.set(field.name, value);
      continue;
    }
    const way = wayOf(field)!;
    const reached = follow(kernel, context, objects, broken, index, way);
    if (read.isNull === true) {
      const blocked = way.slice(0, -1).some(({ pointer }) => broken.has(pointer));
      known.set(field.name, blocked ? undefined : broken.has(way.at(-1)!.pointer));
    } else if (reached === undefined) known.set(field.name, undefined);
    else known.set(field.name, layOutMember(kernel, field, reached, value));
  }
  return known;
}

/**
 * Lays out the paths that programs walk up, with folders and mounts, before anything else of the call.
 *
 * @returns what is known of them, and of the names in them, by the names of the fields
 */
function layOutWalked(
  kernel: Kernel,
  context: DataView,
  objects: Map<string, Placed>,
  broken: ReadonlySet<string>,
  fields: CallValues['fields'],
): ReadonlyMap<string, Value | undefined> {
  const known = new Map<string, Value | undefined>();
  const placed = new Map<string, PlacedPath | undefined>();
  let tree: Tree | undefined;
  for (const { field, value } of fields) {
    const { read } = field;
    if (read.from !== 'argument' || read.walk === undefined) continue;
    const way = wayOf(field)!;
    const { pointer, members } = way.at(-1)!;
    const { folder, removed } = read.walk;
    const key = folder === undefined ? [pointer, ...members, 'dentry'].join('.') : pointer;
    if (!placed.has(key)) {
      tree ??= new Tree(kernel);
      const path = typeof value === 'string' ? value : undefined;
      const variety = Number(kernel.time % 1009n) + read.index;
      const shares = fields.some(
        ({ field: { read: other } }) =>
          other.from === 'argument' && other.walk?.folder?.index === folder?.index && other.index !== read.index,
      );
      const shape = { variety, plain: folder !== undefined && shares, inFolder: folder !== undefined };
      const made = tree.place(path, shape);
      const isThere =
        folder === undefined
          ? pointPath(follow(kernel, context, objects, broken, read.index, way), made)
          : !broken.has(pointer) && pointDentry(kernel, context, read.index, folder.index, made);
      placed.set(key, isThere ? made : undefined);
      if (isThere) {
        objects.set(key, made.dentry);
        objects.set(`${key}.d_parent`, made.parent);
      }
    }
    const made = placed.get(key);
    known.set(field.name, removed === true ? made?.place : made?.path);
    for (const { field: other } of fields) {
      if (other.type !== 'string' || other.read.from !== 'argument') continue;
      const end = wayOf(other)?.at(-1);
      if (made === undefined || end?.members.join('.') !== 'd_name.name') continue;
      if (end.pointer === key) known.set(other.name, made.name);
      if (end.pointer === `${key}.d_parent`) known.set(other.name, made.parentName);
    }
  }
  return known;
}

/** Writes a `struct path`. */
function pointPath(reached: ReturnType<typeof follow>, { dentry, mount }: PlacedPath): boolean {
  if (reached === undefined) return false;
  point(reached.view, reached.place + fieldPlace('path', ['dentry'])!, dentry.address);
  if (mount !== undefined) point(reached.view, reached.place + fieldPlace('path', ['mnt'])!, mount);
  return true;
}

/** Writes an argument that is a dentry, and the one that is its folder. */
function pointDentry(kernel: Kernel, context: DataView, index: number, folder: number, made: PlacedPath): boolean {
  point(context, index * 8, made.dentry.address);
  const path = kernel.allocate(structureSpace('path'));
  point(context, folder * 8, path.address);
  if (made.mount !== undefined) set(path, 'path', ['mnt'], made.mount);
  return true;
}

interface Hop {
  /** What names the pointer: the argument and the members that lead to it. */
  readonly pointer: string;
  readonly structure: string;
  /** Members within the structure: they lead to the next pointer, or to the value. */
  readonly members: readonly string[];
}

/** The pointers on the way to a field. */
function wayOf({ read }: HookField): readonly Hop[] | undefined {
  if (read.from !== 'argument' || read.structure === undefined) return undefined;
  const hops: Hop[] = [];
  let pointer = read.argument;
  let structure = read.structure;
  let members: string[] = [];
  const all = [...read.members];
  for (const [at, member] of all.entries()) {
    members.push(member);
    const type = fieldType({ structure, members });
    const last = at === all.length - 1;
    if (type?.startsWith('*') && type.length > 1 && (!last || read.isNull === true)) {
      hops.push({ pointer, structure, members });
      pointer = `${pointer}.${members.join('.')}`;
      structure = type.slice(1);
      members = [];
    }
  }
  hops.push({ pointer, structure, members });
  return hops;
}

/** Makes the structures on a way; undefined where a pointer on it leads nowhere. */
function follow(
  kernel: Kernel,
  context: DataView,
  objects: Map<string, Placed>,
  broken: ReadonlySet<string>,
  index: number,
  way: readonly Hop[],
): { readonly address: Wide; readonly view: DataView; readonly place: number; readonly hop: Hop } | undefined {
  let holder = { view: context, place: index * 8 };
  let address: Wide = { low: 0, high: 0 };
  for (const hop of way) {
    if (broken.has(hop.pointer)) return undefined;
    const object = objects.get(hop.pointer) ?? kernel.allocate(structureSpace(hop.structure));
    objects.set(hop.pointer, object);
    point(holder.view, holder.place, object.address);
    const place = fieldPlace(hop.structure, hop.members) ?? 0;
    holder = { view: object.view, place };
    address = { low: place, high: object.address.high };
  }
  return { address, view: holder.view, place: holder.place, hop: way.at(-1)! };
}

function layOutMember(
  kernel: Kernel,
  field: HookField,
  { address, view, place, hop }: NonNullable<ReturnType<typeof follow>>,
  value: Value | undefined,
): Value | undefined {
  if (field.type === 'path') {
    kernel.tellPath(address, typeof value === 'string' ? value : undefined);
    // What d_path says of files that are not in the tree that the process sees, or were removed: fs/d_path.c.
    const inTree = typeof value === 'string' && value.startsWith('/') && !value.endsWith(' (deleted)');
    return inTree ? value : undefined;
  }
  const type = fieldType({ structure: hop.structure, members: hop.members });
  if (field.type === 'string') {
    if (type === '*') point(view, place, textOf(kernel, value));
    else {
      const bytes = encoder.encode(String(value ?? '')).subarray(0, 15);
      new Uint8Array(view.buffer, view.byteOffset + place, bytes.length).set(bytes);
      return value === undefined ? '' : new TextDecoder().decode(bytes);
    }
    return value;
  }
  const bytes = type === undefined ? undefined : scalarBytes(type);
  const number = numberOf(value);
  // What follows in memory is of another field.
  for (let at = 0; at < 8; at += 1) view.setUint8(place + at, 0xa5);
  if (bytes === 1) view.setUint8(place, Number(number & 0xffn));
  else if (bytes === 2) view.setUint16(place, Number(number & 0xffffn), true);
  else if (bytes === 4) view.setUint32(place, Number(number & 0xffff_ffffn), true);
  else view.setBigUint64(place, number, true);
  return bytes === undefined ? value : BigInt.asUintN(bytes * 8, number);
}

function layOutArgument(kernel: Kernel, context: DataView, index: number, field: HookField, value: Value | undefined) {
  if (field.type === 'string') {
    point(context, index * 8, textOf(kernel, value));
    return;
  }
  const bits = field.type === 'boolean' ? 8 : (field.bits ?? 64);
  // The upper half of a register that holds less is whatever was there.
  const noise = bits === 64 ? 0n : 0x7eed_f00d_dead_beefn << BigInt(bits);
  context.setBigUint64(index * 8, BigInt.asUintN(64, noise | BigInt.asUintN(bits, numberOf(value))), true);
}

/** The address of a text; of one that is too long where none is known. */
function textOf(kernel: Kernel, value: Value | undefined): Wide {
  return kernel.allocate(encoder.encode(`${value ?? 'x'.repeat(300)}\0`)).address;
}

function layOutAddress(
  kernel: Kernel,
  context: DataView,
  known: Map<number, DataView>,
  index: number,
  what: 'family' | 'port' | 'address',
  value: Value | undefined,
): Value | undefined {
  let view = known.get(index);
  if (view === undefined) {
    const made = kernel.allocate(28);
    view = made.view;
    known.set(index, view);
    point(context, index * 8, made.address);
  }
  if (what === 'port') {
    view.setUint16(2, Number(numberOf(value) & 0xffffn), false);
    return numberOf(value) & 0xffffn;
  }
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  if (what === 'family') {
    view.setUint16(0, Number(numberOf(value) & 0xffffn), true);
    return numberOf(value) & 0xffffn;
  }
  if (address?.family === 4) {
    const mapped = view.getUint16(0, true) === 10;
    if (mapped) view.setUint16(18, 0xffff, false);
    view.setUint32(mapped ? 20 : 4, Number(address.bits), false);
    return value;
  }
  if (address === undefined) return undefined;
  view.setBigUint64(8, address.bits >> 64n, false);
  view.setBigUint64(16, address.bits & 0xffff_ffff_ffff_ffffn, false);
  return value;
}

function argumentPlace(read: Exclude<HookField['read'], { readonly from: 'context' }>, version: KernelVersion): number {
  if (read.from === 'sockaddr' || read.earlier === undefined) return read.index;
  const before = read.earlier.before.split('.').map(Number);
  const older = version.major < before[0]! || (version.major === before[0] && version.minor < before[1]!);
  return older ? read.earlier.index : read.index;
}

function point(view: DataView, place: number, { low, high }: Wide): void {
  view.setInt32(place, low, true);
  view.setInt32(place + 4, high, true);
}

function numberOf(value: Value | undefined): bigint {
  if (typeof value === 'bigint') return value;
  return value === true ? 1n : 0n;
}
