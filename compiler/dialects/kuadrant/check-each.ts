import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { SourceText } from '../../source/text.ts';
import { checkExpressions, type ReadExpression } from './cel/check-expressions.ts';
import { checkLimits } from './lints/limits.ts';
import { checkPatternNames } from './lints/patterns.ts';
import { type KuadrantPolicy, readPolicy } from './policy.ts';
import type { Resource } from './resource.ts';
import type { Expression } from './schema/check.ts';
import { checkResource } from './schema/envelope.ts';
import { checkMethods } from './schema/methods.ts';

/** A policy with the expressions in CEL of it that are sound. */
export interface CheckedPolicy {
  readonly policy: KuadrantPolicy;
  readonly expressions: readonly ReadExpression[];
}

/** Checks each resource by itself: schema, expressions, and what the API server accepts and nobody enforces. */
export function checkEach(
  resources: readonly Resource[],
  source: SourceText,
  diagnostics: Diagnostic[],
): readonly CheckedPolicy[] {
  return resources.flatMap((resource): readonly CheckedPolicy[] => {
    const expressions: Expression[] = [];
    const schema = checkResource(resource, { source, diagnostics, expressions });
    const policy = schema === undefined ? undefined : readPolicy(schema.kind, resource);
    if (policy === undefined) return [];
    checkMethods(policy, diagnostics);
    checkPatternNames(policy, diagnostics);
    checkLimits(policy, diagnostics);
    return [{ policy, expressions: checkExpressions(policy, expressions, source, diagnostics) }];
  });
}
