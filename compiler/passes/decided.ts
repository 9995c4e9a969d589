import { type Cube, conjoin, subtract } from '../expressions/cubes.ts';
import { strings } from '../expressions/domain.ts';
import { type Literal, withDomain } from '../expressions/literal.ts';

interface Entry<Owner> {
  readonly cube: Cube;
  readonly owner: Owner;
}

/** Pieces beyond this number are not looked at: the answer is then that something is left. */
const MOST_PIECES = 128;

/**
 * Literals of pieces that are cut beyond this number, over all questions, are not looked at: what follows counts as left.
 * Conditions that name nothing, such as hundreds of path patterns at one hook, meet each other all, and each cut leaves a
 * piece with a literal more.
 */
const MOST_LITERALS = 60_000;

/**
 * The inputs that earlier rules decide, indexed by name, so that a rule meets only the earlier rules that share a name
 * with it: policies list hundreds of calls, most of them whatever their arguments.
 */
export class Decided<Owner> {
  /** key -> value -> who decides it whatever else holds */
  readonly #whole = new Map<string, Map<string, Owner>>();
  /** key -> value -> who decides a part of it */
  readonly #parts = new Map<string, Map<string, Entry<Owner>[]>>();
  readonly #others: Entry<Owner>[] = [];
  /** What the others leave of everything, as disjoint cubes; undefined until it is asked for. */
  #leftByOthers: readonly Cube[] | undefined;
  #literals = 0;

  add(cube: Cube, owner: Owner): void {
    const names = mostNames(cube);
    if (names === undefined) {
      this.#others.push({ cube, owner });
      this.#leftByOthers = undefined;
      return;
    }
    if (cube.length === 1) {
      const whole = of(this.#whole, names.key);
      for (const value of names.values) if (!whole.has(value)) whole.set(value, owner);
      return;
    }
    const parts = of(this.#parts, names.key);
    for (const value of names.values) {
      const entries = parts.get(value);
      if (entries === undefined) parts.set(value, [{ cube, owner }]);
      else entries.push({ cube, owner });
    }
  }

  /** Who together decide all of the cubes, in the order in which they matter; undefined where something is left. */
  whoDecides(cubes: readonly Cube[]): readonly Owner[] | undefined {
    const owners = new Set<Owner>();
    for (const cube of cubes) if (!this.#isDecided(cube, owners)) return undefined;
    return [...owners];
  }

  #isDecided(cube: Cube, owners: Set<Owner>): boolean {
    const rest = this.#withoutWhole(cube, owners);
    if (rest === undefined) return true;
    if (this.#isSeenLeft(rest)) return false;
    let pieces: readonly Cube[] = [rest];
    for (const { cube: decided, owner } of this.#sharing(rest)) {
      for (const piece of pieces) this.#literals += 1 + piece.length;
      if (this.#literals > MOST_LITERALS) return false;
      const next = pieces.flatMap((piece) => subtract(piece, decided));
      if (next.length !== pieces.length || next.some((piece, at) => piece !== pieces[at])) owners.add(owner);
      if (next.length === 0) return true;
      if (next.length > MOST_PIECES) return false;
      pieces = next;
    }
    // A condition that named nothing may have been cut down to names.
    return pieces.every((piece) => piece !== rest && this.#withoutWhole(piece, owners) === undefined);
  }

  /** Whether something is left of the cube that can be told without cutting it: most rules speak of a call of their own. */
  #isSeenLeft(cube: Cube): boolean {
    this.#leftByOthers ??= this.#withoutOthers();
    for (const piece of this.#leftByOthers) {
      const left = conjoin(cube, piece);
      if (left !== undefined && !this.#meetsPart(left) && this.#withoutWhole(left, undefined) !== undefined)
        return true;
    }
    return false;
  }

  #withoutOthers(): readonly Cube[] {
    let pieces: readonly Cube[] = [[]];
    for (const { cube } of this.#others) {
      pieces = pieces.flatMap((piece) => subtract(piece, cube));
      if (pieces.length > MOST_PIECES) return [];
    }
    return pieces;
  }

  #meetsPart(cube: Cube): boolean {
    for (const [key, parts] of this.#parts) {
      const names = finiteNames(cube.find((literal) => literal.key === key));
      if (names === undefined || names.some((name) => parts.has(name))) return true;
    }
    return false;
  }

  /** The cube without the names that are decided whatever else holds; undefined where nothing of it is left. */
  #withoutWhole(cube: Cube, owners: Set<Owner> | undefined): Cube | undefined {
    let rest: Cube = cube;
    for (const literal of cube) {
      const values = finiteNames(literal);
      const whole = this.#whole.get(literal.key);
      if (values === undefined || whole === undefined) continue;
      const left: string[] = [];
      for (const value of values) {
        const owner = whole.get(value);
        if (owner === undefined) left.push(value);
        else owners?.add(owner);
      }
      if (left.length === 0) return undefined;
      if (left.length === values.length) continue;
      rest = rest.map((each) => (each === literal ? withDomain(literal, strings(left)) : each));
    }
    return rest;
  }

  /** The entries that may share an input with the cube, each once. */
  *#sharing(cube: Cube): Iterable<Entry<Owner>> {
    yield* this.#others;
    for (const [key, parts] of this.#parts) {
      const own = finiteNames(cube.find((literal) => literal.key === key));
      const seen = new Set<Cube>();
      for (const value of own ?? parts.keys()) {
        for (const entry of parts.get(value) ?? []) {
          if (seen.has(entry.cube)) continue;
          seen.add(entry.cube);
          yield entry;
        }
      }
    }
  }
}

function finiteNames(literal: Literal | undefined): readonly string[] | undefined {
  return literal?.domain.kind === 'strings' && !literal.domain.complement ? literal.domain.values : undefined;
}

function mostNames(cube: Cube): { readonly key: string; readonly values: readonly string[] } | undefined {
  let most: { readonly key: string; readonly values: readonly string[] } | undefined;
  for (const literal of cube) {
    const values = finiteNames(literal);
    if (values !== undefined && (most === undefined || values.length >= most.values.length)) {
      most = { key: literal.key, values };
    }
  }
  return most;
}

function of<Key, Value>(maps: Map<string, Map<Key, Value>>, key: string): Map<Key, Value> {
  let found = maps.get(key);
  if (found === undefined) {
    found = new Map();
    maps.set(key, found);
  }
  return found;
}
