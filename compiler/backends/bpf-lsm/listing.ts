import type { Span } from '../../source/span.ts';
import type { SourceMapEntry } from '../backend.ts';
import type { AssembledProgram } from './assembler.ts';
import { disassemble } from './disassemble.ts';
import { accessText } from './kernel-types.ts';
import type { ObjectProgram, PolicyLine } from './object.ts';
import { sectionName } from './program-kind.ts';

export interface Listing {
  readonly text: string;
  /** By line, from 1. */
  readonly sourceMap: readonly SourceMapEntry[];
}

/**
 * The instructions of every program, with the policy's lines that they come from.
 *
 * @param rules the ids by their indexes
 * @param spans where each rule is in the policy, by its id
 */
export function bpfListing(
  programs: readonly ObjectProgram[],
  lines: ReadonlyMap<number, PolicyLine>,
  rules: readonly string[],
  spans: ReadonlyMap<string, Span>,
): Listing {
  const out: string[] = [];
  const sourceMap: SourceMapEntry[] = [];
  for (const { attachment, code } of programs) {
    if (out.length > 0) out.push('');
    out.push(`${sectionName(attachment)}, ${slotsOf(code)} instructions`);
    const starts = new Map(code.rules.map(({ slot, rule }) => [slot, rule]));
    const fields = new Map(code.fields.map(({ slot, field }) => [slot, field]));
    const references = new Map(code.references.map(({ slot, reference }) => [slot, reference]));
    let current: string | undefined;
    code.instructions.forEach((instruction, index) => {
      const slot = code.places[index]!;
      const rule = starts.get(slot);
      if (rule !== undefined) {
        current = rules[rule];
        const line = lines.get(rule);
        if (line !== undefined) out.push(`; ${line.file}:${line.line}  ${line.text}`);
      }
      const remark = code.remarks.get(slot);
      if (remark !== undefined) out.push(`  ; ${remark}`);
      const reference = references.get(slot);
      const field = fields.get(slot);
      const note =
        reference?.kind === 'map'
          ? `  ; map ${reference.map}`
          : reference?.kind === 'constants'
            ? `  ; constants + ${reference.offset}`
            : field === undefined
              ? ''
              : `  ; ${field.structure}.${field.members.join('.')} (${accessText(field)})`;
      out.push(`${String(slot).padStart(6)}  ${disassemble(instruction, slot)}${note}`);
      const span = current === undefined ? undefined : spans.get(current);
      if (current !== undefined && span !== undefined) sourceMap.push({ at: out.length, rule: current, span });
    });
  }
  return { text: `${out.join('\n')}\n`, sourceMap };
}

/** Slots of eight bytes, which is what the kernel calls instructions. */
export function slotsOf({ places, instructions }: AssembledProgram): number {
  const last = instructions.at(-1);
  return last === undefined ? 0 : places.at(-1)! + (last.high === undefined ? 1 : 2);
}
