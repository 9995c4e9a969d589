import {
  embedded,
  fieldType,
  type MemberType,
  scalarBytes,
  structureLayout,
} from '../../backends/bpf-lsm/kernel-types.ts';
import { contextRegion, type MachineMemory, type Wide, type World } from './machine.ts';
import type { DecodedMap, DecodedObject, DecodedProgram } from './object.ts';

/** A record that a program put into the ring buffer. */
export interface SeenRecord {
  readonly rule: number;
  readonly answer: number;
  readonly path: string;
  readonly user: number;
  readonly comm: string;
}

/** What the helpers say of the task that makes a call. */
export interface Task {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly tid: number;
  readonly cgroup: bigint;
  readonly comm: string;
}

const constantsRegion = 3;
const scratchRegion = 4;
const firstValue = 0x1000;
const firstObject = 0x10_0000;
const firstMap = 0x4000_0000;
const taskAddress: Wide = { low: 0, high: 0x5000_0000 };
const nothing: Wide = { low: 0, high: 0 };
/** EFAULT and ENAMETOOLONG. */
const fault = -14;
const tooLong = -36;

/**
 * A kernel as far as programs see one: its memory, whose structures have their members elsewhere than the object's own types
 * say, and its helpers. Maps last; the memory of a call is forgotten with `begin`.
 */
export class Kernel {
  readonly #object: DecodedObject;
  readonly #regions = new Map<number, DataView>();
  readonly #values = new Map<string, number>();
  #nextValue = firstValue;
  #nextObject = firstObject;
  readonly #paths = new Map<string, string | undefined>();
  #task: Task = { uid: 0, gid: 0, pid: 1, tid: 1, cgroup: 1n, comm: '' };
  /** Nanoseconds. */
  time = 0n;
  /** What `set_retval` has set, for the call that runs. */
  result: number | undefined;
  /** What a program that was asked before has refused the call with; 0 where none has. */
  before = 0;
  records: SeenRecord[] = [];

  constructor(object: DecodedObject) {
    this.#object = object;
    const { constants } = object;
    this.#regions.set(constantsRegion, new DataView(constants.slice().buffer));
    const scratch = object.maps.find(({ type }) => type === 29);
    this.#regions.set(scratchRegion, new DataView(new ArrayBuffer(scratch?.valueBytes ?? 0)));
    // Arrays are there from the start, all zeros.
    for (const { name, type } of object.maps) if (type === 2) this.setNumber(name, 0n);
  }

