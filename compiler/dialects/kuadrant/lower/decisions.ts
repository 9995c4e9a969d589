import { opaqueCondition } from '../../../expressions/cel/to-predicate.ts';
import { and, attribute, compare, literal, not, or, type Predicate } from '../../../expressions/predicate.ts';
import type { YamlNode } from '../../../source/tree.ts';
import type { MergeRule } from '../effective/rules.ts';
import { predicateOf } from '../migrate/condition.ts';
import { entriesOf, fieldOf, itemsOf, textOf } from '../resource.ts';
import { loweredCondition } from './attributes.ts';
import { allOf } from './scope.ts';

type AuthRule = MergeRule & { readonly kind: 'auth' };

/** Patterns by the names under which others of the policy refer to them. */
export type NamedPatterns = ReadonlyMap<string, YamlNode>;

/** What an authorization rule asks for: its patterns where its conditions hold. What polc cannot decide is opaque. */
export function authorizationPredicate({ name, node }: AuthRule, named: NamedPatterns): Predicate {
  const when = patterns(fieldOf(node, 'when'), named, 0);
  const matching = fieldOf(node, 'patternMatching');
  const held =
    matching === undefined
      ? opaqueCondition(`authorization ${name}: ${methodOf(node)}`)
      : patterns(fieldOf(matching, 'patterns'), named, 0);
  return when.kind === 'constant' && when.value ? held : or(not(when), held);
}

/** Whether some authentication rule accepts. */
export const isAuthenticated: Predicate = compare(attribute('authenticated'), '==', literal(true));

function methodOf(node: YamlNode): string {
  const common = new Set(['when', 'cache', 'metrics', 'priority']);
  return entriesOf(node).find(({ key }) => !common.has(key.text))?.key.text ?? '';
}

/** Names may name names, in a circle too. */
const deepest = 8;

function patterns(node: YamlNode | undefined, named: NamedPatterns, depth: number): Predicate {
  return allOf(...itemsOf(node).map((item) => pattern(item, named, depth)));
}

function pattern(item: YamlNode, named: NamedPatterns, depth: number): Predicate {
  const reference = textOf(fieldOf(item, 'patternRef'));
  if (reference !== '') {
    const found = named.get(reference);
    const list = found?.kind === 'map' ? fieldOf(found, 'allOf') : found;
    return list === undefined || depth > deepest
      ? opaqueCondition(`pattern ${reference}`)
      : patterns(list, named, depth + 1);
  }
  const any = fieldOf(item, 'any');
  if (any !== undefined && depth <= deepest) return or(...itemsOf(any).map((each) => pattern(each, named, depth + 1)));
  const all = fieldOf(item, 'all');
  if (all !== undefined && depth <= deepest) return and(...itemsOf(all).map((each) => pattern(each, named, depth + 1)));
  const [predicate, selector, operator, value] = ['predicate', 'selector', 'operator', 'value'].map((name) =>
    textOf(fieldOf(item, name)),
  );
  const text = predicate || predicateOf({ selector: selector ?? '', operator: operator ?? '', value: value ?? '' });
  return text === undefined
    ? opaqueCondition(`${selector} ${operator} ${value}`)
    : loweredCondition({ text, span: item.span }, 'authoriser');
}
