import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../../cli/host.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import type { Host } from '../../compiler/host.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('sandbox');

/** Reads below the case's folder, so that paths in reviewed output are the case's own. */
function hostOf(folder: string): Host {
  return {
    ...nodeHost,
    read: (path) => nodeHost.read(join(folder, path)),
    realpath: (path) => nodeHost.realpath?.(join(folder, path)),
    now: () => 0,
  };
}

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
