import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import type { Enforceable, Policy } from '../../ir/policy.ts';
import type { AwsTarget } from '../../target.ts';
import type { Artifact, Emission, Surroundings } from '../backend.ts';
import { allowedImages } from './allowed-images.ts';
import { launchCoverage, topicOf } from './coverage.ts';
import { keys, rolePath } from './format.ts';
import { launchRole } from './role.ts';
import { packStatements, type RoleDocuments } from './statements.ts';
import { tagGuard } from './tag-guard.ts';

/** The launch role, the guard of the tags that it asks for, and what EC2 itself can ask of images. */
export function emitLaunchPolicies(policy: Policy, aws: AwsTarget, { sha256 }: Pick<Surroundings, 'sha256'>): Emission {
  const role = launchRole(policy, aws.partition, sha256);
  const packed = packStatements(role.statements, aws.managedPolicy);
  const images = allowedImages(role.limits.map(({ limit }) => limit));
  const documents = packed.documents.map(
    ({ text, places }, index): Artifact => ({
      path: rolePath(index),
      content: text,
      sourceMap: places.map(({ pointer, node }) => ({ at: pointer, rule: node.id, span: node.origin.span })),
    }),
  );
  const asked = new Set<Enforceable>();
  for (const { tests } of role.statements) {
    for (const test of tests) {
      if (test.key === keys.template || test.key === keys.classification) for (const node of test.for) asked.add(node);
    }
  }
  const artifacts = [
    ...documents,
    ...(role.tagged ? [tagGuard(aws.partition, [...asked])] : []),
    ...(images.artifact === undefined ? [] : [images.artifact]),
  ];
  return {
    artifacts,
    coverage: launchCoverage(policy, role, images),
    diagnostics: problems(policy, aws, packed, images),
    summary: `${documents.map(({ content }) => content.length).join(' + ')} characters`,
  };
}

function problems(
  policy: Policy,
  aws: AwsTarget,
  packed: RoleDocuments,
  images: ReturnType<typeof allowedImages>,
): readonly Diagnostic[] {
  const found: Diagnostic[] = packed.tooLong.map(({ topic, origin }) =>
    report('POL7321', origin.span, { topic, limit: aws.managedPolicy }),
  );
  const place = policy.decisions[0]!.otherwise.origin.span;
  if (packed.documents.length > aws.attachedPolicies) {
    const values = { count: packed.documents.length, limit: aws.attachedPolicies };
    found.push(report('POL7320', place, values));
  }
  const { tooMany } = images;
  if (tooMany !== undefined) {
    const { span } = tooMany.sources[0]!.origin;
    found.push(report('POL7322', span, { topic: topicOf(tooMany), count: tooMany.values.length }));
  }
  return found;
}
