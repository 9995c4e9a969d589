import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('governance-dialect');

/** The policy is the narrowest part of the case: files of wider ones are named `institution` or `profile`. */
function policyIn(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const own = files.filter((name) => !/^(institution|profile)/.test(name));
  const [policy, ...others] = own.length > 0 ? own : files;
  if (policy === undefined || others.length > 0) throw new Error(`${folder} has ${others.length + 1} policies`);
  return policy;
}

for (const fixture of fixtureCases('governance')) {
  test(fixture.name, () => {
    const policy = policyIn(fixture.folder);
    const result = compile(policy, readFileSync(join(fixture.folder, policy)), hostOf(fixture.folder));
    fixture.expectReviewed(
      'diagnostics.txt',
      pretty(result.diagnostics, (file) => result.sources.get(file)),
    );
    fixture.expectReviewed('lowered.ir', result.lowered === undefined ? undefined : printPolicy(result.lowered));
  });
}

run();
