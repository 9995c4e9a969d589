import { hasWildcard } from '../../expressions/glob.ts';
import { costServiceGlob, costServiceNames } from '../../tables/cost-services.ts';
import { actionsMatching, iamAction } from '../../tables/iam-actions.ts';
import type { IamAccess } from '../../tables/iam-service.ts';
import { counted, type Explanation, listed } from './explanation.ts';

/** An action of IAM: its access level and resource types; or the actions that a pattern stands for. */
export function explainAction(text: string): Explanation | undefined {
  if (!hasWildcard(text)) {
    const action = iamAction(text);
    if (action === undefined) return undefined;
    const { resources } = action;
    return {
      paragraphs: [
        `\`${action.name}\`, access level ${action.access}`,
        resources.length === 0 ? 'takes no resource but `*`' : `on ${listed(resources)}`,
      ],
    };
  }
  const actions = actionsMatching(text);
  if (actions.length === 0) return undefined;
  const count = counted(actions.length, 'action');
  return { short: count, paragraphs: [`${count}${levels(actions)}`, listed(actions)] };
}

/** More actions are not looked up one by one: it takes as long as a key press may. */
const mostLookedUp = 100;

/** `: 12 Write, 3 Read`. */
function levels(actions: readonly string[]): string {
  if (actions.length > mostLookedUp) return '';
  const counts = new Map<IamAccess, number>();
  for (const name of actions) {
    const access = iamAction(name)?.access;
    if (access !== undefined) counts.set(access, (counts.get(access) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, left], [, right]) => right - left);
  return `: ${sorted.map(([access, count]) => `${count} ${access}`).join(', ')}`;
}

/** What Cost Explorer calls the services of a family. */
export function explainCostService(text: string): Explanation | undefined {
  const names = costServiceNames(text);
  if (names === undefined) return undefined;
  const glob = costServiceGlob(text);
  const all = glob === undefined ? names : [...names, glob];
  return {
    ...(all.length > 1 ? { short: counted(all.length, 'service') } : {}),
    paragraphs: [`in Cost Explorer: ${listed(all)}`],
  };
}
