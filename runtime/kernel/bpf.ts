import { KernelRefusal, type SystemCalls } from './system-calls.ts';

/** Commands of bpf(2): `enum bpf_cmd` of linux/bpf.h. */
const command = {
  mapCreate: 0,
  mapLookup: 1,
  mapUpdate: 2,
  programLoad: 5,
  pin: 6,
  get: 7,
  nextProgram: 11,
  nextMap: 12,
  programById: 13,
  mapById: 14,
  information: 15,
  rawTracepointOpen: 17,
  typesLoad: 18,
  mapFreeze: 22,
  linkCreate: 28,
  linkUpdate: 29,
  linkById: 30,
  nextLink: 31,
  linkDetach: 34,
} as const;

/** Bytes of `union bpf_attr` that commands use; kernels that know fewer take zeros behind (bpf(2)). */
const attributeBytes = 144;

/** `enum bpf_prog_type`: BPF_PROG_TYPE_CGROUP_SOCK_ADDR and BPF_PROG_TYPE_LSM. */
export const programTypes = { socketAddress: 18, lsm: 29 } as const;

/** `enum bpf_attach_type`. */
export const attachTypes = {
  bind4: 8,
  bind6: 9,
  connect4: 10,
  connect6: 11,
  sendmsg4: 14,
  sendmsg6: 15,
  lsm: 27,
  lsmCgroup: 43,
} as const;

export interface MapDefinition {
  readonly name: string;
  /** `enum bpf_map_type`. */
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly entries: number;
  readonly flags?: number;
  /** The types of key and value, which task storage demands: a descriptor of types and two ids in them. */
  readonly types?: { readonly descriptor: number; readonly key: number; readonly value: number };
}

/** A program as the kernel is to have it, fields and addresses in place. */
export interface ProgramToLoad {
  readonly name: string;
  readonly type: number;
  readonly attachType: number;
  /** The id of the kernel's function that it is attached to, in the types of the kernel. */
  readonly attachedTo?: number;
  readonly code: Uint8Array;
  readonly licence: string;
  /** Its types, and the records that tie instructions to functions and to lines, as `.BTF.ext` has them. */
  readonly debug?: {
    readonly types: number;
    readonly functions: RecordTable;
    readonly lines: RecordTable;
  };
}

export interface RecordTable {
  readonly recordBytes: number;
  readonly records: Uint8Array;
}

/** What `enum bpf_attach_type` a link has, and where it leads. */
export interface LinkTarget {
  readonly program: number;
  readonly attachType: number;
  /** The descriptor of a cgroup. */
  readonly cgroup: number;
}

/** bpf(2). What is made is a descriptor, which the caller closes; every method throws KernelRefusal. */
export class Bpf {
  readonly calls: SystemCalls;

  constructor(calls: SystemCalls) {
    this.calls = calls;
  }

  createMap({ name, type, keyBytes, valueBytes, entries, flags = 0, types }: MapDefinition): number {
    const attributes = new Attributes();
    attributes.u32(0, type, keyBytes, valueBytes, entries, flags);
    attributes.text(28, name, 15);
    if (types !== undefined) attributes.u32(48, types.descriptor, types.key, types.value);
    return this.#run(command.mapCreate, attributes);
  }

  updateMap(map: number, key: Uint8Array, value: Uint8Array): void {
    this.#element(command.mapUpdate, map, key, value);
  }

