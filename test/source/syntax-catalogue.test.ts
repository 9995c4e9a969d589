import * as assert from 'node:assert';
import { syntax } from '../../compiler/diagnostics/catalogue/syntax.ts';
import type { CatalogueEntry } from '../../compiler/diagnostics/entry.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('syntax examples');

const entries: Readonly<Record<string, CatalogueEntry>> = syntax;

for (const [code, { bad, good, severity }] of Object.entries(entries)) {
  if (bad === undefined || good === undefined) continue;
  test(`${code} is given by its bad example and not by its good one`, () => {
    const found = parseYaml(sourceText('policy.yaml', bad)).diagnostics;
    assert.deepEqual(
      found.map((diagnostic) => [diagnostic.code, diagnostic.severity]),
      [[code, severity]],
    );
    for (const { message, help } of found)
      assert.ok(!/\{[a-zA-Z]+\}/.test(message + help), `${message}: a hole is left open`);
    assert.deepEqual(parseYaml(sourceText('policy.yaml', good)).diagnostics, []);
  });
}

run();
