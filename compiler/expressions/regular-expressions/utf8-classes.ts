import type { Ranges } from '../../tables/unicode-classes.ts';

/**
 * The UTF-8 of the code points of a class: edges from each node, of which none overlap, as first byte, last byte and node.
 * The last node, `final`, has none: there the code point is read. Nodes follow those that lead to them.
 */
export interface ByteTree {
  readonly nodes: readonly (readonly number[])[];
  readonly root: number;
  readonly final: number;
}

/** Code points by the length of their UTF-8: first, last, the bits that mark the first byte. Surrogates have none. */
const lengths = [
  { first: 0, last: 0x7f, mark: 0 },
  { first: 0x80, last: 0x7ff, mark: 0xc0 },
  { first: 0x800, last: 0xffff, mark: 0xe0 },
  { first: 0x10000, last: 0x10ffff, mark: 0xf0 },
] as const;

export function byteTree(ranges: Ranges): ByteTree {
  const builder = new Builder();
  const edges = lengths.flatMap(({ first, last, mark }, more) =>
    builder.edges(withoutSurrogates(clipped(ranges, first, last)), more, mark),
  );
  const root = builder.node(edges);
  return { nodes: builder.nodes, root, final: 0 };
}

function clipped(ranges: Ranges, first: number, last: number): Ranges {
  const result: number[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    const low = Math.max(ranges[index]!, first);
    const high = Math.min(ranges[index + 1]!, last);
    if (low <= high) result.push(low, high);
  }
  return result;
}

function withoutSurrogates(ranges: Ranges): Ranges {
  return [...clipped(ranges, 0, 0xd7ff), ...clipped(ranges, 0xe000, 0x10ffff)];
}

class Builder {
  /** Equal nodes are one. */
  readonly nodes: (readonly number[])[] = [[]];
  readonly #known = new Map<string, number>();

  node(edges: readonly number[]): number {
    const key = edges.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.nodes.push(edges);
    this.#known.set(key, this.nodes.length - 1);
    return this.nodes.length - 1;
  }

  /** The node before `more` + 1 bytes, each of which has six bits of what is in the ranges. */
  #following(ranges: Ranges, more: number): number {
    if (ranges[0] !== 0 || ranges[1] !== 64 ** (more + 1) - 1) return this.node(this.edges(ranges, more, 0x80));
    // Most of the large classes is whole blocks.
    let node = 0;
    for (let level = 0; level <= more; level++) node = this.node([0x80, 0xbf, node]);
    return node;
  }

  /** @param more how many bytes follow the first; `mark` is what the first has besides its bits of the code point */
  edges(ranges: Ranges, more: number, mark: number): readonly number[] {
    const result: number[] = [];
    const width = 64 ** more;
    for (const [byte, rest] of byFirst(ranges, width)) {
      const target = more === 0 ? 0 : this.#following(rest, more - 1);
      const end = result.length;
      if (end > 0 && result[end - 1] === target && result[end - 2] === mark + byte - 1) result[end - 2] = mark + byte;
      else result.push(mark + byte, mark + byte, target);
    }
    return result;
  }
}

/** The ranges by the number of widths that is in them, each as what is over. */
function byFirst(ranges: Ranges, width: number): ReadonlyMap<number, Ranges> {
  const result = new Map<number, number[]>();
  for (let index = 0; index < ranges.length; index += 2) {
    const [first, last] = [ranges[index]!, ranges[index + 1]!];
    for (let each = Math.floor(first / width); each * width <= last; each++) {
      const known = result.get(each) ?? [];
      known.push(Math.max(first - each * width, 0), Math.min(last - each * width, width - 1));
      result.set(each, known);
    }
  }
  return result;
}
