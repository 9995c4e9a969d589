import { scan } from '../../../grammars/argument-rules/scan.ts';
import { readNumber } from '../../../grammars/conditions/number.ts';
import { argumentNames, argumentWidth, pointerArguments } from '../../tables/syscall-arguments.ts';
import type { Embedded } from '../expressions/embedded.ts';
import { ruleCalls } from '../expressions/rule-calls.ts';
import type { Place } from '../locate.ts';
import { listed } from '../meaning/explanation.ts';
import { explainConstant } from '../meaning/kernel-names.ts';
import type { Hover } from './hover.ts';

/** The constant, argument or number of a rule under the cursor. */
export function hoverArgumentRule(place: Place, { text, at, span }: Embedded): Hover | undefined {
  const token = scan(text).tokens.find(({ start, end }) => start <= at && at <= end && end > start);
  if (token === undefined) return undefined;
  const written = text.slice(token.start, token.end);
  const paragraphs =
    token.name === 'Name'
      ? explainConstant(written)?.paragraphs
      : token.name === 'Argument'
        ? argumentText(Number(written.slice(3)), ruleCalls(place))
        : token.name === 'Integer'
          ? numberText(written)
          : undefined;
  return paragraphs === undefined || paragraphs.length === 0
    ? undefined
    : { span: span(token.start, token.end), paragraphs };
}

/** What an argument is to each of the calls, those to which it is the same together. */
function argumentText(index: number, calls: readonly string[]): readonly string[] {
  const byMeaning = new Map<string, string[]>();
  for (const call of calls) {
    const name = argumentNames(call)?.[index];
    if (name === undefined) continue;
    const kind = pointerArguments(call).includes(index)
      ? 'a pointer, of which a filter sees the address'
      : `${argumentWidth(call, index)} bits`;
    const meaning = `\`${name}\`, ${kind}`;
    byMeaning.set(meaning, [...(byMeaning.get(meaning) ?? []), call]);
  }
  return [...byMeaning].map(([meaning, its]) => `${meaning}: ${listed(its, 8)}`);
}

function numberText(written: string): readonly string[] {
  const { value } = readNumber(written);
  return value === undefined ? [] : [`${value} = 0x${value.toString(16)}`];
}
