import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('the sandbox policies that docs show');

/** The whole ones of a page. That of the catalogue shows mistakes, and has a test of its own. */
const examples = new Map(
  readdirSync('docs')
    .filter((name) => name.endsWith('.md') && name !== 'diagnostics.md')
    .map((name) => {
      const blocks = readFileSync(`docs/${name}`, 'utf8').matchAll(/```yaml\n(profile: \w+\nmode: .*?)```/gs);
      return [name, [...blocks].map(([, text]) => text!)] as const;
    })
    .filter(([, texts]) => texts.length > 0),
);

test('each is one without errors or warnings, as it stands', () =>
  withProject(({ polc, write }) => {
    assert.ok(['adaptive.md', 'testing.md', 'zygote.md'].every((name) => examples.has(name)));
    for (const [name, texts] of examples) {
      for (const text of texts) {
        write({ 'web.yaml': text });
        const { status, stdout, stderr } = polc(['check', 'web.yaml']);
        assert.is(status, 0, `${name}: ${stderr}`);
        assert.match(stdout, /^1 policy checked( · \d hints?)?\n$/, name);
        if (name === 'adaptive.md')
          assert.match(stderr, /POL6056.*only `polc run` moves the program out of `sandbox`/s);
        if (name === 'zygote.md') {
          assert.match(stderr, /hint\[POL6057\]: only `polc run` does `performance\.zygote`/);
          assert.match(stderr, 'hint[POL5029]');
        }
      }
    }
  }));

run();
