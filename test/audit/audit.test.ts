import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openAuditFile, readAuditFile } from '../../runtime/audit/file.ts';
import { withLock } from '../../runtime/audit/lock.ts';
import { AuditFailure, auditStream, mostRemembered } from '../../runtime/audit/log.ts';
import { type AuditEntry, recordLine } from '../../runtime/audit/record.ts';
import { verifyAuditLog } from '../../runtime/audit/verify.ts';
import { writeWhole } from '../../runtime/audit/write-whole.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('audit');
const root = process.env.POLC_ROOT ?? '.';

function entry(subject: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    time: '2026-11-23T09:00:00.000Z',
    actor: 'tester',
    action: 'guardrail.evaluate',
    subject,
    decision: 'respond',
    reasons: [{ text: 'amount is 250', span: { file: 'ci.yaml', start: 3, end: 9 } }, { text: 'no span' }],
    policy_hash: 'ab'.repeat(32),
    ...more,
  };
}

const arbitraryEntry = fc
  .record({ subject: fc.string({ unit: 'binary' }), text: fc.string({ unit: 'binary' }), facts: fc.boolean() })
  .map(({ subject, text, facts }) =>
    entry(subject, { reasons: [{ text }], ...(facts ? { facts: { mode: 'dry_run' } } : {}) }),
  );

test('a record is the line that was agreed on, with its fields in their order', () => {
  const line = recordLine(entry('a'), '0'.repeat(64));
  assert.equal(Object.keys(JSON.parse(line)), [
    'time',
    'actor',
    'action',
    'subject',
    'decision',
    'reasons',
    'policy_hash',
    'previous',
  ]);
  assert.not.match(line, /\n/);
});

test('what is written is read back whole, whatever the texts hold, over several openings', async () => {
  await withFolder((folder) => {
    let number = 0;
    fc.assert(
      fc.property(fc.array(fc.array(arbitraryEntry, { maxLength: 4 }), { maxLength: 4 }), (openings) => {
        number += 1;
        const path = join(folder, String(number));
        for (const entries of openings) openAuditFile(path).append(entries);
        const records = openings.length === 0 ? [] : readAuditFile(path);
        assert.equal(
          records.map(({ previous, ...rest }) => rest),
          openings.flat(),
        );
        return true;
      }),
      { numRuns: 60 },
    );
  });
});

test('any byte that is changed, and any line that is taken out, repeated or moved, is found', async () => {
  let text = '';
  const log = auditStream((written) => {
    text += written;
  });
  for (const name of ['one', 'two', 'three', 'four']) log.append([entry(name)]);
  const bytes = Buffer.from(text);
  assert.ok(verifyAuditLog(bytes).ok);
  const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
  fc.assert(
    fc.property(fc.nat(lastLine - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ flip;
      return !verifyAuditLog(changed).ok;
    }),
    { numRuns: 1500 },
  );
  const lines = text.split('\n').slice(0, -1);
  const verify = (kept: readonly string[]) => verifyAuditLog(Buffer.from(kept.map((line) => `${line}\n`).join('')));
  for (const index of [0, 1, 2]) {
    assert.not.ok(verify(lines.toSpliced(index, 1)).ok, `without ${index}`);
    assert.not.ok(verify(lines.toSpliced(index, 0, lines[index]!)).ok, `${index} twice`);
    assert.not.ok(verify(lines.toSpliced(index, 2, lines[index + 1]!, lines[index]!)).ok, `${index} moved`);
  }
});

test('the end can be cut off without a trace only for those who kept no head', () => {
  let text = '';
  const log = auditStream((written) => {
    text += written;
  });
  log.append([entry('one'), entry('two')]);
  const whole = verifyAuditLog(Buffer.from(text));
  const short = verifyAuditLog(Buffer.from(`${text.split('\n')[0]}\n`));
  assert.ok(whole.ok && short.ok && whole.head !== short.head);
});

test('a record that a crash cut off stays, and the log goes on, at whichever byte it was cut', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'log');
    openAuditFile(path).append([entry('one'), entry('two')]);
    const bytes = readFileSync(path);
    const first = bytes.indexOf(0x0a) + 1;
    const ends = Array.from({ length: Math.floor((bytes.length - first) / 7) }, (_, index) => first + 7 * index);
    for (const end of [...ends, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, end));
      openAuditFile(path).append([entry('three')]);
      // Without its line feed only, the record that was cut is whole.
      const whole = end === bytes.length - 1 ? ['two'] : [];
      const cut = end > first ? ['one', ...whole, 'audit log', 'three'] : ['one', 'three'];
      assert.equal(
        readAuditFile(path).map(({ subject }) => subject),
        cut,
        `cut at ${end}`,
      );
    }
  });
});

test('a log that is no chain is not written to', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'log');
    const log = openAuditFile(path);
    log.append([entry('one'), entry('two')]);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace('"one"', '"eno"'));
    assert.throws(
      () => openAuditFile(path),
      (error: unknown) => error instanceof AuditFailure && /line 2: /.test(error.message),
    );
    writeFileSync(path, before);
    appendFileSync(path, `${recordLine(entry('forged'), '1'.repeat(64))}\n`);
    assert.throws(
      () => log.append([entry('three')]),
      (error: unknown) => error instanceof AuditFailure,
    );
    writeFileSync(path, before);
    truncateSync(path, 0);
    assert.throws(
      () => log.append([entry('three')]),
      (error: unknown) => error instanceof AuditFailure && /shorter/.test(error.message),
    );
    assert.is(readFileSync(path, 'utf8'), '');
    assert.not.ok(existsSync(`${path}.lock`));
  });
});

