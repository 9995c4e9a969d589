import type { DecodedObject, DecodedProgram } from '../../compiler/verify/bpf-lsm/object.ts';

/** Where things are on the machine that runs. */
export interface Places {
  /** Where the kernel has a field, in bytes. */
  readonly fieldOffset: (structure: string, members: readonly string[]) => number | undefined;
  /** The descriptor of a map by its name. */
  readonly map: (name: string) => number | undefined;
  /** The descriptor of the map that holds the object's constants. */
  readonly constants: number | undefined;
}

/** BPF_PSEUDO_MAP_FD and BPF_PSEUDO_MAP_VALUE, in the place of a source register (linux/bpf.h). */
const pseudo = { map: 1, mapValue: 2 } as const;

/**
 * The code of a program with the fields and maps of this machine in it.
 *
 * @returns what is wrong, in words that follow "the program"
 */
export function relocated(program: DecodedProgram, places: Places): Uint8Array | string {
  const code = Uint8Array.from(program.code);
  const view = new DataView(code.buffer);
  for (const { offset, structure, members, local } of program.fields) {
    const field = `${structure}.${members.join('.')}`;
    if (offset % 8 !== 0 || offset + 8 > code.length) return `asks for \`${field}\` beyond its end`;
    const place = places.fieldOffset(structure, members);
    if (place === undefined) return `reads \`${field}\`, which this kernel does not have`;
    // A load or store has the place in its offset of 16 bits; other instructions in their constant.
    const kind = view.getUint8(offset) & 7;
    const isMemory = kind >= 1 && kind <= 3;
    const written = isMemory ? view.getInt16(offset + 2, true) : view.getInt32(offset + 4, true);
    if (written !== local) return `has ${written} where its types have \`${field}\` at ${local}`;
    if (isMemory && place > 0x7fff) return `reads \`${field}\`, which lies too far into the structure`;
    if (isMemory) view.setInt16(offset + 2, place, true);
    else view.setInt32(offset + 4, place, true);
  }
  for (const [slot, address] of program.addresses) {
    const at = slot * 8;
    const descriptor = 'map' in address ? places.map(address.map) : places.constants;
    if (descriptor === undefined || view.getUint8(at) !== 0x18) return 'asks for a map that the object does not have';
    const source = 'map' in address ? pseudo.map : pseudo.mapValue;
    view.setUint8(at + 1, (view.getUint8(at + 1) & 15) | (source << 4));
    view.setInt32(at + 4, descriptor, true);
    view.setInt32(at + 12, 'map' in address ? 0 : address.constant, true);
  }
  return code;
}

/** The records that tie instructions to the function and to lines of the policy, as the kernel takes them. */
export function debugRecords({ type, lines }: DecodedProgram): { functions: Uint8Array; lines: Uint8Array } {
  const records = new Uint32Array(lines.length * 4);
  for (const [index, { offset, words }] of lines.entries()) records.set([offset / 8, ...words], index * 4);
  return { functions: new Uint8Array(Uint32Array.of(0, type).buffer), lines: new Uint8Array(records.buffer) };
}

/** Everything that an object's programs ask the kernel's types for, each once. */
export function wantedFields(object: DecodedObject) {
  const fields = new Map<string, { readonly structure: string; readonly members: readonly string[] }>();
  for (const { structure, members } of object.programs.flatMap((program) => program.fields)) {
    fields.set(fieldKey(structure, members), { structure, members });
  }
  return fields;
}

export function fieldKey(structure: string, members: readonly string[]): string {
  return `${structure}.${members.join('.')}`;
}
