import { and, type Predicate } from '../../expressions/predicate.ts';
import { simplify } from '../../expressions/simplify.ts';
import { fixedIn } from './attributes.ts';
import type { PlannedLimit } from './limits.ts';

/**
 * Limits that can hold for one request, by the ids of their quotas, each with the name of another. Limits for different
 * teams cannot; which others cannot is what `simplify` finds, so that a limit too many may be named and none too few.
 */
export function overlappingQuotas(limits: readonly PlannedLimit[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const byTeam = new Map<string, PlannedLimit[]>();
  for (const limit of limits) {
    const team = fixedIn(limit.quotas[0]!.when).get('team') ?? '';
    const group = byTeam.get(team);
    if (group === undefined) byTeam.set(team, [limit]);
    else group.push(limit);
  }
  const anyTeam = byTeam.get('') ?? [];
  const mark = (one: PlannedLimit, other: PlannedLimit) => {
    for (const { id } of [...one.quotas, ...one.implied]) if (!found.has(id)) found.set(id, other.name);
  };
  for (const [team, group] of byTeam) {
    group.forEach((limit, index) => {
      const others = team === '' ? group.slice(index + 1) : [...group.slice(index + 1), ...anyTeam];
      for (const other of others) {
        if (excludeOneAnother(limit, other)) continue;
        mark(limit, other);
        mark(other, limit);
      }
    });
  }
  return found;
}

function excludeOneAnother(one: PlannedLimit, other: PlannedLimit): boolean {
  const others = alternatives(other.quotas[0]!.when);
  return alternatives(one.quotas[0]!.when).every((first) =>
    others.every((second) => {
      const both = simplify(and(first, second));
      return both.kind === 'constant' && !both.value;
    }),
  );
}

/** Predicates of which one holds where the predicate does: those of its first `or`, each with all else that must hold. */
function alternatives(when: Predicate): readonly Predicate[] {
  const all = when.kind === 'and' ? when.of : [when];
  const choice = all.find(({ kind }) => kind === 'or');
  if (choice?.kind !== 'or') return [when];
  const rest = all.filter((each) => each !== choice);
  return choice.of.map((each) => and(...rest, each));
}
