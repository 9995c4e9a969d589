import type { Expression as Tree } from '../../../../grammars/cel/syntax-tree.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { check } from '../../../expressions/cel/check.ts';
import { celReporter } from '../../../expressions/cel/located.ts';
import { parseCel } from '../../../expressions/cel/parse.ts';
import { formatType } from '../../../expressions/cel/types.ts';
import type { SourceText } from '../../../source/text.ts';
import type { ScalarNode } from '../../../source/tree.ts';
import type { KuadrantPolicy } from '../policy.ts';
import { isTemplated } from '../resource.ts';
import { componentAt, isOfLimits } from '../schema/cel-fields.ts';
import type { Expression } from '../schema/check.ts';
import { environmentFor } from './environments.ts';
import { bareLabelKeys } from './label-keys.ts';
import { type Place, pitfallsIn } from './pitfalls.ts';

/** An expression that could be read, for those who ask further. */
export interface ReadExpression {
  readonly scalar: ScalarNode;
  readonly tree: Tree;
  readonly place: Place;
}

/** Parses and checks every expression of a policy; gives those that are sound. */
export function checkExpressions(
  policy: KuadrantPolicy,
  expressions: readonly Expression[],
  source: SourceText,
  diagnostics: Diagnostic[],
): readonly ReadExpression[] {
  return expressions.flatMap(({ scalar, path }): readonly ReadExpression[] => {
    if (isTemplated(scalar.text)) return [];
    const place = placeOf(policy, path);
    const tree = checkExpression(scalar, path.at(-1) === 'predicate', place, source, diagnostics);
    return tree === undefined ? [] : [{ scalar, tree, place }];
  });
}

/** Which component evaluates the expression at a path. */
function placeOf({ kind }: KuadrantPolicy, path: readonly string[]): Place {
  return {
    component: componentAt(kind, path),
    counter: isOfLimits(kind) && path.at(-2) === 'counters',
    tokenCondition: kind === 'TokenRateLimitPolicy' && path.at(-2) === 'when',
  };
}

function checkExpression(
  scalar: ScalarNode,
  isPredicate: boolean,
  place: Place,
  source: SourceText,
  diagnostics: Diagnostic[],
): Tree | undefined {
  const { text } = scalar;
  const { expression, problems } = parseCel(text);
  const reporter = celReporter(scalar, source);
  const labels = bareLabelKeys(text);
  if (labels.length > 0) {
    // What the parser and the checker make of such an expression is not what was meant.
    const others = problems.length > 0 ? [] : pitfallsIn(text, expression, place);
    for (const problem of [...labels, ...others]) diagnostics.push(reporter.report(problem));
    return undefined;
  }
  if (problems.length > 0) {
    for (const problem of problems) diagnostics.push(reporter.report(problem));
    return undefined;
  }
  const pitfalls = pitfallsIn(text, expression, place);
  const checked = check(expression, environmentFor(place.component));
  // What follows from a pitfall is not said again.
  const others = checked.problems.filter(
    ({ range }) => !pitfalls.some((pitfall) => pitfall.range.start <= range.end && range.start <= pitfall.range.end),
  );
  const found = [...pitfalls, ...others];
  const { kind } = checked.type;
  if (isPredicate && found.length === 0 && kind !== 'bool' && kind !== 'dyn' && kind !== 'any') {
    found.push({ code: 'POL4081', range: expression.range, holes: { type: formatType(checked.type) } });
  }
  for (const problem of found) diagnostics.push(reporter.report(problem));
  return found.length === 0 ? expression : undefined;
}
