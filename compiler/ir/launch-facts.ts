import type { Predicate, Value } from '../expressions/predicate.ts';
import { partOf } from './launch.ts';
import type { Classification, DescribeTemplate } from './obligation.ts';
import { decisionAt, type Policy } from './policy.ts';

/**
 * What a combined policy itself says of a launch, by attribute: the name of its profile, the clearance that profile and
 * invitation give, and of its template the name, the classification, the frameworks and the rules of handling data that it is made for. A
 * framework or rule that the template does not name is false. Undefined for everything that only the launch says, and of a
 * template where no part describes one.
 */
export function launchFacts(policy: Policy): (attribute: string) => Value | undefined {
  const template = policy.obligations.find(
    (obligation): obligation is typeof obligation & DescribeTemplate => obligation.kind === 'describe-template',
  );
  const clearance = clearanceOf(policy);
  const profile = profileOf(policy);
  return (attribute) => {
    if (attribute === 'clearance') return clearance;
    if (attribute === 'profile') return profile;
    if (template === undefined) return undefined;
    if (attribute === 'template') return template.template;
    if (attribute === 'classification') return classificationRank(template.classification);
    if (attribute.startsWith('framework:')) return template.frameworks.includes(attribute.slice('framework:'.length));
    if (attribute.startsWith('data:')) return template.dataRules.includes(attribute.slice('data:'.length));
    return undefined;
  };
}

function profileOf(policy: Policy): string | undefined {
  for (const { id } of decisionAt(policy, 'launch')?.rules ?? []) {
    const part = partOf(id);
    if (part?.role === 'profile') return part.name;
  }
  return undefined;
}

/** The lowest of what profile and invitation let people see; what anyone may see where they say nothing. */
export function clearanceOf(policy: Policy): bigint {
  let lowest: bigint | undefined;
  for (const { id, when } of decisionAt(policy, 'launch')?.rules ?? []) {
    const role = partOf(id)?.role;
    if (role !== 'profile' && role !== 'invitation') continue;
    const bound = highestClassification(when);
    if (bound !== undefined && (lowest === undefined || bound < lowest)) lowest = bound;
  }
  return lowest ?? 0n;
}

/** Ordered from what anyone may see to what few may. */
export const classifications: readonly Classification[] = ['public', 'internal', 'confidential', 'restricted'];

/** 0 for public to 3 for restricted. */
export function classificationRank(classification: Classification | undefined): bigint | undefined {
  return classification === undefined ? undefined : BigInt(classifications.indexOf(classification));
}

/** The bound of `classification > bound`. */
function highestClassification(denied: Predicate): bigint | undefined {
  if (denied.kind !== 'compare' || denied.operator !== '>') return undefined;
  if (denied.left.kind !== 'attribute' || denied.left.name !== 'classification') return undefined;
  const { right } = denied;
  return right.kind === 'literal' && typeof right.value === 'bigint' ? right.value : undefined;
}
