import { joined, fields as littleEndian } from '../launcher/data.ts';
import type { AssembledProgram } from './assembler.ts';
import { BtfWriter } from './btf.ts';
import { type ElfRelocation, type ElfSymbol, elfObject, type Section } from './elf.ts';
import { encode, instructionBytes } from './instruction.ts';
import { accessText } from './kernel-types.ts';
import { type BpfMap, definitionBytes, writeMaps } from './maps.ts';
import { type Attachment, sectionName } from './program-kind.ts';

/** The line of a policy that code comes from, as the verifier's log and `bpftool prog dump` show it. */
export interface PolicyLine {
  readonly file: string;
  /** From 1, as the column. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface ObjectProgram {
  /** A name in C: `file_open`. */
  readonly name: string;
  readonly attachment: Attachment;
  readonly code: AssembledProgram;
}

export interface BpfObject {
  readonly programs: readonly ObjectProgram[];
  readonly maps: readonly BpfMap[];
  /** What programs read and nobody writes: tables. */
  readonly constants: Uint8Array;
  /** By the index of a rule in the programs' code; what is not there comes from no line. */
  readonly lines: ReadonlyMap<number, PolicyLine>;
}

/** Programs may call helpers that the kernel lends only to those under the GPL: d_path, probe_read_kernel. */
const licence = 'GPL';

const constantsSection = '.rodata';

/** An object as clang would make it: libbpf and bpftool load it unchanged. The same input gives the same bytes. */
export function bpfObject({ programs, maps, constants, lines }: BpfObject): Uint8Array {
  const btf = new BtfWriter();
  const functions = programs.map(({ name }) => btf.program(name));
  const extension = extensionSection(btf, programs, functions, lines);
  writeMaps(btf, maps);

  const sections: Section[] = [];
  const symbols: ElfSymbol[] = [];
  const relocations: ElfRelocation[] = [];
  for (const { name, attachment, code } of programs) {
    const content = encode(code.instructions);
    const section = sectionName(attachment);
    for (const { slot, reference } of code.references) {
      // The loader adds what stands there to the address of the constants.
      if (reference.kind === 'constants') {
        new DataView(content.buffer).setInt32(slot * instructionBytes + 4, reference.offset, true);
      }
      const symbol = reference.kind === 'map' ? reference.map : constantsSection;
      relocations.push({ section, offset: slot * instructionBytes, symbol });
    }
    sections.push({ name: section, content, kind: 'code' });
    symbols.push({ name, section, offset: 0, size: content.length, type: 'function' });
  }
  if (constants.length > 0) sections.push({ name: constantsSection, content: constants, kind: 'constants' });
  if (maps.length > 0) {
    let offset = 0;
    for (const map of maps) {
      const size = definitionBytes(map);
      symbols.push({ name: map.name, section: '.maps', offset, size, type: 'object' });
      offset += size;
    }
    sections.push({ name: '.maps', content: new Uint8Array(offset), kind: 'data' });
  }
  sections.push({ name: 'license', content: new TextEncoder().encode(`${licence}\0`), kind: 'data' });
  symbols.push({ name: '_license', section: 'license', offset: 0, size: licence.length + 1, type: 'object' });
  sections.push({ name: '.BTF', content: btf.bytes(), kind: 'debug' });
  sections.push({ name: '.BTF.ext', content: extension, kind: 'debug' });
  return elfObject(sections, symbols, relocations);
}

/**
 * The section `.BTF.ext` (Documentation/bpf/btf.rst): for each section of code which function begins where, which line
 * each instruction is of, and which fields of the kernel are to be found.
 */
function extensionSection(
  btf: BtfWriter,
  programs: readonly ObjectProgram[],
  functions: readonly number[],
  lines: ReadonlyMap<number, PolicyLine>,
): Uint8Array {
  const text = (value: string) => btf.texts.offset(value);
  const group = (attachment: Attachment, records: readonly Uint8Array[]) =>
    records.length === 0 ? [] : [littleEndian([4, text(sectionName(attachment))], [4, records.length]), ...records];
  const functionInfo = programs.flatMap(({ attachment }, index) =>
    group(attachment, [littleEndian([4, 0], [4, functions[index]!])]),
  );
  const lineInfo = programs.flatMap(({ name, attachment, code }) => {
    // The kernel wants a line for the first instruction.
    const own = code.rules[0]?.slot === 0 ? code.rules : [{ slot: 0, rule: -1 }, ...code.rules];
    return group(
      attachment,
      own.map(({ slot, rule }) => {
        const line = lines.get(rule);
        return littleEndian(
          [4, slot * instructionBytes],
          [4, text(line?.file ?? name)],
          [4, text(line?.text ?? '')],
          // 22 bits of line and 10 of column
          [4, (Math.min(line?.line ?? 0, 0x3f_ffff) * 1024 + Math.min(line?.column ?? 0, 1023)) >>> 0],
        );
      }),
    );
  });
  const fieldInfo = programs.flatMap(({ attachment, code }) =>
    group(
      attachment,
      code.fields.map(({ slot, field }) =>
        // The kind is BPF_CORE_FIELD_BYTE_OFFSET.
        littleEndian(
          [4, slot * instructionBytes],
          [4, btf.kernelStructure(field.structure)],
          [4, text(accessText(field))],
          [4, 0],
        ),
      ),
    ),
  );
  // Each part begins with the bytes of a record.
  const parts = [joined([littleEndian([4, 8]), ...functionInfo]), joined([littleEndian([4, 16]), ...lineInfo])];
  parts.push(fieldInfo.length === 0 ? new Uint8Array(0) : joined([littleEndian([4, 16]), ...fieldInfo]));
  let offset = 0;
  const places = parts.map((part) => {
    const place = littleEndian([4, part.length === 0 ? 0 : offset], [4, part.length]);
    offset += part.length;
    return place;
  });
  // magic, version, flags, length of the header
  return joined([littleEndian([2, 0xeb9f], [1, 1], [1, 0], [4, 32]), ...places, ...parts]);
}
