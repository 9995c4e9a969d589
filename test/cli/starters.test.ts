import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { dialects } from '../../compiler/dialects/index.ts';
import { starters } from '../../compiler/starters.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('starters');

for (const [dialect, starter] of Object.entries(starters)) {
  test(`${dialect} compiles as it is`, () => {
    assert.ok(dialects.some(({ name }) => name === dialect));
    const compilation = compile('web.yaml', starter('web'), nodeHost, { maximumMilliseconds: 0 });
    const serious = compilation.diagnostics.filter(({ severity }) => severity !== 'hint');
    assert.equal(
      serious.map(({ code, message }) => `${code} ${message}`),
      [],
    );
    assert.is(compilation.dialect, dialect);
    assert.is(compilation.policy?.name, 'web');
    // What `polc launch` reads as it is has no files.
    assert.ok(compilation.files.length > 0 || compilation.coverage.every(({ status }) => status === 'full'));
  });
}

run();
