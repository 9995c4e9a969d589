import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { type CheckedPolicy, checkEach } from './check-each.ts';
import { checkConflicts } from './lints/conflicts.ts';
import { checkFailing } from './lints/failing.ts';
import { checkIdentity } from './lints/identity.ts';
import { checkSizes } from './lints/sizes.ts';
import { checkTarget } from './lints/targets.ts';
import { lowerKuadrant } from './lower.ts';
import { type Resource, resourcesOf } from './resource.ts';
import { contentsOf, workspaceAround } from './workspace.ts';

/** Checks every resource of the file, each by itself and then with those around it. */
export function resolveKuadrant(
  documents: readonly YamlNode[],
  loader: Loader,
  diagnostics: Diagnostic[],
): Resolved | undefined {
  const { source } = loader;
  const resources = resourcesOf(documents);
  const checked = checkEach(resources, source, diagnostics);
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
  const { targets } = contentsOf(resources);
  const workspace = workspaceAround(loader, { policies: checked.map(({ policy }) => policy), targets });
  for (const { policy, expressions } of checked) {
    checkTarget(policy, workspace, diagnostics);
    checkConflicts(policy, workspace, diagnostics);
    if (policy.kind === 'RateLimitPolicy' || policy.kind === 'TokenRateLimitPolicy') {
      checkIdentity(policy, expressions, workspace, loader.source, diagnostics);
      checkFailing(policy, expressions, loader.source, diagnostics);
      checkSizes(policy, workspace, diagnostics);
    }
  }
}
