import type { Plan } from '../../../dialects/kuadrant/effective/plans.ts';
import {
  expressionIn,
  type MergePolicy,
  type MergeRule,
  topLevelConditions,
} from '../../../dialects/kuadrant/effective/rules.ts';
import { textsIn } from '../../../dialects/kuadrant/effective/topology.ts';
import { entriesOf, fieldOf, textOf, valueAt } from '../../../dialects/kuadrant/resource.ts';
import { Uint, type Value } from '../../../expressions/cel/value.ts';
import type { Span } from '../../../source/span.ts';
import type { YamlNode } from '../../../source/tree.ts';
import { plainOf } from '../plain.ts';
import { type Evaluated, holding, type RequestEvaluator, type Scene } from './evaluate.ts';
import { celValue, type GivenRequest } from './given.ts';
import { type Patterns, patternsHold, selectorIn } from './patterns.ts';

/** What one named rule of an AuthPolicy does. */
export interface AuthStep {
  readonly section: string;
  readonly name: string;
  readonly span: Span;
  readonly policy: MergePolicy;
  readonly outcome: 'accepts' | 'refuses' | 'skipped' | 'unknown';
  readonly why: string;
  readonly conditions: readonly Evaluated[];
}

export interface AuthTrace {
  readonly outcome: 'none' | 'skipped' | 'admitted' | 'unauthenticated' | 'unauthorised' | 'unknown';
  /** Of the whole policy, decided in the filter. */
  readonly when: readonly Evaluated[];
  readonly steps: readonly AuthStep[];
  /** What the filter gets; absent where there is no authorisation. */
  readonly exported?: Readonly<Record<string, Value>>;
  /** Paths below `auth` that the filter gets and whose values are not known. */
  readonly unknown: readonly string[];
}

type AuthRule = MergeRule & { readonly kind: 'auth' };

/**
 * Follows a request through the rules that are in force of AuthPolicies.
 *
 * @param filter what the filter knows of the request
 */
export function authorise(
  rules: readonly MergeRule[],
  plans: readonly Plan[],
  given: GivenRequest,
  evaluator: RequestEvaluator,
  filter: Scene,
): AuthTrace {
  const own = rules.flatMap((rule): readonly AuthRule[] => (rule.kind === 'auth' ? [rule] : []));
  if (own.length === 0) return { outcome: 'none', when: [], steps: [], unknown: [] };
  const when = topLevelConditions(rules).map((each) => evaluator.evaluate(each, filter));
  const asked = holding(when);
  if (asked.kind === 'false') return { outcome: 'skipped', when, steps: [], unknown: [] };
  const of = (section: string) => own.filter((rule) => rule.section === section);
  const named = new Map(of('patterns').map(({ name, node }) => [name, node]));
  const patterns = (scene: Scene): Patterns => ({ evaluator, scene, named });
  const before = sceneOf(filter, undefined);
  const ways = of('authentication').map((rule) => authenticate(rule, given, patterns(before)));
  const accepted = ways.find(({ step }) => step.outcome === 'accepts');
  const steps = ways.map(({ step }) => step);
  if (accepted === undefined && ways.length > 0) {
    const open = steps.some(({ outcome }) => outcome === 'unknown') || asked.kind === 'unknown';
    return { outcome: open ? 'unknown' : 'unauthenticated', when, steps, unknown: ['auth'] };
  }
  const after = sceneOf(filter, accepted?.identity ?? null);
  const decided = of('authorization').map((rule) => decide(rule, patterns(after)));
  const { exported, unknown } = exportsOf(of('filters'), plans, evaluator, after);
  const all = [...steps, ...decided];
  const refused = decided.some(({ outcome }) => outcome === 'refuses');
  const open = decided.some(({ outcome }) => outcome === 'unknown') || asked.kind !== 'true';
  return {
    outcome: refused ? 'unauthorised' : open ? 'unknown' : 'admitted',
    when,
    steps: all,
    exported,
    unknown,
  };
}

