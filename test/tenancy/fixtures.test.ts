import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('tenancy-dialect');

for (const fixture of fixtureCases('tenancy')) {
  test(fixture.name, () => {
    const content = readFileSync(join(fixture.folder, 'policy.yaml'));
    const result = compile('policy.yaml', content, hostOf(fixture.folder), { emit: ['ir'] });
    // What backends make of the policy is reviewed with them.
    const own = result.diagnostics.filter(({ code }) => !/^POL6/.test(code));
    fixture.expectReviewed(
      'diagnostics.txt',
      pretty(own, (file) => result.sources.get(file)),
    );
    fixture.expectReviewed('lowered.ir', result.lowered === undefined ? undefined : printPolicy(result.lowered));
    fixture.expectReviewed('optimised.ir', result.policy === undefined ? undefined : printPolicy(result.policy));
  });
}

run();
