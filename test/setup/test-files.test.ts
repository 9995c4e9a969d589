import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';

const { test, run } = suite('filters of tests');
const root = process.env.POLC_ROOT ?? '.';

/** Ends what would begin to build and to run tests. */
const patience = 30_000;

function testing(...words: readonly string[]) {
  const script = join(root, 'scripts/test.js');
  const { status, stdout } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8', timeout: patience });
  return { status, stdout };
}

/** The files that each filter chooses. */
function chosen(filters: readonly string[]): readonly (readonly string[])[] {
  const module = pathToFileURL(join(root, 'scripts/test-files.js')).href;
  const script = `import { chosenTests } from '${module}';
    console.log(JSON.stringify(${JSON.stringify(filters)}.map((filter) => chosenTests(filter).files)));`;
  const words = ['--input-type=module', '--eval', script];
  return JSON.parse(spawnSync(process.execPath, words, { encoding: 'utf8', timeout: patience }).stdout);
}

test('a filter that matches nothing ends at once, with what is near it', () => {
  assert.equal(testing('setup/setpu'), {
    status: 2,
    stdout: 'no test matches `setup/setpu`; near it: `setup/setup`, `setup`\n',
  });
  assert.is(testing('test/diagnostics/rendr.test.ts').stdout.includes('`diagnostics/render`'), true);
  assert.equal(testing('zzzzzzzzzzzz'), { status: 2, stdout: 'no test matches `zzzzzzzzzzzz`\n' });
});

test('an option that there is not, and a second filter, are refused', () => {
  assert.equal(testing('setup/setup', '--updat'), {
    status: 2,
    stdout: 'there is no option `--updat`: --update, --strict\n',
  });
  assert.equal(testing('setup/setup', 'cli/start'), {
    status: 2,
    stdout: 'one filter at a time, and `cli/start` is another\n',
  });
});

test('a filter is a part of a path, of a name, of a suite and its test, or a case of fixtures', () => {
  const own = ['setup/test-files.test.ts'];
  const [whole, path, longer, name, both, fixture, computed, misspelt] = chosen([
    '',
    'setup/test-f',
    './test/setup/test-files.test.ts',
    'a second filter, are refused',
    'filters of tests/an option that',
    'render/unknown-name',
    'reviewed ec2-spike',
    'sandbx',
  ]);
  assert.ok(whole!.length > 300);
  for (const each of [path, longer, name, both]) assert.equal(each, own);
  assert.ok(fixture!.includes('diagnostics/render.test.ts'));
  assert.ok(computed!.length > 0 && computed!.length < whole!.length);
  // In the text of many tests, and in no name of one.
  assert.equal(misspelt, []);
});

run();