/** What the authoriser knows: it has doubles for numbers, and `auth` with the identity. */
function sceneOf({ bindings, isUnknown }: Scene, identity: Value | undefined): Scene {
  return {
    bindings: identity === undefined ? bindings : { ...bindings, auth: { identity } },
    isUnknown: (path) =>
      path[0] === 'auth'
        ? identity === undefined || (path[1] !== undefined && path[1] !== 'identity')
        : isUnknown(path),
  };
}

interface Way {
  readonly step: AuthStep;
  readonly identity?: Value;
}

function authenticate(rule: AuthRule, given: GivenRequest, patterns: Patterns): Way {
  const { node } = rule;
  const conditions: Evaluated[] = [];
  const asked = patternsHold(fieldOf(node, 'when'), patterns, conditions);
  const step = (outcome: AuthStep['outcome'], why: string): Way => ({
    step: { ...stepOf(rule, conditions), outcome, why },
  });
  if (asked === 'false') return step('skipped', 'its conditions do not hold');
  if (asked === 'unknown') return step('unknown', 'whether its conditions hold is not known');
  const apiKey = fieldOf(node, 'apiKey');
  if (apiKey !== undefined) {
    const { key } = given;
    if (key === undefined) return step('refuses', 'the request has no API key');
    const selector = textsIn(valueAt(apiKey, 'selector', 'matchLabels'));
    const other = Object.entries(selector).find(([name, value]) => key.labels[name] !== value);
    if (other !== undefined) return step('refuses', `the key has not the label ${other[0]}=${other[1]}`);
    const chosen = Object.entries(selector).map(([name, value]) => `${name}=${value}`);
    const metadata = { namespace: key.namespace, labels: key.labels, annotations: key.annotations };
    return accepted(
      rule,
      conditions,
      chosen.length === 0 ? 'any key will do' : `the key has ${chosen.join(', ')}`,
      {
        metadata,
      },
      patterns,
    );
  }
  if (fieldOf(node, 'anonymous') !== undefined) {
    return accepted(rule, conditions, 'it lets everybody in', { anonymous: true }, patterns);
  }
  const method = methodOf(node);
  if (given.identity === undefined) {
    return given.key === undefined && Object.keys(given.headers).length === 0
      ? step('refuses', `the request has no token for ${method}`)
      : step('unknown', `what ${method} makes of the request is not known: give it under \`identity\``);
  }
  const identity = celValue(given.identity, 'authoriser');
  return accepted(rule, conditions, `the identity is taken to be what ${method} gives`, identity, patterns);
}

/** The identity with what the rule adds to it. */
function accepted(
  rule: AuthRule,
  conditions: readonly Evaluated[],
  why: string,
  identity: Value,
  { evaluator, scene }: Patterns,
): Way {
  let made = identity;
  for (const [field, always] of [
    ['defaults', false],
    ['overrides', true],
  ] as const) {
    for (const { key, value } of entriesOf(fieldOf(rule.node, field))) {
      if (typeof made !== 'object' || made === null || Array.isArray(made)) continue;
      if (!always && Object.hasOwn(made, key.text)) continue;
      const known = propertyOf(value, evaluator, sceneOf(scene, made));
      if (known.kind === 'value') made = Object.assign({}, made, { [key.text]: known.value });
    }
  }
  return { step: { ...stepOf(rule, conditions), outcome: 'accepts', why }, identity: made };
}

function methodOf(node: YamlNode): string {
  const common = new Set(['when', 'credentials', 'defaults', 'overrides', 'cache', 'metrics', 'priority']);
  return entriesOf(node).find(({ key }) => !common.has(key.text))?.key.text ?? 'it';
}

