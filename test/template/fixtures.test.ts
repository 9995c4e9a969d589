import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { templateHost } from '../support/templates.ts';

const { test, run } = suite('template-dialect');

for (const fixture of fixtureCases('template')) {
  test(fixture.name, () => {
    const content = readFileSync(join(fixture.folder, 'policy.yaml'));
    const result = compile('policy.yaml', content, templateHost(fixture.folder), { emit: ['ir'] });
    // What backends make of the policy is reviewed with them.
    const own = result.diagnostics.filter(({ code }) => !/^POL6/.test(code));
    fixture.expectReviewed(
      'diagnostics.txt',
      pretty(own, (file) => result.sources.get(file)),
    );
    fixture.expectReviewed('lowered.ir', result.lowered === undefined ? undefined : printPolicy(result.lowered));
  });
}

run();
