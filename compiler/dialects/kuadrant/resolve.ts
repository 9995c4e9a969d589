import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { checkExpressions, type ReadExpression } from './cel/check-expressions.ts';
import { checkConflicts } from './lints/conflicts.ts';
import { checkIdentity } from './lints/identity.ts';
import { checkLimits } from './lints/limits.ts';
import { checkPatternNames } from './lints/patterns.ts';
import { checkSizes } from './lints/sizes.ts';
import { checkTarget } from './lints/targets.ts';
import { lowerKuadrant } from './lower.ts';
import { type KuadrantPolicy, readPolicy } from './policy.ts';
import { type Resource, resourcesOf } from './resource.ts';
import type { Expression } from './schema/check.ts';
import { checkResource } from './schema/envelope.ts';
import { checkMethods } from './schema/methods.ts';
import { workspaceAround, workspaceOf } from './workspace.ts';

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
  const resources = resourcesOf(documents);
  const checked: CheckedPolicy[] = [];
  for (const resource of resources) {
    const expressions: Expression[] = [];
    const schema = checkResource(resource, { source, diagnostics, expressions });
    if (schema === undefined) continue;
    const policy = readPolicy(schema.kind, resource);
    if (policy === undefined) continue;
    checkMethods(policy, diagnostics);
    checkPatternNames(policy, diagnostics);
    checkLimits(policy, diagnostics);
    checked.push({ policy, expressions: checkExpressions(policy, expressions, source, diagnostics) });
  }
  if (checked.length > 0) checkTogether(checked, resources, loader, diagnostics);
  return { accepted: [], lower: () => lowerKuadrant(source.path) };
}

/** What depends on the other resources of the file and of the workspace. */
function checkTogether(
  checked: readonly CheckedPolicy[],
  resources: readonly Resource[],
  loader: Loader,
  diagnostics: Diagnostic[],
): void {
  const { targets } = workspaceOf(resources);
  const workspace = workspaceAround(loader, { policies: checked.map(({ policy }) => policy), targets });
  for (const { policy, expressions } of checked) {
    checkTarget(policy, workspace, diagnostics);
    checkConflicts(policy, workspace, diagnostics);
    if (policy.kind === 'RateLimitPolicy' || policy.kind === 'TokenRateLimitPolicy') {
      checkIdentity(policy, expressions, workspace, loader.source, diagnostics);
      checkSizes(policy, workspace, diagnostics);
    }
  }
}
