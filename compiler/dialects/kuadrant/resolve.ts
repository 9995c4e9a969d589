import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { checkExpressions, type ReadExpression } from './cel/check-expressions.ts';
import { checkLimits } from './lints/limits.ts';
import { lowerKuadrant } from './lower.ts';
import { type KuadrantPolicy, readPolicy } from './policy.ts';
import { resourcesOf } from './resource.ts';
import type { Expression } from './schema/check.ts';
import { checkResource } from './schema/envelope.ts';
import { checkMethods } from './schema/methods.ts';

/** A policy with the expressions in CEL that stand in it. */
export interface CheckedPolicy {
  readonly policy: KuadrantPolicy;
  readonly expressions: readonly ReadExpression[];
}

/** Checks every resource of the file, each by itself and then with those around it. */
export function resolveKuadrant(
  documents: readonly YamlNode[],
  loader: Loader,
  diagnostics: Diagnostic[],
): Resolved | undefined {
  const { source } = loader;
  const checked: CheckedPolicy[] = [];
  for (const resource of resourcesOf(documents)) {
    const expressions: Expression[] = [];
    const schema = checkResource(resource, { source, diagnostics, expressions });
    if (schema === undefined) continue;
    const policy = readPolicy(schema.kind, resource);
    if (policy === undefined) continue;
    checkMethods(policy, diagnostics);
    checkLimits(policy, diagnostics);
    checked.push({ policy, expressions: checkExpressions(policy, expressions, source, diagnostics) });
  }
  return { accepted: [], lower: () => lowerKuadrant(source.path) };
}