test('a log remembers what it was made to remember, and of too many records the latest', () => {
  const log = auditStream(() => {}, ['guardrail.tell']);
  const of = (subject: string, action = 'guardrail.tell') => entry(subject, { action });
  log.append([of('other', 'guardrail.act'), of('often')]);
  for (let number = 0; number < mostRemembered; number += 1) {
    log.append([of(String(number)), ...(number === 9 ? [of('often')] : [])]);
  }
  const known = (each: AuditEntry) => log.remembers?.(each);
  assert.equal([known(of('other', 'guardrail.act')), known(of('often')), known(of('0'))], [false, true, false]);
  assert.is(known(of(String(mostRemembered - 1))), true);
  assert.is(known({ ...of('often'), decision: 'held' }), false);
});

test('a place that cannot be written is said', () => {
  assert.throws(
    () => openAuditFile('/proc/no/such/log'),
    (error: unknown) => error instanceof AuditFailure && error.path === '/proc/no/such/log',
  );
});

test('only the owner can read a log', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'log');
    openAuditFile(path);
    assert.is(statSync(path).mode & 0o777, 0o600);
  });
});

test('a place where no lock can be made is a reason, and no mistake in polc', () => {
  // As in a folder that one may not look into, Node cannot even remove what is not there.
  assert.throws(
    () => withLock('/dev/null/audit.jsonl', () => undefined),
    (error: unknown) => error instanceof AuditFailure && /cannot be locked/.test(error.message),
  );
});

test('a lock is waited for as long as it goes from one to the next, and half a minute where one keeps it', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'log');
    const lock = `${path}.lock`;
    const clock = Date.now;
    let looks = 0;
    const looking = (each: (look: number) => void) => {
      looks = 0;
      Date.now = () => {
        looks += 1;
        each(looks);
        return looks * 10_000;
      };
    };
    try {
      // A process of another host is not known to be gone.
      looking((look) => (look < 10 ? writeFileSync(lock, `${look} elsewhere 1`) : rmSync(lock)));
      assert.is(
        withLock(path, () => 'done'),
        'done',
      );
      assert.is(looks, 10);
      writeFileSync(lock, '1 elsewhere 1');
      looking(() => undefined);
      assert.throws(
        () => withLock(path, () => 'done'),
        (error: unknown) => error instanceof AuditFailure && /another process holds/.test(error.message),
      );
      assert.is(looks, 6);
    } finally {
      Date.now = clock;
    }
  });
});

test('processes that write at once leave one chain with every record, past locks of processes that died', async () => {
  await withFolder(async (folder) => {
    const script = join(folder, 'writer.mjs');
    const source = `
      import { openAuditFile } from ${JSON.stringify(resolvePath(root, 'runtime/audit/file.ts'))};
      const log = openAuditFile(process.argv[2]);
      for (let index = 0; index < 60; index += 1) {
        log.append([${JSON.stringify(entry('SUBJECT'))}].map((each) => ({ ...each, subject: process.argv[3] + index })));
      }`;
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: '/' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
    });
    writeFileSync(script, outputFiles[0]!.text);
    const path = join(folder, 'log');
    const gone = spawn(process.execPath, ['-e', '']);
    await ended(gone);
    writeFileSync(`${path}.lock`, `${gone.pid} ${hostname()}`);
    const writers = ['a', 'b', 'c', 'd'].map((name) =>
      spawn(process.execPath, [script, path, name], { stdio: 'pipe' }),
    );
    assert.equal(await Promise.all(writers.map(ended)), [0, 0, 0, 0]);
    const subjects = readAuditFile(path).map(({ subject }) => subject);
    assert.is(new Set(subjects).size, 240);
    assert.is(subjects.length, 240);
    for (const name of ['a', 'b', 'c', 'd']) {
      const own = subjects.filter((subject) => subject.startsWith(name));
      assert.equal(
        own,
        own.map((_, index) => `${name}${index}`),
      );
    }
  });
});

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve));
}

if (process.platform === 'linux') {
  test('a text that is more than a pipe holds is written whole to one that does not block', async () => {
    await withFolder(async (folder) => {
      const [pipe, copy] = [join(folder, 'pipe'), join(folder, 'copy')];
      execFileSync('mkfifo', [pipe]);
      const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      const reader = spawn('sh', ['-c', 'cat "$0" > "$1"', pipe, copy]);
      const ended = new Promise((resolve) => reader.once('exit', resolve));
      const text = 'ä0123456789'.repeat(100_000);
      // The reader opens the pipe while this waits for room in it.
      writeWhole(descriptor, text, pipe);
      closeSync(descriptor);
      await ended;
      assert.ok(readFileSync(copy, 'utf8') === text);
      assert.throws(
        () => writeWhole(descriptor, 'x', pipe),
        (error: unknown) => error instanceof AuditFailure,
      );
    });
  });
}

run();