  /** Reads a value into `value`; false where the key is not there. */
  lookUp(map: number, key: Uint8Array, value: Uint8Array): boolean {
    try {
      this.#element(command.mapLookup, map, key, value);
      return true;
    } catch (error) {
      if (error instanceof KernelRefusal && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  /** From now on nobody writes it by a system call, and the verifier takes what a read-only map holds for constants. */
  freezeMap(map: number): void {
    this.#run(command.mapFreeze, new Attributes().u32(0, map));
  }

  loadTypes(types: Uint8Array): number {
    const attributes = new Attributes().u64(0, this.calls.address(types)).u32(16, types.length);
    return this.#run(command.typesLoad, attributes, types);
  }

  /**
   * @param log where the verifier writes what it did, ended by a NUL; without one it writes nothing and is quicker
   */
  loadProgram(program: ProgramToLoad, log?: Uint8Array): number {
    const { name, type, attachType, attachedTo, code, licence, debug } = program;
    const licenceText = new TextEncoder().encode(`${licence}\0`);
    const attributes = new Attributes();
    const address = (view: ArrayBufferView) => this.calls.address(view);
    attributes
      .u32(0, type, code.length / 8)
      .u64(8, address(code))
      .u64(16, address(licenceText));
    if (log !== undefined) attributes.u32(24, 1, log.length).u64(32, address(log));
    attributes.text(48, name, 15).u32(68, attachType);
    if (attachedTo !== undefined) attributes.u32(108, attachedTo);
    if (debug !== undefined) {
      const { types, functions, lines } = debug;
      attributes.u32(72, types, functions.recordBytes).u64(80, address(functions.records));
      attributes.u32(88, functions.records.length / functions.recordBytes, lines.recordBytes);
      attributes.u64(96, address(lines.records)).u32(104, lines.records.length / lines.recordBytes);
    }
    return this.#run(command.programLoad, attributes, code, licenceText, log, debug);
  }

  /** A link to a cgroup, Linux 5.7: it is detached when its last descriptor and pin are gone. */
  link({ program, attachType, cgroup }: LinkTarget): number {
    return this.#run(command.linkCreate, new Attributes().u32(0, program, cgroup, attachType));
  }

  /** A link of a program of the type LSM to its hook, for the whole system, on every kernel that has them. */
  linkToSystem(program: number): number {
    return this.#run(command.rawTracepointOpen, new Attributes().u32(8, program));
  }

  /** Puts another program in the place of a link's, so that there is no moment without one. */
  updateLink(link: number, program: number): void {
    this.#run(command.linkUpdate, new Attributes().u32(0, link, program));
  }

  detachLink(link: number): void {
    this.#run(command.linkDetach, new Attributes().u32(0, link));
  }

  pin(descriptor: number, path: string): void {
    this.#withPath(command.pin, path, descriptor);
  }

  getPinned(path: string): number {
    return this.#withPath(command.get, path, 0);
  }

  /** The ids of all programs, maps or links of the machine, ascending. */
  *ids(of: 'program' | 'map' | 'link'): Generator<number> {
    const next = { program: command.nextProgram, map: command.nextMap, link: command.nextLink }[of];
    const attributes = new Attributes();
    for (;;) {
      try {
        this.#run(next, attributes);
      } catch (error) {
        if (error instanceof KernelRefusal && error.code === 'ENOENT') return;
        throw error;
      }
      const id = attributes.view.getUint32(4, true);
      yield id;
      attributes.u32(0, id);
    }
  }

  byId(of: 'program' | 'map' | 'link', id: number): number {
    const by = { program: command.programById, map: command.mapById, link: command.linkById }[of];
    return this.#run(by, new Attributes().u32(0, id));
  }

  /** `struct bpf_prog_info`, `bpf_map_info` or `bpf_link_info` of a descriptor: so many bytes of it as there is room for. */
  information(descriptor: number, bytes = 256): DataView {
    const room = new Uint8Array(bytes);
    this.#run(command.information, new Attributes().u32(0, descriptor, bytes).u64(8, this.calls.address(room)), room);
    return new DataView(room.buffer);
  }

  #element(name: number, map: number, key: Uint8Array, value: Uint8Array): void {
    const { address } = this.calls;
    const attributes = new Attributes().u32(0, map).u64(8, address(key)).u64(16, address(value));
    this.#run(name, attributes, key, value);
  }

  #withPath(name: number, path: string, descriptor: number): number {
    const bytes = new TextEncoder().encode(`${path}\0`);
    return this.#run(name, new Attributes().u64(0, this.calls.address(bytes)).u32(8, descriptor), bytes);
  }

  /** @param _held what the attributes point to, which must live until the call is over */
  #run(name: number, { view }: Attributes, ..._held: readonly unknown[]): number {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return this.calls.call('bpf', name, view, attributeBytes);
      } catch (error) {
        // The verifier gives up where a signal waits (bpf(2), libbpf's sys_bpf_prog_load).
        if (attempt < 5 && error instanceof KernelRefusal && error.code === 'EAGAIN') continue;
        throw error;
      }
    }
  }
}

/** `union bpf_attr`: fields of 32 and 64 bits at their offsets. */
class Attributes {
  readonly view = new DataView(new ArrayBuffer(attributeBytes));

  u32(offset: number, ...values: readonly number[]): this {
    for (const [index, value] of values.entries()) this.view.setUint32(offset + index * 4, value, true);
    return this;
  }

  u64(offset: number, value: bigint): this {
    this.view.setBigUint64(offset, value, true);
    return this;
  }

  /** What a kernel's name may have: letters, digits, `_` and `.`. */
  text(offset: number, text: string, most: number): this {
    const bytes = new TextEncoder().encode(text.replaceAll(/[^\w.]/g, '_').slice(0, most));
    new Uint8Array(this.view.buffer, offset, most).set(bytes);
    return this;
  }
}
