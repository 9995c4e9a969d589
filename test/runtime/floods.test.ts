import * as assert from 'uvu/assert';
import { openRingBuffer } from '../../runtime/kernel/ring-buffer.ts';
import { type SystemCalls, systemCalls } from '../../runtime/kernel/system-calls.ts';
import type { Supervision } from '../../runtime/sandbox/supervisor/index.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { runSupervised } from '../support/supervised.ts';

const { test, skip, run } = suite('a program that never lets its supervisor rest');

/** More than anybody is to wait for who waits: where it comes so far, the flood ends by itself and the test fails. */
const mostFlood = 200_000;

test('of a ring buffer no more is read than was there, whoever writes meanwhile', () => {
  const page = 4096;
  const bytes = 65_536;
  const reading = new ArrayBuffer(page);
  const writing = new ArrayBuffer(page + 2 * bytes);
  const calls: Pick<SystemCalls, 'call' | 'memory'> = {
    call: (_name, ...[, length]) => (length === page ? 1 : 2),
    memory: (address) => (address === 1 ? reading : writing),
  };
  const written = new BigUint64Array(writing, 0, 1);
  const heads = new DataView(writing, page);
  const write = () => {
    const place = Number(written[0]! % BigInt(bytes));
    for (const twice of [place, place + bytes]) heads.setUint32(twice, 8, true);
    written[0]! += 16n;
  };
  const never = () => Promise.reject(new Error('nothing is waited for'));
  const ring = openRingBuffer({ ...calls, wait: never, address: () => 0n }, 3, bytes);
  for (let count = 0; count < 3; count += 1) write();
  let given = 0;
  const flood = () => {
    given += 1;
    if (given < mostFlood) write();
  };
  assert.is(ring.read(flood), 3);
  assert.is(ring.read(flood), 3);
  assert.is(given, 6);
});

const probe = process.platform === 'linux' && process.arch === 'x64' ? compileHelper('level-probe.c', []) : {};
const loaded = await systemCalls();

const policy = `profile: p
mode: sandbox
security: { seccomp: { default: allow } }
adaptive: { auto_upgrade: hardened, triggers: [{ network_access: upgrade }, { policy_violation: upgrade }] }
`;
const receives = 0xc050_2100;
const sends = 0xc018_2101;

/**
 * From when `begin` is called some call waits whenever it is asked, until `end`. They are nobody's.
 *
 * @param first is called with the first of them
 */
function flooded(calls: SystemCalls, first: () => void) {
  let flooding = false;
  let given = 0;
  const nobody = 0xffff_ffff_ffffn;
  const changed: SystemCalls = {
    ...calls,
    call(name, ...words) {
      const [polled, second, third] = words;
      if (flooding && name === 'ppoll' && polled instanceof DataView && second === 1) {
        polled.setInt16(6, 1, true);
        return 1;
      }
      if (name === 'ioctl' && third instanceof DataView) {
        if (flooding && second === receives) {
          given += 1;
          if (given === 1) first();
          if (given === mostFlood) flooding = false;
          third.setBigUint64(0, nobody, true);
          // personality(2), which the levels answer differently.
          third.setUint32(16, 135, true);
          third.setUint32(20, 0xc000_003e, true);
          return 0;
        }
        if (second === sends && third.getBigUint64(0, true) === nobody) return 0;
      }
      return calls.call(name, ...words);
    },
  };
  const flood = (on: boolean) => () => {
    flooding = on;
  };
  return { changed, begin: flood(true), end: flood(false), given: () => given };
}

if (probe.path === undefined || 'problem' in loaded)
  skip('calls without end', 'it needs Linux on x86_64, koffi and a compiler');
else {
  const program = probe.path;
  test('calls without end keep neither records nor time from being heard', async () => {
    let supervision: Supervision | undefined;
    const flood = flooded(loaded, () => {
      // What a hook records, or a timer asks for, arrives as this does.
      setTimeout(() => {
        supervision?.fire('policy_violation');
        flood.end();
      }, 0);
    });
    const { lines, events } = await runSupervised(policy, [program, 'personality', 'line', 'personality', 'refused'], {
      calls: () => flood.changed,
      line(text, running) {
        if (text !== 'personality done' || flood.given() > 0) return;
        supervision = running.supervision;
        flood.begin();
        running.go();
      },
    });
    assert.ok(flood.given() > 0 && flood.given() < mostFlood, `${flood.given()} calls were answered first`);
    assert.equal(
      events.map(({ to, trigger }) => [to, trigger]),
      [['hardened', 'policy_violation']],
    );
    assert.match(lines.at(-1) ?? '', /^refused \d+ EPERM$/);
  });
}

run();
