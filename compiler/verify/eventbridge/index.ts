import type { Artifact, Validation } from '../../backends/backend.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import type { Value } from '../../expressions/predicate.ts';
import { type Decision, decisionAt, type Policy, type Rule } from '../../ir/policy.ts';
import { eventClasses } from '../guardrail/event-classes.ts';
import { type FieldTest, PatternDifference, readPattern } from './read-pattern.ts';

/** Where an anomaly has the attributes that a pattern can ask for, and whether it always has them. */
const fieldsOfAttributes: Readonly<Record<string, { readonly path: string; readonly always: boolean }>> = {
  amount: { path: 'detail.impact.totalImpact', always: true },
  account: { path: 'detail.rootCauses.linkedAccount', always: false },
  service: { path: 'detail.rootCauses.service', always: false },
  region: { path: 'detail.rootCauses.region', always: false },
};

/**
 * Proves that the pattern matches every anomaly that the policy responds to or cannot decide, and that of those with one
 * root cause each field keeps away only such as a rule lets pass. The pattern is a conjunction of fields and the policy a
 * disjunction of rules, so that it is enough to compare them attribute by attribute.
 */
export function validateEventBridge(policy: Policy, artifacts: readonly Artifact[]): Validation {
  const method = 'each field of the pattern over all classes of its attribute';
  const refuse = (counterexample: string): Validation => ({ status: 'refused', method, compared: 0, counterexample });
  const decision = decisionAt(policy, 'cost-event');
  const [artifact, ...others] = artifacts;
  if (decision === undefined) return refuse('the policy has no cost events');
  if (artifact === undefined) {
    return passesAnomalies(decision)
      ? { status: 'proven', method: 'every anomaly is let pass: there is nothing to send on', compared: 1 }
      : refuse('pattern.json is missing');
  }
  if (artifact.path !== 'pattern.json' || others.length > 0) return refuse('pattern.json does not stand alone');
  const text = typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
  if (text.length > 2048) return refuse('longer than EventBridge takes');
  try {
    const fields = new Map(readPattern(text));
    take(fields, 'source', 'aws.ce');
    take(fields, 'detail-type', 'Anomaly Detected');
    let compared = 2;
    for (const [attribute, { path, always }] of Object.entries(fieldsOfAttributes)) {
      const test = fields.get(path);
      fields.delete(path);
      if (test !== undefined) compared += compareField(decision, attribute, always, test);
      else if (isMissing(decision, attribute, text.length)) return refuse(`it does not ask for ${path}`);
    }
    for (const path of fields.keys()) return refuse(`it asks for ${path}`);
    return { status: 'proven', method, compared };
  } catch (problem) {
    if (!(problem instanceof PatternDifference)) throw problem;
    return refuse(problem.message);
  }
}

function passesAnomalies({ rules }: Decision): boolean {
  return rules.some(({ when }) => holds(when, 'source', 'anomaly') === true);
}

function take(fields: Map<string, FieldTest>, path: string, wanted: string): void {
  const test = fields.get(path);
  if (test === undefined || !test(wanted) || test('polc-unmentioned') || test(undefined)) {
    throw new PatternDifference(`${path} is not \`${wanted}\` alone`);
  }
  fields.delete(path);
}

/** The field must match a value where, and only where, no rule on this attribute lets it pass. */
function compareField({ rules }: Decision, attribute: string, always: boolean, test: FieldTest): number {
  const own = rules.filter(({ when }) => speaksOnlyOf(when, attribute));
  const classes = eventClasses(own.map(({ when }) => when)).get(attribute) ?? ['polc-unmentioned', undefined];
  let compared = 0;
  for (const value of classes) {
    if (value === undefined && always) continue;
    const passes = own.some(({ when }) => holds(when, attribute, value) === true);
    const matches = test(typeof value === 'string' || typeof value === 'number' ? value : undefined);
    compared += 1;
    if (matches === passes) {
      const what = value === undefined ? `no ${attribute}` : `${attribute} ${String(value)}`;
      throw new PatternDifference(
        `${what}: the pattern ${matches ? 'sends it on' : 'keeps it away'}, the policy ${passes ? 'lets it pass' : 'may respond'}`,
      );
    }
  }
  return compared;
}

/** Whether the pattern could have asked for an attribute of which the policy lets pass all but some values. */
function isMissing({ rules }: Decision, attribute: string, length: number): boolean {
  const own = rules.filter(({ when }) => speaksOnlyOf(when, attribute));
  const values = eventClasses(own.map(({ when }) => when)).get(attribute) ?? [];
  if (attribute === 'amount') {
    const bounds = own.flatMap(({ when }) =>
      when.kind === 'compare' && 'value' in when.right ? [when.right.value] : [],
    );
    return bounds.some(
      (bound) => typeof bound === 'number' && Math.abs(bound) <= 5e9 && Number(bound.toFixed(6)) === bound,
    );
  }
  if (!own.some(({ when }) => holds(when, attribute, 'polc-unmentioned') === true)) return false;
  const kept = values.filter(
    (value) => typeof value === 'string' && !own.some(({ when }) => holds(when, attribute, value)),
  );
  return length + JSON.stringify(kept).length + attribute.length + 40 <= 2048;
}

function speaksOnlyOf(when: Rule['when'], attribute: string): boolean {
  const mentioned = [...eventClasses([when]).keys()];
  return mentioned.length === 1 && mentioned[0] === attribute;
}

function holds(when: Rule['when'], attribute: string, value: Value | undefined): boolean | undefined {
  return evaluate(when, {
    attribute: (name) => (name === attribute ? value : undefined),
    parameter: () => undefined,
  });
}
