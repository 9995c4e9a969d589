import { and, attribute, inSet, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect, Limit, Point, Policy, Quantity, Resource, Rule } from '../../compiler/ir/policy.ts';

const span = { file: 'policy.yaml', start: 0, end: 0 };

/** A policy written as IR, for tests of what comes after the dialects. */
export function policyOf(parts: Partial<Policy>): Policy {
  return { name: 'test', decisions: [], limits: [], obligations: [], ...parts };
}

export function decisionOf(
  point: Point,
  combine: Decision['combine'],
  rules: readonly (readonly [Predicate, Effect])[],
  otherwise: Effect,
): Decision {
  return {
    point,
    combine,
    rules: rules.map(
      ([when, effect], index): Rule => ({
        id: `${point}/${index}`,
        topic: `${point}[${index}]`,
        origin: { span },
        when,
        effect,
      }),
    ),
    otherwise: { id: `${point}/otherwise`, topic: point, origin: { span }, effect: otherwise },
  };
}

export function limitOf(resource: Resource, unit: Quantity['unit'], amount: number): Limit {
  return {
    id: `limit/${resource}`,
    topic: `resources.${resource}`,
    origin: { span },
    resource,
    ceiling: { unit, amount },
  };
}

export const allow: Effect = { kind: 'allow' };
export const deny: Effect = { kind: 'deny' };

/** Rights on what lies beneath a path. */
export function pathRule(pattern: string, rights: readonly string[]): readonly [Predicate, Effect] {
  return [and({ kind: 'beneath', term: attribute('path'), pattern }, inSet(attribute('right'), rights)), allow];
}
