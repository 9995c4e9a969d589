import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('the example of docs/adaptive.md');

test('it is a policy without errors or warnings, as it stands', () =>
  withProject(({ polc, write }) => {
    const [, example] = /```yaml\n(profile: .*?)```/s.exec(readFileSync('docs/adaptive.md', 'utf8')) ?? [];
    assert.ok(example !== undefined);
    write({ 'web.yaml': example });
    const { status, stdout, stderr } = polc(['check', 'web.yaml']);
    assert.is(status, 0, stderr);
    assert.match(stdout, /^1 policy checked · \d hints?\n$/);
    assert.match(stderr, /POL6056.*only `polc run` moves the program out of `sandbox`/s);
  }));

run();
