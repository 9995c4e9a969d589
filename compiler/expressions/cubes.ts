import { complementOf, intersection, isEmpty, isSubset } from './domain.ts';
import { contradict, type Literal, withDomain } from './literal.ts';
import { byRank, type Condition, isLiteral } from './simplify.ts';

/** A conjunction of literals of different keys, sorted; the empty one always holds. It can be satisfied as far as is known. */
export type Cube = readonly Literal[];

/**
 * The condition as a disjunction of cubes.
 *
 * @returns undefined where there would be more than `most`.
 */
export function cubesOf(condition: Condition, most = 64): readonly Cube[] | undefined {
  if (typeof condition === 'boolean') return condition ? [[]] : [];
  if (isLiteral(condition)) return [[condition]];
  if (condition.kind === 'or') {
    const all: Cube[] = [];
    for (const operand of condition.of) {
      const cubes = cubesOf(operand, most);
      if (cubes === undefined || all.length + cubes.length > most) return undefined;
      all.push(...cubes);
    }
    return all;
  }
  let products: readonly Cube[] = [[]];
  for (const operand of condition.of) {
    const cubes = cubesOf(operand, most);
    if (cubes === undefined || products.length * cubes.length > most) return undefined;
    products = products.flatMap((left) => conjoinEach(left, cubes));
  }
  return products;
}

function conjoinEach(left: Cube, cubes: readonly Cube[]): readonly Cube[] {
  const products: Cube[] = [];
  for (const right of cubes) {
    const both = conjoin(left, right);
    if (both !== undefined) products.push(both);
  }
  return products;
}

/** Both cubes together, undefined where they contradict each other. */
export function conjoin(left: Cube, right: Cube): Cube | undefined {
  let result: Cube = left;
  for (const literal of right) {
    const next = withLiteral(result, literal);
    if (next === undefined) return undefined;
    result = next;
  }
  return result;
}

/** Whether the two cannot both hold; false where that cannot be told cheaply. */
export function areDisjoint(left: Cube, right: Cube): boolean {
  return conjoin(left, right) === undefined;
}

/** What of `cube` is outside `removed`, as disjoint cubes; `cube` itself where the two share nothing. */
export function subtract(cube: Cube, removed: Cube): readonly Cube[] {
  if (areDisjoint(cube, removed)) return [cube];
  const pieces: Cube[] = [];
  let inside: Cube = cube;
  for (const literal of removed) {
    const outside = withLiteral(inside, withDomain(literal, complementOf(literal.domain)));
    if (outside !== undefined) pieces.push(outside);
    const next = withLiteral(inside, literal);
    // What is left was outside already.
    if (next === undefined) return pieces;
    inside = next;
  }
  return pieces;
}

/**
 * Whether `outer` holds wherever `inner` does, and is known wherever `inner` is known to hold: each literal of `outer`
 * follows from one of `inner` on the same attribute.
 */
export function isWithinCube(inner: Cube, outer: Cube): boolean {
  return outer.every((wanted) =>
    inner.some((given) => {
      if (given.key === wanted.key) return isSubset(given.domain, wanted.domain);
      if (given.attribute === undefined || given.attribute !== wanted.attribute) return false;
      return contradict(given, withDomain(wanted, complementOf(wanted.domain)));
    }),
  );
}

function withLiteral(cube: Cube, literal: Literal): Cube | undefined {
  let own = -1;
  for (let at = 0; at < cube.length; at += 1) {
    if (cube[at]!.key === literal.key) own = at;
    else if (contradict(cube[at]!, literal)) return undefined;
  }
  if (own === -1) return [...cube, literal].sort(byRank);
  const domain = intersection(cube[own]!.domain, literal.domain);
  if (isEmpty(domain)) return undefined;
  if (domain === cube[own]!.domain) return cube;
  const narrowed = withDomain(cube[own]!, domain);
  // A narrower set may contradict what the wider one did not.
  for (let at = 0; at < cube.length; at += 1) if (at !== own && contradict(cube[at]!, narrowed)) return undefined;
  return cube.map((each, at) => (at === own ? narrowed : each));
}
