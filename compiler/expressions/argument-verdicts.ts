import type { TextRange } from '../../grammars/conditions/tree.ts';
import { report } from '../diagnostics/report.ts';
import type { Architecture } from '../tables/architectures.ts';
import type { ArgumentOperand, ConstantOperand, RuleContext } from './argument-operand.ts';
import { allBits, type WidthGroup, widthGroups } from './argument-width.ts';

type Verdict = 'always' | 'never' | 'sometimes';

/** Says that a comparison of constants is decided, on some architecture or on all. */
export function decided(verdicts: readonly Verdict[], range: TextRange, context: RuleContext): void {
  decidedByWidth([{ group: { mask: allBits, syscalls: context.syscalls }, verdicts }], range, context);
}

/** Says that a comparison is decided whatever the argument is, of some calls or of all, on some architecture or on all. */
export function decidedByWidth(
  groups: readonly { readonly group: WidthGroup; readonly verdicts: readonly Verdict[] }[],
  range: TextRange,
  { architectures, diagnostics, spanOf, text }: RuleContext,
  said = text.slice(range.start, range.end),
): void {
  for (const [verdict, code] of [
    ['never', 'POL4020'],
    ['always', 'POL4021'],
  ] as const) {
    const which = groups.filter(({ verdicts }) => verdicts.includes(verdict));
    if (which.length === 0) continue;
    const where = architectures.filter((_, at) => which.some(({ verdicts }) => verdicts[at] === verdict));
    const notes: string[] = [];
    if (where.length < architectures.length) notes.push(`this is so on ${where.join(', ')}`);
    if (which.length < groups.length) {
      const calls = which.flatMap(({ group }) => group.syscalls.map((name) => `\`${name}\``));
      notes.push(`this is so of ${calls.join(', ')}, by the width of the argument`);
    }
    diagnostics.push(report(code, spanOf(range), { text: said }, { notes }));
  }
}

/**
 * A number with bit 31 set is a negative int to C, and callers differ in how they widen it to 64 bits. Said where the
 * width is 64 bits by the prototype, since the command of an ioctl or a keyctl may make an int of it all the same.
 */
export function signExtension(
  { index, masks, range: argument }: ArgumentOperand,
  { values }: ConstantOperand,
  range: TextRange,
  context: RuleContext,
): void {
  const { spanOf, diagnostics, text, architectures } = context;
  const value = values.find((one, at) => one >= 0x8000_0000n && one <= 0xffff_ffffn && !small.has(architectures[at]!));
  if (masks !== undefined || value === undefined) return;
  if (widthGroups(index, context).every(({ mask }) => mask !== allBits)) return;
  const extended = `0x${(value | 0xffff_ffff_0000_0000n).toString(16)}`;
  const values64 = { text: text.slice(range.start, range.end), extended, argument: `arg${index}` };
  const edits = [{ span: spanOf({ start: argument.end, end: argument.end }), newText: ' & 0xffffffff' }];
  const fixes = [{ title: `compare the low 32 bits of \`arg${index}\``, certain: false, edits }];
  diagnostics.push(report('POL4022', spanOf(range), values64, { fixes }));
}

/** Arguments are 32 bits wide here, and the kernel fills the high word of what the filter sees with zeros. */
const small: ReadonlySet<Architecture> = new Set(['x86', 'arm']);
