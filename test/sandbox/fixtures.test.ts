import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compilation, compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('sandbox');

for (const fixture of fixtureCases('sandbox')) {
  test(fixture.name, () => {
    const result = compile('policy.yaml', readFileSync(join(fixture.folder, 'policy.yaml')), hostOf(fixture.folder));
    fixture.expectReviewed(
      'diagnostics.txt',
      pretty(result.diagnostics, (file) => result.sources.get(file)),
    );
    fixture.expectReviewed('lowered.ir', result.lowered === undefined ? undefined : printPolicy(result.lowered));
    fixture.expectReviewed('optimised.ir', result.policy === undefined ? undefined : printPolicy(result.policy));
    fixture.expectReviewed('coverage.txt', result.coverage.length === 0 ? undefined : coverageText(result));
  });
}

function coverageText({ coverage }: Compilation): string {
  return coverage
    .map(({ rule, status, answers, accepted, overridden }) =>
      [
        `${rule}: ${status}${accepted === undefined ? '' : ` (accepted: ${accepted})`}${overridden === undefined ? '' : ` (overridden by ${overridden})`}`,
        ...answers.map(
          (answer) =>
            `  ${answer.backend} ${answer.status}${answer.enforced === undefined ? '' : ` · enforced: ${answer.enforced}`}${answer.lost === undefined ? '' : ` · lost: ${answer.lost}`}`,
        ),
      ].join('\n'),
    )
    .join('\n')
    .concat('\n');
}

run();
