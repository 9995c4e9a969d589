import type { Written } from '../../../dialects/kuadrant/effective/rules.ts';
import { expressionOf, predicateOf } from '../../../dialects/kuadrant/migrate/condition.ts';
import { fieldOf, itemsOf, textOf } from '../../../dialects/kuadrant/resource.ts';
import type { YamlNode } from '../../../source/tree.ts';
import type { Evaluated, RequestEvaluator, Scene } from './evaluate.ts';

/** What patterns are decided with: they may name others of the policy. */
export interface Patterns {
  readonly evaluator: RequestEvaluator;
  readonly scene: Scene;
  readonly named: ReadonlyMap<string, YamlNode>;
}

export type Held = 'true' | 'false' | 'unknown' | 'error';

/**
 * Whether all patterns of a list hold: predicates, selectors with an operator and a value, names of other lists, and
 * `any` or `all` of such. Source: Authorino, PatternExpressionOrRef.
 *
 * @param found gets every expression that was decided
 */
export function patternsHold(node: YamlNode | undefined, patterns: Patterns, found: Evaluated[], depth = 0): Held {
  return all(itemsOf(node).map((item) => patternHolds(item, patterns, found, depth)));
}

/** Names may name names, in a circle too. */
const deepest = 8;

function patternHolds(item: YamlNode, patterns: Patterns, found: Evaluated[], depth: number): Held {
  if (depth > deepest) return 'unknown';
  const reference = textOf(fieldOf(item, 'patternRef'));
  if (reference !== '') {
    const named = patterns.named.get(reference);
    const list = named?.kind === 'map' ? fieldOf(named, 'allOf') : named;
    return list === undefined ? 'unknown' : patternsHold(list, patterns, found, depth + 1);
  }
  const any = fieldOf(item, 'any');
  if (any !== undefined) {
    return some(itemsOf(any).map((each) => patternHolds(each, patterns, found, depth + 1)));
  }
  const every = fieldOf(item, 'all');
  if (every !== undefined) return patternsHold(every, patterns, found, depth + 1);
  const written = conditionIn(item);
  if (written === undefined) return 'unknown';
  const evaluated = patterns.evaluator.evaluate(written, patterns.scene);
  found.push(evaluated);
  const { outcome } = evaluated;
  if (outcome.kind !== 'value') return outcome.kind;
  return typeof outcome.value === 'boolean' ? (outcome.value ? 'true' : 'false') : 'error';
}

function conditionIn(item: YamlNode): Written | undefined {
  const predicate = fieldOf(item, 'predicate');
  if (predicate?.kind === 'scalar') return { text: predicate.text, span: predicate.span, scalar: predicate };
  const [selector, operator, value] = ['selector', 'operator', 'value'].map((name) => textOf(fieldOf(item, name)));
  const text = predicateOf({ selector: selector ?? '', operator: operator ?? '', value: value ?? '' });
  return text === undefined ? undefined : { text, span: item.span };
}

/** The expression of a selector. */
export function selectorIn(node: YamlNode): Written | undefined {
  const selector = fieldOf(node, 'selector');
  const text = selector?.kind === 'scalar' ? expressionOf(selector.text) : undefined;
  return text === undefined ? undefined : { text, span: node.span };
}

function all(held: readonly Held[]): Held {
  for (const each of ['false', 'error', 'unknown'] as const) if (held.includes(each)) return each;
  return 'true';
}

function some(held: readonly Held[]): Held {
  for (const each of ['true', 'unknown', 'error'] as const) if (held.includes(each)) return each;
  return 'false';
}
