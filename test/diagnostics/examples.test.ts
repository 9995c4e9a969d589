import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { catalogue } from '../../compiler/diagnostics/catalogue/index.ts';
import type { CatalogueEntry } from '../../compiler/diagnostics/entry.ts';
import type { Host } from '../../compiler/host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('examples');
const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(catalogue);

/** A world with one file and no time. */
const host: Host = { read: () => undefined, now: () => 0, sha256: () => '0'.repeat(64) };

function codesOf(source: string): readonly string[] {
  const { diagnostics } = compile('policy.yaml', source, host, { maximumMilliseconds: 0, today: '2030-01-01' });
  return diagnostics.map(({ code }) => code);
}

for (const [code, entry] of entries) {
  const { bad, good } = entry;
  if (bad !== undefined) {
    test(`${code} bad`, () => {
      const codes = codesOf(bad);
      assert.ok(codes.includes(code), `it gives ${codes.join(', ') || 'nothing'}`);
    });
  }
  if (good !== undefined) {
    test(`${code} good`, () => {
      const codes = codesOf(good);
      assert.not(codes.includes(code), `it gives ${codes.join(', ')}`);
    });
  }
}

run();
