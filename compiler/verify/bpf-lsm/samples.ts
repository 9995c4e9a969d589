import { parseNetwork } from '../../expressions/network.ts';
import type { Predicate, Term, Value } from '../../expressions/predicate.ts';

/** Numbers that are always the same: mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export function pick<Item>(random: () => number, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

/** Values at which predicates may change their answer, by attribute. */
export interface Interesting {
  readonly numbers: ReadonlyMap<string, readonly bigint[]>;
  readonly texts: ReadonlyMap<string, readonly string[]>;
  readonly addresses: readonly string[];
}

export function interestingValues(predicates: readonly Predicate[]): Interesting {
  const numbers = new Map<string, Set<bigint>>();
  const texts = new Map<string, Set<string>>();
  const addresses = new Set<string>(['192.0.2.1', '2001:db8::1', '0.0.0.0', '::']);
  const addNumber = (name: string, ...values: readonly bigint[]) => {
    const all = numbers.get(name) ?? new Set<bigint>([0n, 1n]);
    numbers.set(name, all);
    for (const value of values) if (value >= 0n) all.add(value);
  };
  const addTexts = (name: string, ...values: readonly string[]) => {
    const all = texts.get(name) ?? new Set<string>();
    texts.set(name, all);
    for (const value of values) all.add(value);
  };
  const visit = (predicate: Predicate): void => {
    switch (predicate.kind) {
      case 'and':
      case 'or':
        for (const each of predicate.of) visit(each);
        return;
      case 'not':
        visit(predicate.of);
        return;
      case 'compare': {
        for (const [term, other] of [
          [predicate.left, predicate.right],
          [predicate.right, predicate.left],
        ] as const) {
          const { name, mask } = attributeIn(term);
          if (name === undefined || other.kind !== 'literal') continue;
          if (typeof other.value === 'string') addTexts(name, ...around(other.value));
          else addNumber(name, ...beside(wholeOf(other.value), mask));
        }
        return;
      }
      case 'in-set': {
        const { name } = attributeIn(predicate.term);
        if (name !== undefined) for (const value of predicate.values) addTexts(name, ...around(value));
        return;
      }
      case 'in-ranges': {
        const { name, mask } = attributeIn(predicate.term);
        if (name === undefined) return;
        for (const { low, high } of predicate.ranges) addNumber(name, ...beside(low, mask), ...beside(high, mask));
        return;
      }
      case 'beneath':
      case 'glob': {
        const { name } = attributeIn(predicate.term);
        if (name !== undefined) addTexts(name, ...matching(predicate.pattern, predicate.kind === 'beneath'));
        return;
      }
      case 'in-network': {
        const network = parseNetwork(predicate.network);
        if (network !== undefined) for (const each of edges(network)) addresses.add(each);
        return;
      }
      case 'constant':
        return;
      default:
        predicate satisfies never;
    }
  };
  for (const predicate of predicates) visit(predicate);
  const listed = <Item>(map: ReadonlyMap<string, ReadonlySet<Item>>) =>
    new Map([...map].map(([name, values]) => [name, [...values]]));
  return { numbers: listed(numbers), texts: listed(texts), addresses: [...addresses] };
}

/** What a number may be at a value that is compared with its masked bits. */
function beside(value: bigint, mask: bigint | undefined): readonly bigint[] {
  if (mask === undefined) return [value - 1n, value, value + 1n];
  const outside = 0xffff_ffff_ffff_ffffn & ~mask;
  return [value, value | outside, mask, mask | outside, outside];
}

function around(text: string): readonly string[] {
  return [text, `${text}x`, text.slice(0, -1), `x${text}`, text.toUpperCase()];
}

/** Texts that match a pattern, and some that nearly do. */
function matching(pattern: string, path: boolean): readonly string[] {
  const filled = ['', 'x', 'ab', 'é'].map((star) =>
    pattern.replaceAll('*', star).replaceAll('?', star === 'é' ? 'é' : 'q'),
  );
  const slash = pattern.replaceAll('*', 'a/b').replaceAll('?', '/');
  const clean = (text: string) => (text.startsWith('/') ? text.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1') : text);
  if (!path) return [...filled.flatMap(around), slash];
  return [...filled.flatMap((text) => [text, `${text}/y`, `${text}/y/z`, `${text}y`, `/y${text}`]), slash, '/'].map(
    clean,
  );
}

function attributeIn(term: Term): { readonly name?: string; readonly mask?: bigint } {
  switch (term.kind) {
    case 'attribute':
      return { name: term.name };
    case 'mask': {
      const inner = attributeIn(term.term);
      return { ...inner, mask: inner.mask === undefined ? term.mask : inner.mask & term.mask };
    }
    default:
      return {};
  }
}

function wholeOf(value: Value): bigint {
  return typeof value === 'bigint' ? value : value === true ? 1n : 0n;
}

function edges({ family, bits, prefix }: { family: 4 | 6; bits: bigint; prefix: number }): readonly string[] {
  const width = family === 4 ? 32 : 128;
  const size = 1n << BigInt(width - prefix);
  const last = 1n << BigInt(width);
  return [bits - 1n, bits, bits + size - 1n, bits + size]
    .filter((each) => each >= 0n && each < last)
    .map((each) => addressText(family, each))
    .filter((text) => text !== undefined);
}

/** An address as a text; undefined for an IPv6 address that stands for an IPv4 one. */
function addressText(family: 4 | 6, bits: bigint): string | undefined {
  if (family === 4) return [24n, 16n, 8n, 0n].map((by) => (bits >> by) & 255n).join('.');
  if (bits >> 32n === 0xffffn) return undefined;
  return Array.from({ length: 8 }, (_, at) => ((bits >> BigInt(112 - at * 16)) & 0xffffn).toString(16)).join(':');
}
