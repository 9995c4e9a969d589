import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, run } = suite('check --fix and fmt');

test('check --fix applies every certain fix in one go, below misspelt keys too, and then has nothing to do', () =>
  withProject(({ folder, write, read, polc }) => {
    write({
      'a.yaml': `# kept
profile: a
mode: sandbx # kept too
securty:
  secomp:
    default: errno(EPRM)
    allow: ["@basic-start", wirte, "@file-sytem"]
resources:
  timeout: 300
  memroy: 5MiB
`,
      'b.yaml': smallPolicy('b'),
    });
    chmodSync(join(folder, 'a.yaml'), 0o640);
    const fixed = polc(['check', '--fix', ...calm]);
    assert.is(fixed.status, 0, fixed.stderr);
    assert.match(fixed.stderr, /\d+ fixes applied in 1 file\n/);
    assert.is(
      read('a.yaml'),
      `# kept
profile: a
mode: sandbox # kept too
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start", write, "@file-system"]
resources:
  timeout: 300s
  memory: 5MiB
`,
    );
    assert.is(read('b.yaml'), smallPolicy('b'));
    assert.is(statSync(join(folder, 'a.yaml')).mode & 0o777, 0o640);
    const again = polc(['check', '--fix', ...calm]);
    assert.is(again.status, 0);
    assert.not.match(again.stderr, /applied/);
  }));

test('a fix that is a guess is left to the author', () =>
  withProject(({ write, read, polc }) => {
    const text = smallPolicy('a').replace('"@basic-start"', 'zzzzqqqq');
    write({ 'a.yaml': text });
    assert.is(polc(['check', '--fix', ...calm]).status, 1);
    assert.is(read('a.yaml'), text);
  }));

test('check -q prints errors alone', () =>
  withProject(({ write, polc }) => {
    write({ 'a.yaml': 'profile: a\nmode: sandbox\nsecurity: {}\n' });
    assert.match(polc(['check', ...calm]).stderr, /POL5016/);
    const quiet = polc(['check', '-q', ...calm]);
    assert.equal([quiet.status, quiet.stdout, quiet.stderr], [0, '', '']);
    write({ 'a.yaml': 'profile: a\nmode: sandbx\nsecurity: {}\n' });
    const wrong = polc(['check', '-q', ...calm]);
    assert.equal([wrong.status, wrong.stdout, wrong.stderr.match(/POL\d{4}/g)], [1, '', ['POL3001']]);
  }));

test('check writes nothing', () =>
  withProject(({ folder, write, contents, polc }) => {
    write({ 'a.yaml': smallPolicy('a'), 'b.yaml': smallPolicy('b').replace('sandbox', 'sandbx') });
    const before = contents('.');
    assert.is(polc(['check', ...calm]).status, 1);
    assert.equal(contents('.'), before);
    assert.is(polc(['check', 'nowhere.yaml']).status, 3);
    writeFileSync(join(folder, 'latin.yaml'), Buffer.from('profile: \xe9\n', 'latin1'));
    const coded = polc(['check', 'latin.yaml', ...calm]);
    assert.is(coded.status, 1);
    assert.match(coded.stderr, /UTF-8/);
  }));

test('fmt formats, fmt --check ends with 4, and a formatted file stays', () =>
  withProject(({ write, read, polc }) => {
    const untidy =
      'profile:   a\nmode: sandbox   \nsecurity:\n    seccomp:\n        default: allow   # why\n        deny: [ mount,umount2 ]\n';
    write({ 'a.yaml': untidy, 'b.yaml': smallPolicy('b') });
    const asked = polc(['fmt', '--check']);
    assert.equal([asked.status, asked.stdout, asked.stderr], [4, 'a.yaml\n', '']);
    assert.is(read('a.yaml'), untidy);
    const formatted = polc(['fmt']);
    assert.equal([formatted.status, formatted.stdout], [0, 'a.yaml\n']);
    const tidy = read('a.yaml');
    assert.match(
      tidy,
      /^profile: a\nmode: sandbox\nsecurity:\n {2}seccomp:\n {4}default: allow +# why\n {4}deny: \[mount, umount2\]\n$/,
    );
    assert.is(read('b.yaml'), smallPolicy('b'));
    assert.equal([polc(['fmt', '--check']).status, polc(['fmt']).stdout], [0, '']);
    assert.is(read('a.yaml'), tidy);
    assert.is(polc(['build', 'a.yaml', ...calm]).status, 0);
  }));

test('fmt leaves what it cannot read, and says why', () =>
  withProject(({ write, read, polc }) => {
    const broken = 'profile: [a\nmode: sandbox\n';
    write({ 'a.yaml': broken });
    const refused = polc(['fmt']);
    assert.is(refused.status, 1);
    assert.match(refused.stderr, /error\[POL1\d+\]/);
    assert.is(read('a.yaml'), broken);
  }));

run();
