import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { type AwsPartition, defaultTarget } from '../../compiler/target.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail-dialect');

/** The policy is the file of the case that is not called `base`: guardrails are named after their ids. */
function policyIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const [policy, ...others] = files.filter((name) => !name.includes('base'));
  if (policy === undefined || others.length > 0) throw new Error(`${folder} has ${others.length + 1} policies`);
  return policy;
}

/** The target of a case whose `partition.txt` names a partition. */
function targetOf(partition: string | undefined): CompileOptions {
  const known: readonly AwsPartition[] = ['aws', 'aws-cn', 'aws-us-gov'];
  const found = known.find((each) => each === partition);
  return found === undefined ? {} : { target: { ...defaultTarget, aws: { ...defaultTarget.aws, partition: found } } };
}

for (const fixture of fixtureCases('guardrail')) {
  test(fixture.name, () => {
    const policy = policyIn(fixture.folder);
    const content = readFileSync(join(fixture.folder, policy));
    const partition = fixture.input('partition.txt')?.trim();
    const result = compile(policy, content, hostOf(fixture.folder), targetOf(partition));
    fixture.expectReviewed(
      'diagnostics.txt',
      pretty(result.diagnostics, (file) => result.sources.get(file)),
    );
    fixture.expectReviewed('lowered.ir', result.lowered === undefined ? undefined : printPolicy(result.lowered));
    fixture.expectReviewed('optimised.ir', result.policy === undefined ? undefined : printPolicy(result.policy));
  });
}

run();
