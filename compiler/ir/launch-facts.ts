import { evaluate } from '../expressions/evaluate.ts';
import type { Predicate, Value } from '../expressions/predicate.ts';
import { partOf } from './launch.ts';
import type { Classification, DescribeTemplate } from './obligation.ts';
import { decisionAt, type Policy, type Rule } from './policy.ts';

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

/**
 * The rule by which a combined policy refuses a template of this name whatever else is true of a launch, such as one that
 * another template inherits; undefined where its lists of names let it pass.
 *
 * @param launched what the launch names, where the template is known to lists by the name of another one too
 */
export function refusalOf(policy: Policy, template: string, launched = template): Rule | undefined {
  const names: Readonly<Record<string, string>> = { template, launched };
  const attribute = (name: string) => names[name];
  const environment = { attribute, parameter: () => undefined };
  return decisionAt(policy, 'launch')?.rules.find(
    ({ when, effect }) => effect.kind !== 'allow' && when.kind !== 'constant' && evaluate(when, environment) === true,
  );
}

/**
 * The lowest of what profile and invitation let people see. Where they say nothing, an institution gives what anyone may
 * see; without one there is nobody who clears people, and so no bound.
 */
export function clearanceOf(policy: Policy): bigint {
  let lowest: bigint | undefined;
  let unstated = 3n;
  for (const { id, when } of decisionAt(policy, 'launch')?.rules ?? []) {
    const role = partOf(id)?.role;
    if (role === 'institution') unstated = 0n;
    if (role !== 'profile' && role !== 'invitation') continue;
    const bound = highestClassification(when);
    if (bound !== undefined && (lowest === undefined || bound < lowest)) lowest = bound;
  }
  return lowest ?? unstated;
}

/** Ordered from what anyone may see to what few may. */
export const classifications: readonly Classification[] = ['public', 'internal', 'confidential', 'restricted'];

/** 0 for public to 3 for restricted. */
export function classificationRank(classification: Classification | undefined): bigint | undefined {
  return classification === undefined ? undefined : BigInt(classifications.indexOf(classification));
}

/**
 * The highest classification that a rule about nothing else lets pass, whatever an optimisation made of how it is written:
 * `classification > 0` is `classification != 0` there. Undefined for a rule about anything else.
 */
function highestClassification(denied: Predicate): bigint | undefined {
  if (denied.kind === 'constant') return undefined;
  const refused = classifications.map((_, rank) => {
    const attribute = (name: string) => (name === 'classification' ? BigInt(rank) : undefined);
    return evaluate(denied, { attribute, parameter: () => undefined });
  });
  if (refused.includes(undefined)) return undefined;
  const lowest = refused.indexOf(true);
  return BigInt(lowest === -1 ? classifications.length - 1 : lowest - 1);
}
