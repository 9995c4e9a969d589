import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { celReporter } from '../../../expressions/cel/located.ts';
import type { CelFix } from '../../../expressions/cel/syntax-problems.ts';
import { shorten } from '../../../schema/scalars.ts';
import type { SourceText } from '../../../source/text.ts';
import type { ScalarNode } from '../../../source/tree.ts';
import { type Failing, failingIn, type Guards, guardsIn, union } from '../cel/can-fail.ts';
import type { ReadExpression } from '../cel/check-expressions.ts';
import { conditionsOf, type KuadrantPolicy, limitsOf, type RateLimit } from '../policy.ts';

/**
 * Reports conditions and counters of limits that fail for some requests: the filter then limits nothing by them, and by
 * no other limit whose call is made with theirs. The first part of an expression is told of.
 */
export function checkFailing(
  policy: KuadrantPolicy,
  expressions: readonly ReadExpression[],
  source: SourceText,
  diagnostics: Diagnostic[],
): void {
  const trees = new Map(expressions.map(({ scalar, tree }) => [scalar, tree]));
  const limits = limitsOf(policy);
  const common = conditionsOf(policy);
  const told = new Set<ScalarNode>();
  const tell = (scalar: ScalarNode, failing: Failing, isCounter: boolean, dropped: readonly RateLimit[]) => {
    if (told.has(scalar)) return;
    told.add(scalar);
    const { range, where, guard } = failing;
    diagnostics.push(
      celReporter(scalar, source).report({
        code: 'POL5144',
        range,
        holes: { where },
        ...helpOf(guard, isCounter),
        notes: dropped.length === 0 ? [] : [droppedText(dropped)],
        fixes: isCounter || guard === undefined ? [] : guardFix(guard, trees.get(scalar)),
      }),
    );
  };
  const separate = policy.kind === 'TokenRateLimitPolicy';
  for (const limit of limits) {
    const others = separate ? [] : limits.filter((other) => other !== limit && isEarly(other) === isEarly(limit));
    let known: Guards = new Set();
    // Conditions are asked in turn, up to the first that does not hold.
    for (const scalar of [...common, ...limit.when]) {
      const tree = trees.get(scalar);
      if (tree === undefined) continue;
      const [failing] = failingIn(tree, known);
      if (failing !== undefined) tell(scalar, failing, false, others);
      known = union(known, guardsIn(tree, true));
    }
    for (const scalar of limit.counters) {
      const tree = trees.get(scalar);
      const failing = tree === undefined ? undefined : failingIn(tree, known)[0];
      if (failing !== undefined) tell(scalar, failing, true, others);
    }
  }
}

/** The filter makes one call for the limits that do not wait for the authoriser, and one for those that do. */
function isEarly({ when, counters }: RateLimit): boolean {
  return ![...when, ...counters].some(({ text }) => text.includes('auth.'));
}

function helpOf(guard: string | undefined, isCounter: boolean) {
  if (guard === undefined) return {};
  return {
    help: isCounter ? `add the condition \`${guard}\` to its \`when\`` : `ask before: \`${guard} && …\``,
  };
}

const mostNamed = 5;

function droppedText(dropped: readonly RateLimit[]): string {
  const names = dropped.slice(0, mostNamed).map(({ name }) => `\`${shorten(name)}\``);
  const more = dropped.length > mostNamed ? ` and ${dropped.length - mostNamed} more` : '';
  return `one call is made for all of them: such a request is not counted by ${names.join(', ')}${more} either`;
}

function guardFix(guard: string, tree: Expression | undefined): readonly CelFix[] {
  if (tree === undefined) return [];
  const loose = tree.kind === 'conditional' || (tree.kind === 'binary' && tree.operator === '||');
  const { start, end } = tree.range;
  const edits = [
    { range: { start, end: start }, newText: loose ? `${guard} && (` : `${guard} && ` },
    ...(loose ? [{ range: { start: end, end }, newText: ')' }] : []),
  ];
  return [{ title: `ask before: \`${guard}\``, certain: false, edits }];
}
