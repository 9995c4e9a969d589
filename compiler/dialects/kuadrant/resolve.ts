import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { type CheckedPolicy, checkEach } from './check-each.ts';
import { withAssumed } from './effective/assumed.ts';
import { mergePoliciesOf } from './effective/plans.ts';
import { requestPaths } from './effective/request-path.ts';
import { checkConflicts } from './lints/conflicts.ts';
import { checkFailing } from './lints/failing.ts';
import { checkIdentity } from './lints/identity.ts';
import { checkSizes } from './lints/sizes.ts';
import { checkTarget } from './lints/targets.ts';
import { enforcedAsItIs, type Lowering, lowerKuadrant } from './lower/lower.ts';
import { resourcesOf } from './resource.ts';
import { contentsOf, type Workspace, workspaceAround } from './workspace.ts';

/** Checks every resource of the file, each by itself and then with those around it. */
export function resolveKuadrant(
  documents: readonly YamlNode[],
  loader: Loader,
  diagnostics: Diagnostic[],
): Resolved | undefined {
  const { source } = loader;
  const resources = resourcesOf(documents);
  const checked = checkEach(resources, source, diagnostics);
  const own = { ...contentsOf(resources), policies: checked.map(({ policy }) => policy) };
  if (checked.length === 0) return { accepted: [], lower: () => lowerKuadrant(emptyLowering(source.path)) };
  const workspace = workspaceAround(loader, own);
  checkTogether(checked, workspace, loader, diagnostics);
  return {
    accepted: [],
    lower: () => lowerKuadrant(loweringOf(source.path, workspace)),
    enforced: enforcedAsItIs,
  };
}

function emptyLowering(file: string): Lowering {
  return { file, policies: [], paths: [] };
}

/** The policies of what is applied together, and the ways through it. */
function loweringOf(file: string, workspace: Workspace): Lowering {
  const { policies, topology } = workspace.appliedWith(file);
  const merged = mergePoliciesOf(policies);
  return { file, policies: merged, paths: requestPaths(withAssumed(topology, merged).topology) };
}

/** What depends on the other resources of the file and of the workspace. */
function checkTogether(
  checked: readonly CheckedPolicy[],
  workspace: Workspace,
  loader: Loader,
  diagnostics: Diagnostic[],
): void {
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
