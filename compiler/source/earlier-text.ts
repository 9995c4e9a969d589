import { commonEnd, commonStart } from './common-text.ts';
import { movedComment } from './moved-node.ts';
import type { Mistaken, ReadText } from './read-text.ts';
import type { Comment, YamlNode } from './tree.ts';

/** Some of what was read of the text before, of which the text now has the same. */
export interface Unchanged {
  /** Among the entries or items of a collection: the first, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** By how much they have moved. */
  readonly by: number;
}

/**
 * The version before of a text that is being read. The two differ in one place; an entry or item is the same again where
 * the reader has come to it in the same way and its text is the same, with what the reader looks at behind it.
 */
export class EarlierText {
  readonly root: YamlNode;
  readonly #comments: readonly Comment[];
  /** Where something was found: what is there is read again, and so is found again. */
  readonly #findings: readonly number[];
  readonly #mistaken: readonly Mistaken[];
  /** The texts are the same before this place. */
  readonly #start: number;
  /** They are the same from this place of the new one on. */
  readonly #end: number;
  /** How much longer the new one is. */
  readonly #by: number;

  constructor({ text: before, document }: ReadText, text: string) {
    this.root = document.root;
    this.#comments = document.comments;
    const { diagnostics, mistaken, followed } = document;
    this.#mistaken = mistaken;
    this.#findings = [
      ...diagnostics.map(({ span }) => span.start),
      ...mistaken.map(({ start }) => start),
      ...followed,
    ].sort((left, right) => left - right);
    this.#start = commonStart(before, text);
    this.#end = text.length - commonEnd(before, text, Math.min(before.length, text.length) - this.#start);
    this.#by = text.length - before.length;
  }

  /** Of the nodes of a collection the one that begins at a place of the new text. */
  nodeAt<Node extends Placed>(nodes: readonly Node[], at: number): Node | undefined {
    const place = this.#placeOf(at);
    if (place === undefined) return undefined;
    const node = nodes[firstBehind(nodes, place - 1)];
    return node?.span.start === place ? node : undefined;
  }

  /** Of the items of a sequence the one whose dash stands at a place of the new text. */
  itemAt<Node extends Placed>(items: readonly Node[], dash: number): Node | undefined {
    const place = this.#placeOf(dash);
    if (place === undefined) return undefined;
    const index = firstBehind(items, place);
    return (items[index - 1]?.span.end ?? 0) <= place ? items[index] : undefined;
  }

  /**
   * What is unchanged of a block collection from one of its nodes on.
   *
   * @param first the node, which begins at `at` of the new text, as itself or with its dash
   * @param lineStart where the line of `at` begins
   */
  unchanged(nodes: readonly Placed[], first: Placed, at: number, lineStart: number): Unchanged | undefined {
    const from = firstBehind(nodes, first.span.start - 1);
    const isBehind = at >= this.#end;
    if (isBehind && lineStart <= this.#end) return undefined;
    const by = isBehind ? this.#by : 0;
    let finding = 0;
    let most = this.#findings.length;
    while (finding < most) {
      const middle = (finding + most) >> 1;
      if (this.#findings[middle]! < at - by) finding = middle + 1;
      else most = middle;
    }
    const found = this.#findings[finding] ?? Number.POSITIVE_INFINITY;
    let to = from;
    while (to < nodes.length) {
      const next = nodes[to + 1]?.span.start;
      // Two characters of the next one tell that it is one.
      if (!isBehind && (next === undefined || next + 2 > this.#start)) break;
      if (found < (next ?? nodes[to]!.span.end + 1)) break;
      to += 1;
    }
    return to === from ? undefined : { from, to, by };
  }

  /** The comments between two places of the earlier text, where they stand now. */
  comments(from: number, to: number, by: number): readonly Comment[] {
    const comments: Comment[] = [];
    for (let index = firstBehind(this.#comments, from - 1); index < this.#comments.length; index += 1) {
      const comment = this.#comments[index]!;
      if (comment.span.start >= to) break;
      comments.push(movedComment(comment, by));
    }
    return comments;
  }

  /** Undefined also where what was read there is not what would be read in a sound text. */
  #placeOf(at: number): number | undefined {
    if (at >= this.#start && at < this.#end) return undefined;
    const place = at < this.#start ? at : at - this.#by;
    return this.#mistaken.some(({ start, end }) => start <= place && place < end) ? undefined : place;
  }
}

interface Placed {
  readonly span: { readonly start: number; readonly end: number };
}

/** The index of the first that starts behind a place. */
function firstBehind(nodes: readonly Placed[], place: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]!.span.start > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
