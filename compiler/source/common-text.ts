/** Long texts that differ in one place are compared in pieces, which an engine compares faster than characters. */
const piece = 4096;

/** How many code units two texts begin with alike. */
export function commonStart(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  let at = 0;
  while (at + piece <= most && left.slice(at, at + piece) === right.slice(at, at + piece)) at += piece;
  while (at < most && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  return at;
}

/**
 * How many code units two texts end with alike.
 *
 * @param most how many that may be
 */
export function commonEnd(left: string, right: string, most: number): number {
  const { length } = left;
  const by = right.length - length;
  let end = 0;
  const isSame = (from: number, to: number) => left.slice(from, to) === right.slice(from + by, to + by);
  while (end + piece <= most && isSame(length - end - piece, length - end)) end += piece;
  while (end < most && left.charCodeAt(length - 1 - end) === right.charCodeAt(right.length - 1 - end)) end += 1;
  return end;
}
