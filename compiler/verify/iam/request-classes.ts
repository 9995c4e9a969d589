import { hasWildcard, matchesGlob } from '../../expressions/glob.ts';
import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Decision } from '../../ir/policy.ts';
import { actionsMatching, iamAction, resourceArns } from '../../tables/iam-actions.ts';
import type { ReadStatement } from './read-document.ts';

/** Actions that neither the policy nor the documents can tell apart, by one of them. */
export interface ActionClass {
  /** In lower case. */
  readonly action: string;
  /** How many known actions are like it; 0 where it stands for all that nobody mentions. */
  readonly size: number;
}

/** The values of each part of a request that matter: every other value is like one of them. */
export interface RequestClasses {
  readonly actions: readonly ActionClass[];
  /** Those that either side names, one that neither does, and undefined for a request without a region. */
  readonly regions: readonly (string | undefined)[];
  /** ARNs that the action's resource types and both sides' patterns tell apart. */
  resourcesOf(action: string): readonly string[];
  /** Whether some condition on resources is tried with samples only. */
  readonly sampled: boolean;
}

/** A name that is in no table, and that only a pattern which takes any action matches. */
const otherAction = 'polc:unmentioned';
const otherRegion = 'polc-unmentioned-1';

export function requestClasses(decision: Decision, statements: readonly ReadStatement[]): RequestClasses {
  const actions = [...mentionedBy(decision, 'action'), ...statements.flatMap((statement) => statement.actions)];
  const regions = new Set([
    ...mentionedBy(decision, 'region'),
    ...statements.flatMap((statement) => statement.regions ?? []),
  ]);
  const resources = [...mentionedBy(decision, 'resource'), ...statements.flatMap((statement) => statement.resources)];
  const patterns = new Set(resources.filter((pattern) => pattern !== '*'));
  return {
    actions: actionClasses(actions),
    regions: [...regions, otherRegion, undefined],
    resourcesOf: patterns.size === 0 ? () => anyResource : (action) => sampleResources(action, patterns),
    sampled: patterns.size > 0,
  };
}

const anyResource: readonly string[] = ['arn:aws:polc:::any'];

/** Every known action that a pattern of either side matches, those that are named, and one that nobody mentions. */
function actionClasses(mentioned: readonly string[]): readonly ActionClass[] {
  const names = new Set<string>();
  const patterns = new Set<string>();
  for (const each of mentioned) (hasWildcard(each) ? patterns : names).add(each);
  const classes: ActionClass[] = [...names].map((action) => ({ action, size: 1 }));
  const sizes = new Map<string, { action: string; size: number }>();
  const seen = new Set(names);
  for (const pattern of patterns) {
    for (const known of actionsMatching(pattern)) {
      const action = known.toLowerCase();
      if (seen.has(action)) continue;
      seen.add(action);
      let matched = '';
      for (const other of patterns) matched += matchesGlob(action, other) ? '1' : '0';
      const alike = sizes.get(matched);
      if (alike === undefined) sizes.set(matched, { action, size: 1 });
      else alike.size += 1;
    }
  }
  return [...classes, ...sizes.values(), { action: otherAction, size: 0 }];
}

/** An ARN for each resource type of the action and for each pattern, one that fits none, and `*`. */
function sampleResources(action: string, patterns: ReadonlySet<string>): readonly string[] {
  const service = action.slice(0, action.indexOf(':'));
  const types = iamAction(action)?.resources ?? [];
  const all = [...types.flatMap((type) => resourceArns(service, type)), ...patterns];
  const samples = all.flatMap((pattern) => [filled(pattern, 'x'), filled(pattern, 'y-2')]);
  return [...new Set([...samples, ...anyResource, '*'])];
}

function filled(pattern: string, by: string): string {
  return pattern.replace(/\*/g, by).replace(/\?/g, 'z');
}

/** The values that rules compare a part of a request with. */
export function mentionedBy({ rules }: Decision, part: 'action' | 'region' | 'resource'): readonly string[] {
  const values = mentionedValues(rules.map(({ when }) => when)).get(part) ?? [];
  return [...values].map(String);
}
