import { evaluate } from '../../expressions/evaluate.ts';
import { mentionedValues } from '../../expressions/mentioned-values.ts';
import { not, or, type Predicate, type Value } from '../../expressions/predicate.ts';
import { printValue } from '../../expressions/print.ts';
import type { Decision } from '../../ir/policy.ts';
import { differ } from './difference.ts';
import { type Classes, launchClasses } from './launch-classes.ts';

/** More launches than this are not tried of rules that speak of the same attributes. */
const MOST = 20_000;

export interface Comparison {
  /** How many launches were tried. */
  readonly compared: number;
  /** Whether they were all there are, and not samples of them. */
  readonly whole: boolean;
}

/**
 * Compares two decisions that deny what they do not let pass. Rules that share no attribute decide apart: each group of those
 * that do is compared over every class of launches, and where each group says the same, so do the two decisions.
 *
 * @throws ImageDifference for a launch on which the two differ
 */
export function compareLaunches(wanted: Decision, said: Decision): Comparison {
  if (said.otherwise.effect.kind !== 'allow' || said.combine !== 'deny-overrides') differ('another way to decide');
  const parts = [
    ...denied(wanted).map((predicate): Part => ({ predicate, isWanted: true })),
    ...denied(said).map((predicate): Part => ({ predicate, isWanted: false })),
  ];
  let compared = 0;
  let whole = true;
  for (const group of groupsOf(parts)) {
    const side = (isWanted: boolean) =>
      group.filter((part) => part.isWanted === isWanted).map(({ predicate }) => predicate);
    const left = or(...side(true), nothing);
    const right = or(...side(false), nothing);
    const comparison = comparePredicates(left, right);
    compared += comparison.compared;
    whole &&= comparison.whole;
  }
  return { compared, whole };
}

const nothing: Predicate = { kind: 'constant', value: false };

/** What is denied, each alternative by itself: rules and alternatives are joined alike, also where some are unknown. */
function denied({ rules }: Decision): readonly Predicate[] {
  return rules.filter(({ effect }) => effect.kind !== 'allow').flatMap(({ when }) => alternatives(when, false));
}

function alternatives(predicate: Predicate, negated: boolean): readonly Predicate[] {
  if (predicate.kind === 'not') return alternatives(predicate.of, !negated);
  if (predicate.kind === (negated ? 'and' : 'or')) return predicate.of.flatMap((each) => alternatives(each, negated));
  return [negated ? not(predicate) : predicate];
}

/** One alternative of what one of the decisions denies. */
interface Part {
  readonly predicate: Predicate;
  readonly isWanted: boolean;
}

/** Parts that speak of common attributes, directly or by others. Those that speak of none are one group. */
function groupsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  let groups: { names: Set<string>; parts: Part[] }[] = [];
  for (const part of parts) {
    const names = new Set(mentionedValues([part.predicate]).keys());
    const sharing = groups.filter((group) =>
      names.size === 0 ? group.names.size === 0 : [...names].some((name) => group.names.has(name)),
    );
    const joined = {
      names: new Set([...names, ...sharing.flatMap((group) => [...group.names])]),
      parts: [...sharing.flatMap((group) => group.parts), part],
    };
    groups = [...groups.filter((group) => !sharing.includes(group)), joined];
  }
  return groups.map((group) => group.parts);
}

function comparePredicates(wanted: Predicate, said: Predicate): Comparison {
  const classes = launchClasses([wanted, said]);
  let size = 1;
  for (const values of classes.values()) size *= values.length;
  const step = Math.max(1, Math.ceil(size / MOST));
  let compared = 0;
  // Where there are too many, every so many: a step that shares no factor with the sizes meets all values of each.
  for (let index = 0; index < size; index += step === 1 ? 1 : step | 1) {
    const launch = launchAt(classes, index);
    compared += 1;
    const environment = { attribute: (name: string) => launch.get(name), parameter: () => undefined };
    const left = evaluate(wanted, environment);
    const right = evaluate(said, environment);
    if (left !== right) differ(`for ${described(launch)} it says ${truth(right)}, the policy ${truth(left)}`);
  }
  return { compared, whole: step === 1 };
}

function launchAt(classes: Classes, index: number): ReadonlyMap<string, Value | undefined> {
  const launch = new Map<string, Value | undefined>();
  let left = index;
  for (const [name, values] of classes) {
    launch.set(name, values[left % values.length]);
    left = Math.floor(left / values.length);
  }
  return launch;
}

function described(launch: ReadonlyMap<string, Value | undefined>): string {
  if (launch.size === 0) return 'any launch';
  const values = [...launch].map(([name, value]) => `${name} ${value === undefined ? 'unknown' : printValue(value)}`);
  return values.join(', ');
}

function truth(denied: boolean | undefined): string {
  return denied === undefined ? 'unknown' : denied ? 'refused' : 'allowed';
}
