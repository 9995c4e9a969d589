import type { BtfWriter } from './btf.ts';

/** linux/bpf.h, BPF_MAP_TYPE_*. */
const mapTypes = {
  hash: 1,
  array: 2,
  'cgroup-array': 8,
  'lru-hash': 9,
  'ring-buffer': 27,
  'task-storage': 29,
} as const;

/** A map that the loader makes with the object. */
export interface BpfMap {
  readonly name: string;
  readonly type: keyof typeof mapTypes;
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** For a ring buffer its size in bytes, a power of two and of pages. */
  readonly entries: number;
}

/** BPF_F_NO_PREALLOC, which storage of tasks demands. */
const noPreallocation = 1;

function mapTypeNumber(map: BpfMap): number {
  return mapTypes[map.type];
}

function mapFlags(map: BpfMap): number {
  return map.type === 'task-storage' ? noPreallocation : 0;
}

/** Bytes that each map has in the section `.maps`: eight for each field of its definition. */
export function definitionBytes(map: BpfMap): number {
  return fieldsOf(map).length * 8;
}

/** Writes the maps' definitions as libbpf reads them: a structure whose fields are pointers to arrays of so many ints. */
export function writeMaps(btf: BtfWriter, maps: readonly BpfMap[]): void {
  if (maps.length === 0) return;
  let offset = 0;
  const variables = maps.map((map) => {
    const members = fieldsOf(map).map(([name, value], index) => ({
      name,
      type: btf.pointer(
        typeof value === 'number' ? btf.array(btf.int('int', 4, true), value) : typeOf(btf, value.bytes),
      ),
      offset: index * 8,
    }));
    const size = members.length * 8;
    const entry = { type: btf.variable(map.name, btf.struct('', size, members)), offset, size };
    offset += size;
    return entry;
  });
  btf.section('.maps', offset, variables);
}

type Definition = readonly (readonly [name: string, value: number | { readonly bytes: number }])[];

function fieldsOf(map: BpfMap): Definition {
  const type = ['type', mapTypeNumber(map)] as const;
  switch (map.type) {
    case 'ring-buffer':
      return [type, ['max_entries', map.entries]];
    case 'task-storage':
      return [
        type,
        ['map_flags', mapFlags(map)],
        ['key', { bytes: map.keyBytes }],
        ['value', { bytes: map.valueBytes }],
      ];
    case 'cgroup-array':
      return [type, ['max_entries', map.entries], ['key_size', map.keyBytes], ['value_size', map.valueBytes]];
    default:
      return [
        type,
        ['max_entries', map.entries],
        ['key', { bytes: map.keyBytes }],
        ['value', { bytes: map.valueBytes }],
      ];
  }
}

function typeOf(btf: BtfWriter, bytes: number): number {
  if (bytes === 4) return btf.int('int', 4, true);
  return btf.array(btf.int('unsigned long', 8), bytes / 8);
}
