import * as assert from 'uvu/assert';
import { bareLabelKeys } from '../../compiler/dialects/kuadrant/cel/label-keys.ts';
import { longestExpression } from '../../grammars/cel/limits.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-label-keys');

function keysIn(text: string): readonly string[] {
  return bareLabelKeys(text).map(({ range }) => text.slice(range.start, range.end));
}

test('a key is found where CEL would calculate with it', () => {
  assert.equal(keysIn("auth.identity.metadata.labels.maas/team-id == 'a'"), ['maas/team-id']);
  assert.equal(keysIn('labels.app\\.kubernetes\\.io/name.startsWith(x) && annotations.a-b'), [
    'app\\.kubernetes\\.io/name',
    'a-b',
  ]);
  assert.equal(keysIn("r'\\' == labels.a/b"), ['a/b']);
  assert.equal(keysIn("labels.team.size() - 1 > 0 || labels.tier == 'a-b'"), []);
});

test('texts and comments have no keys', () => {
  assert.equal(keysIn("x // not labels.maas/team\n == 'a'"), []);
  assert.equal(keysIn('x == \'labels.a/b\' || y == "labels.a/b" || z == """it\'s labels.a/b"""'), []);
  assert.equal(keysIn("x // don't\n == labels.a/b // it's\n"), ['a/b']);
});

test('text of the greatest length is looked through in time that is in proportion', () => {
  for (const [before, piece, after] of [
    ['labels.a ', '"\\', ''],
    ['labels.a ', "'", ''],
    ['', 'labels.a-b ', ''],
    ['labels.', '/', 'a'],
    ['labels.', '/', ' a'],
    ['', 'labels.', ''],
  ] as const) {
    const most = Math.floor(longestExpression / piece.length);
    const prepared = (pieces: number) => () => bareLabelKeys(before + piece.repeat(pieces) + after);
    inProportion(prepared, Math.floor(most / times), piece);
  }
});

run();