  /** Forgets the memory of the last call. */
  begin(task: Task, contextBytes: number): DataView {
    for (const number of this.#regions.keys()) if (number >= firstObject) this.#regions.delete(number);
    this.#nextObject = firstObject;
    this.#paths.clear();
    this.#task = task;
    this.result = undefined;
    this.records = [];
    const context = new DataView(new ArrayBuffer(contextBytes));
    this.#regions.set(contextRegion, context);
    return context;
  }

  /** A piece of memory of its own. */
  allocate(bytes: number | Uint8Array): { readonly address: Wide; readonly view: DataView } {
    const content = typeof bytes === 'number' ? new Uint8Array(bytes) : bytes.slice();
    const view = new DataView(content.buffer);
    const number = this.#nextObject;
    this.#nextObject += 1;
    this.#regions.set(number, view);
    return { address: { low: 0, high: number }, view };
  }

  /** The structure of the task that makes the call. */
  task(): DataView {
    const known = this.#regions.get(taskAddress.high);
    if (known !== undefined) return known;
    const view = new DataView(new ArrayBuffer(structureSpace('task_struct')));
    this.#regions.set(taskAddress.high, view);
    return view;
  }

  /** Sets the only number of a map of one, as a loader does. */
  setNumber(map: string, value: bigint): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value, true);
    this.#values.set(`${map} 0,0,0,0`, this.#nextValue);
    this.#regions.set(this.#nextValue, view);
    this.#nextValue += 1;
  }

  /** What the kernel says of the `struct path` there; undefined that it is too long. */
  tellPath({ low, high }: Wide, path: string | undefined): void {
    this.#paths.set(`${high}:${low}`, path);
  }

  /** The program with the places of fields that this kernel has, and the world that it runs in. */
  load(program: DecodedProgram): { readonly code: DataView; readonly world: World } | string {
    const code = new DataView(program.code.slice().buffer);
    for (const { offset, structure, members, local } of program.fields) {
      const place = fieldPlace(structure, members);
      if (place === undefined)
        return `asks for a field ${structure}.${members.join('.')} that no kernel is known to have`;
      const isLoad = (code.getUint8(offset) & 7) === 1;
      const written = isLoad ? code.getInt16(offset + 2, true) : code.getInt32(offset + 4, true);
      // libbpf refuses a place that differs from what the object's own types say.
      if (written !== local) return `has ${written} where its types have ${structure}.${members.join('.')} at ${local}`;
      if (isLoad) code.setInt16(offset + 2, place, true);
      else code.setInt32(offset + 4, place, true);
    }
    const maps = this.#object.maps;
    const world: World = {
      region: (number) => this.#regions.get(number),
      resolve: (slot) => {
        const address = program.addresses.get(slot);
        if (address === undefined) return undefined;
        if ('constant' in address) return { low: address.constant, high: constantsRegion };
        const index = maps.findIndex(({ name }) => name === address.map);
        return index === -1 ? undefined : { low: 0, high: firstMap + index };
      },
      call: (helper, argument, memory) => this.#call(helper, argument, memory),
    };
    return { code, world };
  }

  #call(helper: number, argument: (register: 1 | 2 | 3 | 4 | 5) => Wide, memory: MachineMemory): Wide | undefined {
    const one = argument(1);
    const { uid, gid, pid, tid, cgroup, comm } = this.#task;
    switch (helper) {
      case 1:
        return this.#look(one, argument(2), memory);
      case 2:
        return this.#update(one, argument(2), argument(3), memory);
      case 5:
        return wide(this.time);
      case 14:
        return { low: tid | 0, high: pid | 0 };
      case 15:
        return { low: uid | 0, high: gid | 0 };
      case 16: {
        const bytes = memory.bytes(one, argument(2).low);
        if (bytes === undefined) return undefined;
        bytes.fill(0);
        bytes.set(encoder.encode(comm).subarray(0, bytes.length - 1));
        return nothing;
      }
      case 37:
        return { low: 1, high: 0 };
      case 80:
        return wide(cgroup);
      case 113: {
        const to = memory.bytes(one, argument(2).low);
        const from = memory.bytes(argument(3), argument(2).low);
        if (to === undefined) return undefined;
        if (from === undefined) to.fill(0);
        else to.set(from);
        return from === undefined ? wide(BigInt(fault)) : nothing;
      }
      case 115:
        return readText(one, argument(2).low, argument(3), memory);
      case 130:
        return this.#record(argument(2), argument(3).low, memory);
      case 147: {
        const key = `${one.high}:${one.low}`;
        if (!this.#paths.has(key)) return undefined;
        const bytes = encoder.encode(`${this.#paths.get(key) ?? ''}\0`);
        const to = memory.bytes(argument(2), argument(3).low);
        if (to === undefined) return undefined;
        if (this.#paths.get(key) === undefined || bytes.length > to.length) return wide(BigInt(tooLong));
        // The kernel leaves what it likes behind the text.
        to.fill(0x55);
        to.set(bytes);
        return { low: bytes.length, high: 0 };
      }
      case 156:
        return { low: 0, high: scratchRegion };
      case 158:
        return taskAddress;
      case 186:
        return wide(BigInt(this.before));
      case 187:
        this.result = one.low;
        return nothing;
      default:
        return undefined;
    }
  }

  #map(handle: Wide): DecodedMap | undefined {
    return this.#object.maps[handle.high - firstMap];
  }

  #key(handle: Wide, key: Wide, memory: MachineMemory): string | undefined {
    const map = this.#map(handle);
    const bytes = map === undefined ? undefined : memory.bytes(key, map.keyBytes);
    return map === undefined || bytes === undefined ? undefined : `${map.name} ${bytes.join()}`;
  }

  #look(handle: Wide, key: Wide, memory: MachineMemory): Wide | undefined {
    const name = this.#key(handle, key, memory);
    if (name === undefined) return undefined;
    const region = this.#values.get(name);
    return region === undefined ? nothing : { low: 0, high: region };
  }

  #update(handle: Wide, key: Wide, value: Wide, memory: MachineMemory): Wide | undefined {
    const name = this.#key(handle, key, memory);
    const bytes = memory.bytes(value, this.#map(handle)?.valueBytes ?? 0);
    if (name === undefined || bytes === undefined) return undefined;
    if (this.#values.has(name)) return wide(-17n);
    this.#values.set(name, this.#nextValue);
    this.#regions.set(this.#nextValue, new DataView(bytes.slice().buffer));
    this.#nextValue += 1;
    return nothing;
  }

  #record(from: Wide, length: number, memory: MachineMemory): Wide | undefined {
    const bytes = memory.bytes(from, length);
    if (bytes === undefined || length < 64) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    const text = (start: number, end: number) =>
      new TextDecoder().decode(bytes.subarray(start, end)).replace(/\0.*$/s, '');
    if (64 + view.getUint32(44, true) !== length) return undefined;
    this.records.push({
      rule: view.getUint32(4, true),
      answer: view.getInt32(40, true),
      path: text(64, length),
      user: view.getUint32(32, true),
      comm: text(48, 64),
    });
    return nothing;
  }
}

