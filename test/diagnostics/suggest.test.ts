import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { inProportion } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('suggest');

const syscalls = [
  'read',
  'write',
  'open',
  'openat',
  'openat2',
  'close',
  'socket',
  'sendto',
  'recvfrom',
  'mmap',
  'mprotect',
];

test('what people write and what they meant', () => {
  const cases: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['wirte', syscalls, 'write'],
    ['Read', syscalls, 'read'],
    ['opennat', syscalls, 'openat'],
    ['sokcet', syscalls, 'socket'],
    ['clsoe', syscalls, 'close'],
    ['xyzzy', syscalls, undefined],
    ['q', syscalls, undefined],
    ['', syscalls, undefined],
    ['cap_net_admin', ['CAP_NET_ADMIN', 'CAP_NET_RAW'], 'CAP_NET_ADMIN'],
    ['network_io', ['@network-io', 'network-io'], 'network-io'],
    ['mem', ['memory', 'mode', 'pids'], 'memory'],
    ['read_write', ['read-only', 'read-write', 'execute'], 'read-write'],
    ['POL5903', ['POL5090', 'POL5093', 'POL9001'], 'POL5093'],
    ['ab', ['xy'], undefined],
  ];
  for (const [word, candidates, expected] of cases) assert.is(nearest(word, candidates), expected, word);
});

test('a word is its own nearest', () => {
  for (const word of syscalls) assert.is(nearest(word, syscalls), word);
});

/** The recurrence of Boytsov 2011 written down as it stands, without rows, bounds or early exits. */
function slowDistance(a: string, b: string): number {
  const memo = new Map<string, number>();
  const d = (i: number, j: number): number => {
    const key = `${i},${j}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    let least = i === 0 ? j : j === 0 ? i : Number.POSITIVE_INFINITY;
    if (i > 0 && j > 0) {
      least = Math.min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, d(i - 2, j - 2) + 1);
    }
    memo.set(key, least);
    return least;
  };
  return d(a.length, b.length);
}

test('what is found is within reach, and nothing in reach is nearer', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(
      word,
      fc.array(word, { maxLength: 12 }),
      fc.integer({ min: 0, max: 4 }),
      (wanted, candidates, reach) => {
        const found = nearest(wanted, candidates, reach);
        const near = candidates.filter((each) => {
          const away = slowDistance(wanted, each);
          return away <= reach && (away === 0 || away < Math.min(wanted.length, each.length));
        });
        const abbreviated = candidates.filter((each) => wanted.length >= 3 && each.startsWith(wanted));
        if (near.length === 0) return found === undefined ? abbreviated.length === 0 : abbreviated.includes(found);
        const least = Math.min(...near.map((each) => slowDistance(wanted, each)));
        // The prefix bonus is below half an edit, and an abbreviation counts as the farthest that is still near.
        return found !== undefined && (slowDistance(wanted, found) === least || abbreviated.includes(found));
      },
    ),
    { numRuns: 5000 },
  );
});

test('the letters of two long words are not compared each with each', () => {
  inProportion((length) => {
    const word = 'ab'.repeat(length);
    return () => {
      assert.is(nearest(`${word}x`, [`${word}y`]), `${word}y`);
      assert.is(nearest(`${word}x`, ['ba'.repeat(length).replaceAll('ab', 'aa')]), undefined);
    };
  }, 500);
});

run();
