/** A line of the new text, or one that only the old text has. */
export interface ChangedLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  /** Its number in the new text, from 0. */
  readonly line?: number;
}

/** Where texts differ by more lines than this, all lines between the first and the last difference count as changed. */
const mostChanges = 1_000;

/**
 * The lines of both texts in order, with as few changes as can be.
 *
 * Source: Myers, An O(ND) Difference Algorithm and Its Variations, 1986, figure 2.
 */
export function changedLines(before: readonly string[], now: readonly string[]): readonly ChangedLine[] {
  const most = Math.min(before.length, now.length);
  let head = 0;
  while (head < most && before[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const old = before.slice(head, before.length - tail);
  const fresh = now.slice(head, now.length - tail);
  const kept = keptPairs(old, fresh);
  const lines: ChangedLine[] = [];
  const same = (line: number) => lines.push({ kind: 'same', text: now[line]!, line });
  for (let line = 0; line < head; line += 1) same(line);
  let from = 0;
  let to = 0;
  for (const [left, right] of [...kept, [old.length, fresh.length] as const]) {
    for (; from < left; from += 1) lines.push({ kind: 'removed', text: old[from]! });
    for (; to < right; to += 1) lines.push({ kind: 'added', text: fresh[to]!, line: head + to });
    if (left < old.length) same(head + right);
    from = left + 1;
    to = right + 1;
  }
  for (let line = now.length - tail; line < now.length; line += 1) same(line);
  return lines;
}

/** The pairs of equal lines that a shortest edit keeps, in order. */
function keptPairs(old: readonly string[], fresh: readonly string[]): readonly (readonly [number, number])[] {
  const bound = Math.min(old.length + fresh.length, mostChanges);
  /** By diagonal `x - y`, how far a path of so many changes comes in the old text; one entry for each number of changes. */
  const history: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let changes = 0; changes <= bound; changes += 1) {
    history.push(reached);
    const next = new Map(reached);
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      const down = (reached.get(diagonal + 1) ?? -1) > (reached.get(diagonal - 1) ?? -1);
      const isDown = diagonal === -changes || (diagonal !== changes && down);
      let x = isDown ? reached.get(diagonal + 1)! : reached.get(diagonal - 1)! + 1;
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return walkBack(history, old.length, fresh.length);
    }
    reached = next;
  }
  return [];
}

function walkBack(
  history: readonly Map<number, number>[],
  x: number,
  y: number,
): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  let [left, right] = [x, y];
  for (let changes = history.length - 1; changes >= 0; changes -= 1) {
    const reached = history[changes]!;
    const diagonal = left - right;
    const down = (reached.get(diagonal + 1) ?? -1) > (reached.get(diagonal - 1) ?? -1);
    const isDown = diagonal === -changes || (diagonal !== changes && down);
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const startX = reached.get(from)!;
    const afterX = isDown ? startX : startX + 1;
    while (left > afterX && left > 0 && right > 0) {
      left -= 1;
      right -= 1;
      pairs.push([left, right]);
    }
    left = startX;
    right = startX - from;
  }
  return pairs.reverse();
}
