import type { Diagnostic, RelatedSpan } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { type Cube, cubesOf } from '../expressions/cubes.ts';
import { conditionOf } from '../expressions/simplify.ts';
import type { Decision, Effect, Enforceable, Rule } from '../ir/policy.ts';
import type { Span } from '../source/span.ts';

/** A rule that never decides, and the rules that always decide first. */
export interface DeadRule {
  readonly rule: Rule;
  readonly by: readonly Rule[];
}

/** More places than these tell the reader nothing new. */
const MOST_RELATED = 3;

/**
 * The warnings (POL5003) about dead rules that the author wrote. One place in the source may have become several rules:
 * it is dead only when none of `kept` comes from it, and is then reported once.
 */
export function deadRules(decision: Decision, dead: readonly DeadRule[], kept: readonly Rule[]): readonly Diagnostic[] {
  const places = authoredPlaces(
    dead.map(({ rule }) => rule),
    kept,
  );
  const byPlace = new Map<string, DeadRule[]>();
  for (const each of dead) {
    const key = keyOf(each.rule.origin.span);
    const here = byPlace.get(key);
    if (here === undefined) byPlace.set(key, [each]);
    else here.push(each);
  }
  const isLaunch = decision.point === 'launch';
  return places.flatMap((span) => {
    const here = byPlace.get(keyOf(span))!;
    // That a template repeats what it inherits is no mistake, and where it would widen that, its dialect says so.
    if (isLaunch && here.every(({ by }) => by.some(({ origin }) => origin.by !== undefined))) return [];
    const related = relatedTo(here, decision);
    if (related.length > 0) return report('POL5003', span, {}, isLaunch ? { related, help: ORDERLESS } : { related });
    return report('POL5003', span, {}, { label: 'no call satisfies it', help: UNSATISFIABLE });
  });
}

const ORDERLESS = 'remove it: what it refuses is refused already, in whichever order';
const UNSATISFIABLE = 'its conditions exclude each other: remove the rule, or the condition that was not meant';

/** The spans that the author wrote of `gone` that no rule of `kept` shares, each once. */
export function authoredPlaces(gone: readonly Enforceable[], kept: readonly Enforceable[]): readonly Span[] {
  const authored = gone.filter(({ origin }) => origin.by === undefined);
  if (authored.length === 0) return [];
  const alive = new Set(kept.map(({ origin }) => keyOf(origin.span)));
  const places = new Map<string, Span>();
  for (const { origin } of authored) {
    const key = keyOf(origin.span);
    if (!alive.has(key) && !places.has(key)) places.set(key, origin.span);
  }
  return [...places.values()];
}

function relatedTo(here: readonly DeadRule[], decision: Decision): readonly RelatedSpan[] {
  const related = new Map<string, RelatedSpan>();
  for (const { rule, by } of here) {
    // What the compiler itself put there is named only where nothing that the author wrote takes part.
    const authored = by.filter(({ origin }) => origin.by === undefined);
    for (const other of authored.length > 0 ? authored : by) {
      const { span } = other.origin;
      if (related.size === MOST_RELATED || isSame(span, rule.origin.span) || related.has(keyOf(span))) continue;
      related.set(keyOf(span), { span, label: labelOf(other, rule, decision) });
    }
  }
  return [...related.values()];
}

/** ``already allows `socket` whatever its arguments``. */
function labelOf(winner: Rule, loser: Rule, { point }: Decision): string {
  const cubes = cubesOf(conditionOf(winner.when)) ?? [];
  const names = point === 'syscall' ? sharedNames(cubes, cubesOf(conditionOf(loser.when)) ?? []) : [];
  const listed = names.slice(0, 3).map((name) => `\`${name}\``);
  if (names.length > 3) listed.push(`${names.length - 3} more`);
  const what = listed.length === 0 ? 'what this rule speaks of' : listed.join(', ');
  const unconditional = cubes.some((cube) => cube.every(({ domain }) => domain.kind === 'strings'));
  const whatever =
    names.length > 0 && unconditional ? ` whatever ${names.length === 1 ? 'its' : 'their'} arguments` : '';
  const by = winner.origin.by === undefined ? '' : ` (${winner.origin.by})`;
  return `already ${verbOf(winner.effect)} ${what}${whatever}${by}`;
}

/** The system calls that both speak of by name. */
function sharedNames(winner: readonly Cube[], loser: readonly Cube[]): readonly string[] {
  const names = new Set(winner.flatMap(namesIn));
  return [...new Set(loser.flatMap(namesIn))].filter((name) => names.has(name));
}

function namesIn(cube: Cube): readonly string[] {
  const literal = cube.find(({ key }) => key === 'syscall');
  return literal?.domain.kind === 'strings' && !literal.domain.complement ? literal.domain.values : [];
}

function verbOf(effect: Effect): string {
  switch (effect.kind) {
    case 'allow':
      return 'allows';
    case 'deny':
      return 'denies';
    case 'log':
      return 'logs';
    case 'errno':
      return `answers with errno ${effect.errno}`;
    case 'trap':
      return 'traps';
    case 'trace':
      return 'traces';
    case 'notify':
      return 'notifies of';
    case 'kill-thread':
    case 'kill-process':
      return 'kills for';
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

export function keyOf(span: Span): string {
  return `${span.start}-${span.end} ${span.file}`;
}

function isSame(left: Span, right: Span): boolean {
  return left.start === right.start && left.end === right.end && left.file === right.file;
}
