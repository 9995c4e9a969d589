import type { Policy } from '../../compiler/ir/policy.ts';

/** The private layer of the policy that would hide the current folder. */
export function hiddenFolder(policy: Policy | undefined): string | undefined {
  const here = process.cwd();
  const layer = policy?.obligations.find(
    (obligation) => obligation.kind === 'private-layer' && here.startsWith(`${obligation.path}/`),
  );
  return layer?.kind === 'private-layer' ? layer.path : undefined;
}