function readText(to: Wide, size: number, from: Wide, memory: MachineMemory): Wide | undefined {
  const bytes = memory.bytes(to, size);
  if (bytes === undefined) return undefined;
  for (let at = 0; at < size; at += 1) {
    const byte = memory.bytes({ low: from.low + at, high: from.high }, 1)?.[0];
    if (byte === undefined) return wide(BigInt(fault));
    bytes[at] = at === size - 1 ? 0 : byte;
    if (byte === 0) return { low: at + 1, high: 0 };
  }
  return { low: size, high: 0 };
}

function wide(value: bigint): Wide {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

const places = new Map<string, number | undefined>();
const spaces = new Map<string, number>();
const encoder = new TextEncoder();

/** Where this kernel has a field: members in the other order than the object's types, and apart from each other. */
export function fieldPlace(structure: string, members: readonly string[]): number | undefined {
  const key = `${structure}.${members.join('.')}`;
  if (!places.has(key)) places.set(key, findPlace(structure, members));
  return places.get(key);
}

function findPlace(structure: string, members: readonly string[]): number | undefined {
  if (fieldType({ structure, members }) === undefined) return undefined;
  let place = 0;
  let name = structure;
  for (const wanted of members) {
    let at = 24;
    for (const { name: member, type } of [...structureLayout(name).members].reverse()) {
      if (member === wanted) {
        place += at;
        name = embedded(type) ?? '';
        break;
      }
      at += spaceOf(type);
    }
  }
  return place;
}

/** Bytes that a structure has in this kernel. */
export function structureSpace(structure: string): number {
  let space = spaces.get(structure);
  if (space === undefined) {
    space = structureLayout(structure).members.reduce((sum, { type }) => sum + spaceOf(type), 48);
    spaces.set(structure, space);
  }
  return space;
}

function spaceOf(type: MemberType): number {
  const inner = embedded(type);
  if (inner !== undefined) return structureSpace(inner);
  return scalarBytes(type) === undefined ? 32 : 16;
}
