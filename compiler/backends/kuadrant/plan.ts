import type { Predicate } from '../../expressions/predicate.ts';
import type { EnforceAt } from '../../ir/obligation.ts';
import { type Decision, decisionAt, type Obligation, type Policy, type Rule } from '../../ir/policy.ts';
import { assuredWhereAllowed, celWhereAllowed } from './admission.ts';
import { attributesIn } from './attributes.ts';
import { type Cel, celText } from './condition.ts';
import { authoriserSources, filterSources, identityAttributes } from './identity.ts';
import { keyed, type PlannedLimits, planLimits } from './limits.ts';

/** A gateway or route that is named by an obligation. */
export type Place = Obligation & EnforceAt;

/** What is written for one policy, whatever the place. */
export interface KuadrantPlan extends PlannedLimits {
  readonly places: readonly Place[];
  /** Where requests are refused by a limit of nothing, since only the gateway's filter sees what decides. */
  readonly refused: readonly string[] | undefined;
  /** True where the decision cannot be said in CEL; nothing is then written. */
  readonly unsayable: boolean;
  /** Attributes of the identity that the limits read. */
  readonly exports: readonly string[];
  /** Whether a limit asks for nothing but a valid key. */
  readonly exportsKey: boolean;
}

/**
 * What the authoriser cannot see: the gateway sends it no bodies (kuadrant-operator #1571), and so no models where no
 * header names them.
 */
function unseenAt(place: EnforceAt | undefined): ReadonlySet<string> {
  return place?.modelHeader === undefined ? new Set(['model']) : new Set();
}

export function planKuadrant(policy: Policy): KuadrantPlan {
  const places = policy.obligations.filter((obligation) => obligation.kind === 'enforce-at');
  const decision = decisionAt(policy, 'request');
  // Every place reads requests alike: that is said once for the whole policy.
  const unseen = unseenAt(places[0]);
  const sources = filterSources(places[0], decision === undefined ? new Set() : assuredWhereAllowed(decision));
  const readsUnseen = decision?.rules.some(({ when }) => mentions(when, unseen)) === true;
  const inFilter = readsUnseen ? celWhereAllowed(leftToFilter(decision, unseen), sources) : true;
  const refused = inFilter === undefined ? undefined : refusals(inFilter);
  const planned = planLimits(policy.quotas ?? [], sources);
  const texts = [...planned.limits.flatMap(({ when, counters }) => [...when, ...counters]), ...(refused ?? [])];
  return {
    ...planned,
    places,
    refused,
    unsayable: places[0] !== undefined && allowedAt(policy, places[0]) === undefined,
    exports: identityAttributes.filter((name) => texts.some((text) => text.includes(`auth.identity.${name}`))),
    exportsKey: texts.includes(keyed),
  };
}

/** The decision without the refusals that the authoriser makes before and whatever the rules say that it cannot decide. */
function leftToFilter(decision: Decision, unseen: ReadonlySet<string>): Decision {
  const isSeen = ({ when, effect }: Rule) => effect.kind === 'deny' && !mentions(when, unseen);
  const { rules, combine } = decision;
  if (combine === 'deny-overrides') return { ...decision, rules: rules.filter((rule) => !isSeen(rule)) };
  const first = rules.findIndex((rule) => !isSeen(rule));
  return { ...decision, rules: first === -1 ? [] : rules.slice(first) };
}

/** What the AuthPolicy of a place asks; undefined where the decision cannot be said in CEL. */
export function allowedAt(policy: Policy, place: EnforceAt): Cel | undefined {
  const decision = decisionAt(policy, 'request');
  return decision === undefined ? true : celWhereAllowed(decision, authoriserSources(place), unseenAt(place));
}

function mentions(when: Predicate, names: ReadonlySet<string>): boolean {
  return [...attributesIn(when)].some((name) => names.has(name));
}

function refusals(allowed: Cel): readonly string[] | undefined {
  if (allowed === true) return undefined;
  const when = allowed === false ? [] : [`!(${celText(allowed)})`];
  return when.some((text) => text.includes('auth.')) ? when : [...when, keyed];
}
