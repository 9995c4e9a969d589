import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { celNames } from '../../compiler/diagnostics/catalogue/cel-names.ts';
import { celSyntax } from '../../compiler/diagnostics/catalogue/cel-syntax.ts';
import { celTypes } from '../../compiler/diagnostics/catalogue/cel-types.ts';
import { guardrailMeaning } from '../../compiler/diagnostics/catalogue/guardrail-meaning.ts';
import { guardrailNames } from '../../compiler/diagnostics/catalogue/guardrail-names.ts';
import { guardrailTypes } from '../../compiler/diagnostics/catalogue/guardrail-types.ts';
import {
  hookMeaning,
  hookNames,
  hookSizes,
  hookSyntax,
  hookTypes,
} from '../../compiler/diagnostics/catalogue/hook-programs.ts';
import { catalogue } from '../../compiler/diagnostics/catalogue/index.ts';
import { kuadrantMeaning } from '../../compiler/diagnostics/catalogue/kuadrant-meaning.ts';
import { kuadrantNames } from '../../compiler/diagnostics/catalogue/kuadrant-names.ts';
import { kuadrantCoverageEntries, kuadrantSizes } from '../../compiler/diagnostics/catalogue/kuadrant-output.ts';
import { kuadrantSchema } from '../../compiler/diagnostics/catalogue/kuadrant-schema.ts';
import {
  tenancyMeaning,
  tenancyNames,
  tenancySchema,
  tenancyTypes,
} from '../../compiler/diagnostics/catalogue/tenancy.ts';
import type { CatalogueEntry } from '../../compiler/diagnostics/entry.ts';
import type { Host } from '../../compiler/host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('examples');
const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(catalogue);

/** A world with one file and no time. */
const host: Host = { read: () => undefined, now: () => 0, sha256: () => '0'.repeat(64) };

/** What is shown by a hook program and not by a policy. */
const ofHooks = { ...hookSyntax, ...hookNames, ...hookTypes, ...hookMeaning, ...hookSizes };

function codesOf(source: string, path = 'policy.yaml'): readonly string[] {
  const { diagnostics } = compile(path, source, host, { maximumMilliseconds: 0, today: '2030-01-01' });
  return diagnostics.map(({ code }) => code);
}

function fileOf(code: string): string {
  return Object.hasOwn(ofHooks, code) ? 'program.bpf' : 'policy.yaml';
}

for (const [code, entry] of entries) {
  const { bad, good } = entry;
  if (bad !== undefined) {
    test(`${code} bad`, () => {
      const codes = codesOf(bad, fileOf(code));
      assert.ok(codes.includes(code), `it gives ${codes.join(', ') || 'nothing'}`);
    });
  }
  if (good !== undefined) {
    test(`${code} good`, () => {
      const codes = codesOf(good, fileOf(code));
      assert.not(codes.includes(code), `it gives ${codes.join(', ')}`);
    });
  }
}

/** Why no short policy file by itself can show a finding of these dialects. */
const unshown: Readonly<Record<string, string>> = {
  POL1133: 'the expression would be thousands of characters long',
  POL4088: 'the expression would nest hundreds of levels deep',
  POL5052: 'it is about a policy that extends another file',
  POL5140: 'the policy would be of more than a megabyte',
  POL5141: 'the policy would be of more than a megabyte',
  POL7220: 'there would be hundreds of teams',
  POL7221: 'there would be hundreds of teams',
};

test('every finding of CEL, Kuadrant, tenancies and guardrails is shown by a file that has it and one that has not', () => {
  const dialects = [
    { ...celNames, ...celSyntax, ...celTypes },
    { ...kuadrantMeaning, ...kuadrantNames, ...kuadrantSchema, ...kuadrantCoverageEntries, ...kuadrantSizes },
    { ...tenancyMeaning, ...tenancyNames, ...tenancySchema, ...tenancyTypes },
    { ...guardrailMeaning, ...guardrailNames, ...guardrailTypes },
  ].flatMap((group) => Object.entries<CatalogueEntry>(group));
  const missing = dialects.filter(([, { bad, good }]) => bad === undefined || good === undefined);
  assert.equal(missing.map(([code]) => code).sort(), Object.keys(unshown).sort());
});

test('an example of a hook program is right but for its one mistake', () => {
  const unshownHooks = ['POL1146', 'POL3165', 'POL3166', 'POL5195', 'POL5196', 'POL7340'];
  for (const [code, entry] of Object.entries<CatalogueEntry>(ofHooks)) {
    if (unshownHooks.includes(code)) continue;
    assert.equal([...new Set(codesOf(entry.bad!, 'program.bpf'))], [code]);
    assert.equal(codesOf(entry.good!, 'program.bpf'), [], code);
  }
});

test('an example of CEL is right but for its one mistake', () => {
  for (const [code, entry] of Object.entries<CatalogueEntry>({ ...celNames, ...celSyntax, ...celTypes })) {
    if (entry.bad === undefined || entry.good === undefined) continue;
    assert.equal(new Set(codesOf(entry.bad)), new Set([code]));
    assert.equal(codesOf(entry.good), [], code);
  }
});

run();
