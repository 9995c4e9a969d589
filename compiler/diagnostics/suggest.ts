/** A word whose candidate must begin with it counts as near from this length on: `mem` for `memory`. */
const abbreviationLength = 3;

/** No word is meant by one that so many edits lead to, however long both are: else two long ones cost their product. */
const mostEdits = 32;

/**
 * The candidate that a misspelt word most probably stands for, or undefined when none is near enough.
 *
 * Distance is the restricted Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours) over words with
 * case and the separators `-`, `_` and space folded together. `limit` is the largest distance that is still near; by
 * default a third of the word's length, at least one and at most 32. Among equals the longer common prefix wins, then
 * the candidate with the same letter case, then the earlier one.
 */
export function nearest(word: string, candidates: Iterable<string>, limit?: number): string | undefined {
  const wanted = folded(word);
  const reach = limit ?? Math.min(mostEdits, Math.max(word.length < 2 ? 0 : 1, Math.floor(word.length / 3)));
  const letters = letterSet(wanted);
  const other = new Uint16Array(word.length + reach);
  const rows = [row(wanted), row(wanted), row(wanted)] as const;
  let best: string | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const longer = candidate.length - word.length;
    const abbreviated = longer > 0 && word.length >= abbreviationLength;
    if (longer < -reach || (longer > reach && !abbreviated)) continue;
    const prefix = commonPrefix(wanted, candidate);
    let away = Number.POSITIVE_INFINITY;
    if (longer <= reach) {
      const otherLetters = fold(candidate, other);
      // Each letter that only one of the two has costs an edit of its own.
      if (bits(letters & ~otherLetters) <= reach && bits(otherLetters & ~letters) <= reach) {
        away = distance(wanted, other, candidate.length, reach, rows);
        // With every letter replaced nothing of the word is left.
        if (away > reach || (away > 0 && away >= Math.min(word.length, candidate.length))) {
          away = Number.POSITIVE_INFINITY;
        }
      }
    }
    // An abbreviation is a little worse than the worst misspelling; the less was left out, the better.
    if (abbreviated && prefix === word.length) away = Math.min(away, reach + Math.min(longer, 64) / 128);
    const score = away - Math.min(prefix, 15) / 32 + (sameCase(word, candidate) ? 0 : 1 / 1024);
    if (score < bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function row(word: Uint16Array): Uint16Array {
  return new Uint16Array(word.length + 2);
}

/** A code unit in lower case (ASCII only, as the names of every dialect are), the separators all made `-`. */
function foldedUnit(unit: number): number {
  if (unit >= 0x41 && unit <= 0x5a) return unit + 0x20;
  return unit === 0x20 || unit === 0x5f ? 0x2d : unit;
}

function folded(word: string): Uint16Array {
  const units = new Uint16Array(word.length);
  fold(word, units);
  return units;
}

/** Writes the folded word into `units` and returns its set of letters. */
function fold(word: string, units: Uint16Array): number {
  let letters = 0;
  for (let at = 0; at < word.length; at++) {
    const unit = foldedUnit(word.charCodeAt(at));
    units[at] = unit;
    letters |= 1 << (unit & 31);
  }
  return letters;
}

function letterSet(units: Uint16Array): number {
  let letters = 0;
  for (const unit of units) letters |= 1 << (unit & 31);
  return letters;
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function commonPrefix(wanted: Uint16Array, candidate: string): number {
  const end = Math.min(wanted.length, candidate.length);
  let at = 0;
  while (at < end && wanted[at] === foldedUnit(candidate.charCodeAt(at))) at++;
  return at;
}

/** Whether both are written in small letters, or both are not. */
function sameCase(left: string, right: string): boolean {
  return (left === left.toLowerCase()) === (right === right.toLowerCase());
}

const far = 0x7fff;

/**
 * Optimal string alignment distance between `left` and the first `length` units of `right`, or `reach + 1` as soon as it
 * is certain to be larger than `reach`. Only cells within `reach` of the diagonal can lie on a short enough path.
 */
function distance(
  left: Uint16Array,
  right: Uint16Array,
  length: number,
  reach: number,
  rows: readonly [Uint16Array, Uint16Array, Uint16Array],
): number {
  let [beforeLast, last, current] = rows;
  for (let column = 0; column <= left.length; column++) last[column] = column;
  for (let at = 1; at <= length; at++) {
    const unit = right[at - 1];
    const from = Math.max(1, at - reach);
    const to = Math.min(left.length, at + reach);
    current[from - 1] = from === 1 ? at : far;
    let least = far;
    for (let column = from; column <= to; column++) {
      let cost = last[column - 1]! + (left[column - 1] === unit ? 0 : 1);
      const skip = Math.min(last[column]!, current[column - 1]!) + 1;
      if (skip < cost) cost = skip;
      if (at > 1 && column > 1 && left[column - 1] === right[at - 2] && left[column - 2] === unit) {
        const swap = beforeLast[column - 2]! + 1;
        if (swap < cost) cost = swap;
      }
      current[column] = cost;
      if (cost < least) least = cost;
    }
    current[to + 1] = far;
    // A swap reaches over one row, whose least is at most one less than this one's.
    if (least > reach + 1) return reach + 1;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return Math.min(last[left.length]!, reach + 1);
}
