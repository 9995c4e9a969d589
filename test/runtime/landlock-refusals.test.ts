import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { LandlockRefusals, type RefusalEvent } from '../../runtime/sandbox/supervisor/landlock-refusals.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('what Landlock refuses, by audit records');

const access = 1423;
const domain = 1424;
const call = 1300;
const end = 1320;
type Line = readonly [type: number, serial: number, fields: string];

function heard(lines: readonly Line[], maker: readonly [number, string] = [42, '/tmp/polc/web']) {
  const events: RefusalEvent[] = [];
  let moves = 0;
  const refusals = new LandlockRefusals(
    'web',
    () => {
      moves += 1;
    },
    (event) => events.push(event),
  );
  refusals.madeBy(...maker);
  for (const [type, serial, fields] of lines)
    refusals.hear({ type, text: `audit(1795468356.767:${serial}): ${fields}` });
  refusals.settle();
  return { events, moves };
}

const named = (id: string, pid = 42, exe = '"/tmp/polc/web"') =>
  `domain=${id} status=allocated mode=enforcing pid=${pid} uid=0 exe=${exe} comm="web"`;
const refused = (id: string, rest = 'blockers=fs.write_file path="/t/a" dev="vda" ino=7') => `domain=${id} ${rest}`;
const made = 'arch=c000003e syscall=257 success=no exit=-13 ppid=41 pid=43 uid=0 comm="cat" exe="/usr/bin/cat"';

test('a refusal moves before the kernel has told of its call, and is told of with it', () => {
  const { events, moves } = heard([
    [access, 1, refused('a1')],
    [domain, 1, named('a1')],
    [call, 1, made],
    [end, 1, ''],
    [access, 2, refused('a1', 'blockers=fs.make_reg,fs.refer path=2F742F6120C3A9 dev="vda" ino=8')],
    [access, 3, refused('a1', 'blockers=net.connect_tcp daddr=127.0.0.1 dest=80')],
    [call, 2, made],
    [access, 4, refused('a1', 'blockers=scope.signal opid=1 ocomm="init"')],
  ]);
  assert.is(moves, 4);
  const common = { time: '2026-11-23T20:32:36.767Z', policy: 'web', event: 'refusal', by: 'landlock' };
  assert.equal(
    events.map(({ time, ...rest }) => ({
      time: time === new Date(1795468356767).toISOString() && common.time,
      ...rest,
    })),
    [
      { ...common, lacking: ['fs.write_file'], path: '/t/a', pid: 43, command: 'cat' },
      { ...common, lacking: ['fs.make_reg', 'fs.refer'], path: '/t/a é' },
      { ...common, lacking: ['net.connect_tcp'], address: '127.0.0.1', port: 80 },
      { ...common, lacking: ['scope.signal'], other: 1 },
    ],
  );
});

test('domains of others move nothing, whatever they are called and however many there are', () => {
  const others: Line[] = [
    [access, 1, refused('b1')],
    [domain, 1, named('b1', 41)],
    [access, 2, refused('b2')],
    [domain, 2, named('b2', 42, '"/usr/bin/python3"')],
    [access, 3, refused('b3')],
    [domain, 3, named('b3', 41, '"/tmp/x pid=42 exe=/tmp/polc/web"')],
    [access, 4, refused('b4')],
    [domain, 4, 'domain=b4 status=deallocated denials=1'],
    // A name in quotes holds no blank; what looks like a second field does not replace the first.
    [access, 5, refused('b5', 'blockers=fs.read_file path="/a" domain=a1')],
    [domain, 5, named('b5', 41).replace('comm="web"', 'comm=77656220706964 pid=42')],
    [1327, 6, named('a1')],
  ];
  assert.equal(heard(others), { events: [], moves: 0 });
  const many: Line[] = Array.from({ length: 600 }, (_, at) => [access, at, refused(`c${at}`)]);
  assert.is(heard([...many, [access, 700, refused('a1')], [domain, 700, named('a1')]]).moves, 1);
  assert.is(heard([[access, 1, refused('a1')], ...many, [domain, 1, named('a1')]]).moves, 0);
  const own: Line[] = [
    [access, 1, refused('a1')],
    [domain, 1, named('a1')],
  ];
  assert.is(heard([...own, ...others, [access, 9, refused('a10')], [access, 10, refused('a')]]).moves, 1);
});

test('before the launcher is known nobody is taken for it', () => {
  let moves = 0;
  const refusals = new LandlockRefusals(
    'web',
    () => {
      moves += 1;
    },
    () => {},
  );
  refusals.hear({ type: access, text: `audit(1.000:1): ${refused('a1')}` });
  refusals.hear({ type: domain, text: `audit(1.000:1): ${named('a1', Number.NaN, '"undefined"')}` });
  assert.is(moves, 0);
});

test('what is no record does no harm', () => {
  const piece = fc.constantFrom(
    ...[
      'domain=a1',
      'domain=',
      '=',
      '"',
      'path="',
      'path=2F',
      'path=2',
      'exe="/tmp/polc/web"',
      'pid=42',
      ' ',
      'blockers=,,',
    ],
    ...['status=allocated', 'audit(1.000:1): ', 'audit(', 'pid=99999999999', 'dest=-1', '\n', '\0', 'opid=x'],
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(access, domain, call, end, 1326), fc.array(piece)), { maxLength: 12 }),
      (given) => {
        const refusals = new LandlockRefusals(
          'web',
          () => {},
          (event) => JSON.stringify(event),
        );
        refusals.madeBy(42, '/tmp/polc/web');
        for (const [type, pieces] of given) refusals.hear({ type, text: `audit(1.000:1): ${pieces.join(' ')}` });
        for (const [type, pieces] of given) refusals.hear({ type, text: pieces.join('') });
        refusals.settle();
      },
    ),
    { numRuns: 500 },
  );
});

run();
