import { type Condition, visitConditions } from '../../expressions/conditions.ts';
import { parseNetwork } from '../../expressions/network.ts';
import type { Predicate, Term, Value } from '../../expressions/predicate.ts';

/** By attribute, and `$name` for a parameter, values at which predicates that compare it may change. */
export type Candidates = ReadonlyMap<string, readonly Value[]>;

/** The values that a predicate tells apart: each constant with its neighbours, what fits each pattern and what hardly does. */
export function candidatesOf(predicates: Iterable<Predicate>): Candidates {
  const found = new Map<string, Set<Value>>();
  const add = (term: Term, values: Iterable<Value>): void => {
    if (term.kind === 'literal') return;
    if (term.kind === 'mask') {
      add(term.term, [...values, ...aroundInteger(term.mask)]);
      return;
    }
    const name = nameOf(term);
    const known = found.get(name) ?? new Set();
    found.set(name, known);
    for (const value of values) if (typeof value !== 'string' || isText(value)) known.add(value);
  };
  const linked: (readonly [string, string])[] = [];
  const link = (left: Term, right: Term): void => {
    for (const term of [left, right]) add(term, []);
    linked.push([nameOf(left), nameOf(right)]);
  };
  for (const predicate of predicates) visitConditions(predicate, (condition) => collect(condition, add, link));
  // Of two attributes that are compared with each other either may have the values of the other.
  for (const [left, right] of linked) {
    const both = [...(found.get(left) ?? []), ...(found.get(right) ?? [])];
    for (const name of [left, right]) found.set(name, new Set(both));
  }
  return new Map([...found].map(([name, values]) => [name, [...values]]));
}

function nameOf(term: Term): string {
  if (term.kind === 'mask') return nameOf(term.term);
  return term.kind === 'attribute' ? term.name : term.kind === 'parameter' ? `$${term.name}` : '';
}

function collect(
  condition: Condition,
  add: (term: Term, values: Iterable<Value>) => void,
  link: (left: Term, right: Term) => void,
): void {
  switch (condition.kind) {
    case 'compare': {
      const { left, right } = condition;
      if (right.kind === 'literal') add(left, around(right.value));
      else if (left.kind === 'literal') add(right, around(left.value));
      else link(left, right);
      return;
    }
    case 'in-set':
      for (const value of condition.values) add(condition.term, [value]);
      add(condition.term, around(condition.values[0] ?? ''));
      add(condition.term, around(condition.values.at(-1) ?? ''));
      return;
    case 'in-ranges':
      for (const { low, high } of condition.ranges) {
        add(condition.term, aroundInteger(low));
        add(condition.term, aroundInteger(high));
      }
      return;
    case 'glob':
      add(condition.term, fillings(condition.pattern).flatMap(aroundText));
      return;
    case 'beneath':
      add(
        condition.term,
        fillings(condition.pattern).flatMap((path) => [path, `${path}/x`, `${path}x`, path.slice(0, -1), `x${path}`]),
      );
      return;
    case 'in-network':
      add(condition.term, aroundNetwork(condition.network));
      return;
    default:
      condition satisfies never;
  }
}

function around(value: Value): readonly Value[] {
  switch (typeof value) {
    case 'bigint':
      return aroundInteger(value);
    case 'string':
      return aroundText(value);
    case 'boolean':
      return [true, false];
    case 'number':
      return [value, nextTo(value, 1), nextTo(value, -1), 0, -value, Number.NaN];
    default: {
      const unreachable: never = value;
      return unreachable;
    }
  }
}

function aroundInteger(value: bigint): readonly bigint[] {
  const wrap = (each: bigint) => BigInt.asUintN(64, each);
  return [value, wrap(value + 1n), wrap(value - 1n), wrap(value ^ (1n << 63n)), wrap(value ^ (1n << 32n))];
}

/** Texts that differ from one at its end, its beginning or in its middle, or by one character. */
function aroundText(text: string): readonly string[] {
  const middle = text.length >> 1;
  const changed = `${text.slice(0, middle)}\u0001${text.slice(middle + 1)}`;
  return [text, `${text}a`, text.slice(0, -1), `\u0001${text.slice(1)}`, changed, `${text.slice(0, -1)}\u0001`];
}

/** Texts that match a pattern: with nothing for each `*`, and with something. */
function fillings(pattern: string): readonly string[] {
  const one = pattern.replaceAll('?', 'é');
  return [one.replaceAll('*', ''), one.replaceAll('*', 'q'), one.replaceAll('*', '😀.')];
}

/** Whether it has no half of a surrogate pair, which nobody can give in UTF-8. */
function isText(text: string): boolean {
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point >= 0xd800 && point <= 0xdfff) return false;
  }
  return true;
}

/** The next number above or below. */
function nextTo(value: number, direction: 1 | -1): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return direction * Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0]! += value > 0 === direction > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0]!;
}

/** The first and last address of a network, those beside it, and one of the other family. */
function aroundNetwork(text: string): readonly string[] {
  const network = parseNetwork(text);
  if (network === undefined) return [];
  const { family, bits, prefix } = network;
  const width = family === 4 ? 32 : 128;
  const last = bits | ((1n << BigInt(width - prefix)) - 1n);
  const inside = [bits, last, bits - 1n, last + 1n].filter((each) => each >= 0n && each >> BigInt(width) === 0n);
  const texts = inside.map((each) => addressText(family, each));
  const other = family === 4 ? ['::1', '::fffe:0:1', '::a00:1'] : ['10.0.0.1', '255.255.255.255'];
  return [...texts, ...(family === 4 ? texts.map((each) => `::ffff:${each}`) : []), ...other, 'no address'];
}

function addressText(family: 4 | 6, bits: bigint): string {
  const [parts, size] = family === 4 ? [4, 8n] : [8, 16n];
  const mask = (1n << size) - 1n;
  const numbers = Array.from({ length: parts }, (_, index) => (bits >> (BigInt(parts - 1 - index) * size)) & mask);
  return family === 4 ? numbers.join('.') : numbers.map((each) => each.toString(16)).join(':');
}
