import type { Cube } from '../expressions/cubes.ts';
import type { Literal } from '../expressions/literal.ts';
import { PathIndex } from '../expressions/path-index.ts';

/**
 * Rules by what a condition must say to lie within theirs: a condition on a path lies within one on a path above it,
 * and policies list thousands of paths. Rules whose conditions say nothing of paths are candidates for every condition.
 */
export class CoveringRules {
  /** attribute -> places of rules by the path that one of their cubes asks for */
  readonly #byPath = new Map<string, PathIndex<number>>();
  readonly #others: number[] = [];
  #count = 0;

  /** Adds the next rule; without cubes it covers nothing that could be told. */
  add(cubes: readonly Cube[] | undefined): void {
    const place = this.#count;
    this.#count += 1;
    for (const cube of cubes ?? []) {
      const wanted = cube.find((literal) => literal.attribute !== undefined && patternOf(literal) !== undefined);
      if (wanted === undefined) {
        if (this.#others.at(-1) !== place) this.#others.push(place);
        continue;
      }
      let index = this.#byPath.get(wanted.attribute!);
      if (index === undefined) {
        index = new PathIndex();
        this.#byPath.set(wanted.attribute!, index);
      }
      index.add(patternOf(wanted)!, place);
    }
  }

  /** The places of all rules that may cover a condition, in their order; there may be more than do. */
  candidates(cubes: readonly Cube[]): Iterable<number> {
    const [first] = cubes;
    if (first === undefined) return Array(this.#count).keys();
    const found = [...this.#others];
    for (const literal of first) {
      const index = literal.attribute === undefined ? undefined : this.#byPath.get(literal.attribute);
      const path = index === undefined ? undefined : (patternOf(literal) ?? onePathOf(literal));
      if (path !== undefined) for (const place of index!.above(path)) found.push(place);
    }
    if (found.length < 2) return found;
    return new Set(found.sort((left, right) => left - right));
  }
}

/** The pattern of a condition that something lies beneath it. */
function patternOf({ domain, of }: Literal): string | undefined {
  return domain.kind === 'truth' && domain.bits === 2 && of.kind === 'beneath' ? of.pattern : undefined;
}

/** One of the paths that are listed: all of them lie beneath a pattern that covers the list. */
function onePathOf({ domain }: Literal): string | undefined {
  return domain.kind === 'strings' && !domain.complement ? domain.values[0] : undefined;
}