function decide(rule: AuthRule, patterns: Patterns): AuthStep {
  const conditions: Evaluated[] = [];
  const own = stepOf(rule, conditions);
  const asked = patternsHold(fieldOf(rule.node, 'when'), patterns, conditions);
  if (asked === 'false') return { ...own, outcome: 'skipped', why: 'its conditions do not hold' };
  const matching = fieldOf(rule.node, 'patternMatching');
  if (matching === undefined) {
    return { ...own, outcome: 'unknown', why: `what ${methodOf(rule.node)} answers is not known` };
  }
  const held = patternsHold(fieldOf(matching, 'patterns'), patterns, conditions);
  if (held === 'true') return { ...own, outcome: 'accepts', why: 'all of its patterns hold' };
  if (held === 'unknown' || asked === 'unknown')
    return { ...own, outcome: 'unknown', why: 'it asks for what is not known' };
  return {
    ...own,
    outcome: 'refuses',
    why: held === 'error' ? 'an expression fails, which refuses' : 'a pattern does not hold',
  };
}

function stepOf({ section, name, span, from }: AuthRule, conditions: readonly Evaluated[]) {
  return { section, name, span, policy: from, conditions };
}

type Property = { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'absent' | 'unknown' };

/** The value of a field that has an expression, a fixed value or a selector. */
function propertyOf(node: YamlNode, evaluator: RequestEvaluator, scene: Scene): Property {
  const fixed = fieldOf(node, 'value');
  if (fixed !== undefined) return { kind: 'value', value: celValue(plainOf(fixed), 'authoriser') };
  const expression = expressionIn(node, 'expression');
  const written = expression ?? selectorIn(node);
  if (written === undefined) return { kind: 'unknown' };
  const { outcome } = evaluator.evaluate(written, scene);
  if (outcome.kind === 'value') return outcome;
  return { kind: outcome.kind === 'unknown' ? 'unknown' : 'absent' };
}

function exportsOf(
  filters: readonly AuthRule[],
  plans: readonly Plan[],
  evaluator: RequestEvaluator,
  scene: Scene,
): { readonly exported: Readonly<Record<string, Value>>; readonly unknown: readonly string[] } {
  const exported: Record<string, Record<string, Value> | Value> = {};
  const unknown: string[] = [];
  for (const { name, node } of filters) {
    const key = textOf(fieldOf(node, 'key')) || name;
    const plain = fieldOf(node, 'plain');
    if (plain !== undefined) {
      const property = propertyOf(plain, evaluator, scene);
      if (property.kind === 'value') exported[key] = forFilter(property.value);
      else if (property.kind === 'unknown') unknown.push(`auth.${key}`);
      continue;
    }
    const fields: Record<string, Value> = {};
    for (const entry of entriesOf(valueAt(node, 'json', 'properties'))) {
      const property = propertyOf(entry.value, evaluator, scene);
      if (property.kind === 'value') fields[entry.key.text] = forFilter(property.value);
      else if (property.kind === 'unknown') unknown.push(`auth.${key}.${entry.key.text}`);
    }
    exported[key] = fields;
  }
  const plan = planFor(plans, evaluator, scene);
  if (plan.kind === 'value') exported.kuadrant = { plan: plan.value };
  else if (plan.kind === 'unknown') unknown.push('auth.kuadrant.plan');
  return { exported, unknown };
}

/** The first plan that fits; none where a predicate fails, since all are decided in one expression (BuildCelExpression). */
function planFor(plans: readonly Plan[], evaluator: RequestEvaluator, scene: Scene): Property {
  const outcomes = plans.map(({ predicate }) => evaluator.evaluate(predicate, scene).outcome);
  if (outcomes.some(({ kind }) => kind === 'error')) return { kind: 'absent' };
  if (outcomes.some(({ kind }) => kind === 'unknown')) return { kind: 'unknown' };
  const chosen = plans[outcomes.findIndex((outcome) => outcome.kind === 'value' && outcome.value === true)];
  return chosen === undefined ? { kind: 'absent' } : { kind: 'value', value: chosen.tier };
}

/** What passes to the filter is JSON: whole numbers that are not negative are `uint` there. */
function forFilter(value: Value): Value {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? new Uint(BigInt(value)) : value;
  if (typeof value === 'bigint') return value >= 0n ? new Uint(value) : value;
  if (Array.isArray(value)) return value.map(forFilter);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, forFilter(each)]));
  }
  return value;
}
