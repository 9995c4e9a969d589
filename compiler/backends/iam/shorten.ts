import { hasWildcard } from '../../expressions/glob.ts';
import { actionsOf } from '../../tables/iam-actions.ts';
import type { DeniedAction, DenyStatement } from './statements.ts';

/**
 * The statements with patterns in place of actions wherever a pattern matches, of all the actions that AWS has, only
 * such as the statement denies. Equal for every known action; an action that AWS adds later may fall under a pattern.
 */
export function shorten(statements: readonly DenyStatement[]): readonly DenyStatement[] {
  return statements.map((statement) => ({ ...statement, actions: shortened(statement.actions) }));
}

function shortened(actions: readonly DeniedAction[]): readonly DeniedAction[] {
  const byService = new Map<string, DeniedAction[]>();
  const result: DeniedAction[] = [];
  for (const action of actions) {
    const service = action.name.slice(0, action.name.indexOf(':'));
    if (hasWildcard(action.name)) result.push(action);
    else if (byService.has(service)) byService.get(service)!.push(action);
    else byService.set(service, [action]);
  }
  for (const [service, denied] of byService) result.push(...ofService(service, denied));
  return result.sort((left, right) => (left.name < right.name ? -1 : 1));
}

function ofService(service: string, denied: readonly DeniedAction[]): readonly DeniedAction[] {
  const own = new Map(denied.map((action) => [action.name.toLowerCase(), action]));
  // In the order of the lower case, in which the nearest neighbours are those that share the most.
  const known = actionsOf(service)
    .map((name) => name.toLowerCase())
    .sort();
  const runs = new Map<string, DeniedAction[]>();
  const left = new Set(denied);
  let before = '';
  for (let at = 0; at < known.length; ) {
    if (!own.has(known[at]!)) {
      before = known[at++]!;
      continue;
    }
    let end = at;
    while (end < known.length && own.has(known[end]!)) end += 1;
    const after = known[end] ?? '';
    for (; at < end; at += 1) {
      // One character more than what it shares with the nearest actions that are not denied.
      const name = known[at]!;
      const length = Math.max(shared(name, before) + 1, shared(name, after) + 1, service.length + 1);
      const action = own.get(name)!;
      // An action that begins another that is not denied has no pattern of its own.
      if (length > name.length) continue;
      const prefix = name.slice(0, length);
      const run = runs.get(prefix);
      if (run === undefined) runs.set(prefix, [action]);
      else run.push(action);
    }
  }
  const patterns: DeniedAction[] = [];
  for (const [prefix, run] of runs) {
    if (run.length < 2) continue;
    for (const action of run) left.delete(action);
    const name = `${run[0]!.name.slice(0, prefix.length)}*`;
    patterns.push({ name, rules: [...new Set(run.flatMap(({ rules }) => rules))] });
  }
  return [...patterns, ...left];
}

function shared(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}
