// Tables of names that other people chose.
import * as assert from 'uvu/assert';
import { columns } from '../../cli/signing/columns.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('columns');

test('columns are as wide as their widest cell', () => {
  assert.is(
    columns([
      ['A', 'B'],
      ['long', ''],
      ['x', 'y'],
    ]),
    'A     B\nlong\nx     y\n',
  );
});

test('no name commands the terminal, ends its line or turns it round', () => {
  const text = columns([['NAME'], ['a\u001b[2J'], ['b\nforged'], ['c\u202egnp'], ['d\u009b31m']]);
  for (const control of ['\u001b', '\u202e', '\u009b']) assert.not.ok(text.includes(control));
  assert.is(text.split('\n').length, 6);
});

run();
