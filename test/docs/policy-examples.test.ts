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

/** The files beside them, which begin with their names. */
const beside = [...examples.keys()].flatMap((name) =>
  [...readFileSync(`docs/${name}`, 'utf8').matchAll(/```\n(# (\w+\.bpf)\n.*?)```/gs)].map(
    ([, text, file]) => [file!, text!] as const,
  ),
);

test('each is one without errors or warnings, as it stands', () =>
  withProject(({ polc, write }) => {
    assert.equal(
      beside.map(([file]) => file),
      ['files.bpf', 'network.bpf'],
    );
    write(Object.fromEntries(beside));
    assert.ok(
      ['adaptive.md', 'hook-programs.md', 'testing.md', 'webassembly.md', 'zygote.md'].every((name) =>
        examples.has(name),
      ),
    );
    for (const [name, texts] of examples) {
      for (const text of texts) {
        write({ 'web.yaml': text });
        const { status, stdout, stderr } = polc(['check', 'web.yaml']);
        assert.is(status, 0, `${name}: ${stderr}`);
        if (name === 'hook-programs.md') {
          // Its program may stay root.
          assert.match(stderr, /^warning\[POL6004\][\s\S]*loss: bpf_lsm,/);
          assert.is(stderr.match(/\[POL/g)?.length, 1, stderr);
          continue;
        }
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
