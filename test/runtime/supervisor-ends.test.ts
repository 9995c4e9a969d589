import * as assert from 'uvu/assert';
import type { AuditLog } from '../../runtime/kernel/audit-log.ts';
import { systemCalls } from '../../runtime/kernel/system-calls.ts';
import { release } from '../../runtime/sandbox/release.ts';
import { readySupervision, type Supervision } from '../../runtime/sandbox/supervisor/index.ts';
import { suite } from '../support/harness.ts';
import { compileHere } from '../support/supervised.ts';

const { test, skip, run } = suite('the end of a supervisor');

/** A supervisor whose program has not started, and what it did. */
async function supervised(read: AuditLog['read']) {
  const { compilation } = compileHere(
    'profile: p\nmode: sandbox\nsecurity: { seccomp: { default: allow } }\nadaptive: { auto_upgrade: hardened, triggers: [{ policy_violation: upgrade }] }\n',
  );
  const { outputs, policy } = compilation;
  assert.ok(policy !== undefined);
  const done: string[] = [];
  const supervision = await readySupervision(
    {
      policy,
      machine: process.arch === 'x64' ? 'x86_64' : 'aarch64',
      artifacts: outputs[0]!.artifacts,
      group: undefined,
      programs: { tighten: (to) => [`${done.push(`tightened ${to}`)}`] },
      landlock: 7,
      record: ({ event }) => done.push(`recorded ${event}`),
      say: (line) => done.push(line),
      warn: (line) => done.push(line),
    },
    systemCalls(),
    () => ({ descriptor: -1, read, close: () => done.push('closed') }),
  );
  assert.ok(!('problem' in supervision), 'problem' in supervision ? supervision.problem : '');
  return { supervision: supervision as Supervision, done };
}

if (process.platform !== 'linux') skip('every test', 'supervisors are of Linux');
else {
  const event = { answer: 'refused', rule: 'r' } as Parameters<Supervision['hear']>[0];
  const nothing = { records: [], lost: false };

  test('what programs record after it moves nothing, and is no line', async () => {
    const heard = await supervised(() => nothing);
    heard.supervision.hear(event);
    assert.equal(heard.done, ['tightened hardened', 'recorded level']);
    const late = await supervised(() => nothing);
    await late.supervision.end();
    late.supervision.hear(event);
    late.supervision.fire('policy_violation');
    assert.equal([late.done, late.supervision.level], [['closed'], 'sandbox']);
  });

  test('the last audit records are all heard, however many and whatever was lost, of a machine that stops', async () => {
    const record = { type: 1423, text: 'audit(1.000:1): domain=a blockers=fs.read_file' };
    const some = { records: Array.from({ length: 64 }, () => record), lost: false };
    const waiting = [some, { records: [], lost: true }, some, some];
    const { supervision, done } = await supervised(() => waiting.shift() ?? nothing);
    await supervision.end();
    assert.is(waiting.length, 0);
    assert.equal(done.slice(1), ['closed']);
    assert.match(done[0]!, 'audit records were lost');
    let reads = 0;
    const busy = await supervised(() => {
      reads += 1;
      return some;
    });
    await busy.supervision.end();
    assert.is(reads, 1024);
    assert.equal(busy.done, ['closed']);
  });

  test('an audit that can no more be read is said and closed', async () => {
    const { supervision, done } = await supervised(() => {
      throw new Error('recvfrom: EIO');
    });
    await supervision.end();
    assert.equal(done, [
      'the last audit records cannot be read, so that refusals may be missing: recvfrom: EIO',
      'closed',
    ]);
  });

  test('everything is taken back, whichever step before fails', async () => {
    for (const failing of ['supervision', 'starter', 'programs', 'none']) {
      const done: string[] = [];
      const end = (name: string) => () => {
        done.push(name);
        if (name === failing) throw new Error(name);
      };
      const holding = {
        supervision: { end: async () => end('supervision')() } as Supervision,
        starter: { end: end('starter') } as unknown as Parameters<typeof release>[0]['starter'],
        programs: { links: [], end: async () => end('programs')() },
        group: { notes: [], remove: () => (done.push('group') > 4 ? ['/left'] : []) },
      };
      const failed = await release(holding, (line) => done.push(line)).then(
        () => 'none',
        (error: Error) => error.message,
      );
      assert.is(failed, failing);
      assert.equal(done, ['supervision', 'starter', 'programs', 'group'], failing);
    }
  });
}

run();
