import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type EventLines, eventLine, eventLines } from '../../cli/sandbox/event-lines.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('lines of events');

function opened(file: string): EventLines & { readonly said: string[] } {
  const said: string[] = [];
  const lines = eventLines(
    file,
    () => assert.unreachable(),
    (line) => said.push(line),
  );
  assert.ok(!('problem' in lines));
  return { ...lines, said };
}

test('nothing that a terminal obeys stands in a line, and the event is the same', () => {
  const odd = fc.constantFrom(
    ...[
      '\u001b[2J',
      '\u009b31m',
      '\u007f',
      '\u0085',
      '\u202e',
      '\u2066',
      '\u200f',
      '\u061c',
      '\u2028',
      '\n',
      'é',
      '\ud800',
    ],
  );
  fc.assert(
    fc.property(fc.array(odd), (pieces) => {
      const event = { path: pieces.join('/'), command: 'a' };
      const line = eventLine(event);
      assert.equal(JSON.parse(line), event);
      // By Unicode's categories: Cc, Cf and the two separators, whatever list the code has.
      assert.not.match(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('events are added to what stands in a file', () =>
  withFolder((folder) => {
    const file = join(folder, 'events');
    for (const number of [1, 2]) {
      const lines = opened(file);
      lines.write({ number });
      lines.end();
      assert.equal(lines.said, []);
    }
    assert.is(readFileSync(file, 'utf8'), '{"number":1}\n{"number":2}\n');
    assert.ok('problem' in eventLines(join(folder, 'gone', 'events'), assert.unreachable, assert.unreachable));
  }));

if (!existsSync('/dev/full')) skip('a full disk', 'there is no /dev/full');
else {
  test('a disk that is full loses events, which is said and counted', () => {
    const lines = opened('/dev/full');
    for (const number of [1, 2, 3]) lines.write({ number });
    assert.equal(lines.said, ['events are lost: cannot write `/dev/full`: no space left on the device (ENOSPC)']);
    lines.end();
    assert.is(lines.said[1], '3 events were lost, which `/dev/full` lacks');
  });

  test('a reader that goes away, or does not read, keeps nobody and is told of', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'pipe');
      assert.is(spawnSync('mkfifo', [file]).status, 0);
      const reader = spawn('head', ['-n', '1', file], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = opened(file);
      lines.write({ number: 1 });
      await once(reader, 'exit');
      lines.write({ number: 2 });
      assert.match(lines.said[0] ?? '', 'EPIPE');
      lines.end();

      const end = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
      const full = opened(file);
      const text = 'x'.repeat(4000);
      for (let number = 0; number < 30; number += 1) full.write({ number, text });
      assert.match(full.said[0] ?? '', 'EAGAIN');
      const read = () => {
        const buffer = Buffer.alloc(1 << 20);
        return buffer.toString('utf8', 0, readSync(end, buffer));
      };
      const before = read().split('\n');
      full.write({ number: 99 });
      full.end();
      const after = read();
      // What was begun and not ended is no line with what comes after it.
      assert.is(after, before.at(-1) === '' ? '{"number":99}\n' : '\n{"number":99}\n');
      const whole = before.slice(0, -1).map((line) => JSON.parse(line).number);
      assert.equal(whole, [...whole.keys()]);
      assert.is(full.said[1], `${30 - whole.length} events were lost, which \`${file}\` lacks`);
      closeSync(end);
    }));
}

run();
