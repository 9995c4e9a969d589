import type { FormulaId, FormulaTable, WordRange } from './formula.ts';
import { fullMask, type WordPair, wordKey } from './words.ts';

/** Replaces conditions that ask for ranges of one term by one that asks for all of them. */
export function joinRanges(conditions: readonly FormulaId[], table: FormulaTable): readonly FormulaId[] {
  if (conditions.length < 2) return conditions;
  const groups = new Map<
    string,
    { readonly term: WordPair; readonly members: FormulaId[]; readonly ranges: WordRange[] }
  >();
  const rest: FormulaId[] = [];
  for (const id of conditions) {
    const formula = table.get(id);
    if (formula.kind !== 'ranges') {
      rest.push(id);
      continue;
    }
    const { term, ranges } = formula;
    const key = `${wordKey(term.high)} ${wordKey(term.low)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { term, members: [id], ranges: [...ranges] });
    else {
      group.members.push(id);
      group.ranges.push(...ranges);
    }
  }
  const joined = [...groups.values()].map(({ term, members, ranges }) =>
    members.length === 1 ? members[0]! : table.add({ kind: 'ranges', term, ranges: disjoint(ranges) }),
  );
  return [...joined, ...rest];
}

/** The same values as sorted ranges of which none touches the next. */
function disjoint(ranges: readonly WordRange[]): readonly WordRange[] {
  const sorted = [...ranges].sort((left, right) => left.lowHigh - right.lowHigh || left.lowLow - right.lowLow);
  const result: WordRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || !reaches(last, range)) result.push(range);
    else if (isBelow(last, range)) {
      result[result.length - 1] = { ...last, highHigh: range.highHigh, highLow: range.highLow };
    }
  }
  return result;
}

/** True where `right`, which begins no earlier, overlaps `left` or follows it at once. */
function reaches(left: WordRange, right: WordRange): boolean {
  const carries = left.highLow === fullMask;
  const nextHigh = carries ? left.highHigh + 1 : left.highHigh;
  const nextLow = carries ? 0 : left.highLow + 1;
  return right.lowHigh < nextHigh || (right.lowHigh === nextHigh && right.lowLow <= nextLow);
}

/** True where `left` ends before `right` does. */
function isBelow(left: WordRange, right: WordRange): boolean {
  return left.highHigh < right.highHigh || (left.highHigh === right.highHigh && left.highLow < right.highLow);
}
