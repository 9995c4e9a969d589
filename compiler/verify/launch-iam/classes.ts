import { hasWildcard } from '../../expressions/glob.ts';

/** What is known of one key: nothing, or a value. */
export type Seen = string | undefined;

/** A key with the values that matter: every other value is like one of them. */
export interface KeyClasses {
  readonly key: string;
  readonly values: readonly Seen[];
}

/**
 * One value for each way in which the tests can come out, of those that are mentioned, of texts that patterns match, of the empty
 * text, one that nobody mentions, and none at all.
 *
 * @param tests everything that either side asks of a value
 * @param isPossible whether a request can have the value
 */
export function keyClasses(
  key: string,
  mentioned: Iterable<string>,
  tests: readonly ((value: Seen) => boolean | undefined)[],
  isPossible: (value: Seen) => boolean = () => true,
): KeyClasses {
  const found = new Map<string, Seen>();
  const candidates = new Set<Seen>([undefined, '', 'polc-unmentioned']);
  for (const value of mentioned) {
    candidates.add(value);
    if (!hasWildcard(value)) continue;
    for (const by of ['', 'x', 'y-2', '0', '0123456789abcdef0'])
      candidates.add(value.replaceAll('*', by).replaceAll('?', 'z'));
  }
  for (const value of candidates) {
    if (!isPossible(value)) continue;
    let way = '';
    for (const test of tests) way += letters[String(test(value))];
    if (!found.has(way)) found.set(way, value);
  }
  return { key, values: [...found.values()] };
}

const letters: Readonly<Record<string, string>> = { true: '1', false: '0', undefined: '-' };

/** More requests than this on one resource are not tried. */
const MOST = 50_000;

export interface Asked {
  readonly compared: number;
  /** Whether those were all there are. */
  readonly whole: boolean;
}

/** Calls `ask` with each combination of values; with every so many where they are too many. */
export function forEachClass(classes: readonly KeyClasses[], ask: (known: ReadonlyMap<string, string>) => void): Asked {
  let size = 1;
  for (const { values } of classes) size *= values.length;
  const step = Math.max(1, Math.ceil(size / MOST)) | 1;
  let compared = 0;
  for (let index = 0; index < size; index += step) {
    const known = new Map<string, string>();
    let left = index;
    for (const { key, values } of classes) {
      const value = values[left % values.length];
      left = Math.floor(left / values.length);
      if (value !== undefined) known.set(key, value);
    }
    compared += 1;
    ask(known);
  }
  return { compared, whole: step === 1 };
}
