import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { or } from '../../compiler/expressions/predicate.ts';
import { accountOf, plainAttributeOf } from './attributes.ts';
import type { Cause, CostEvent } from './cost-event.ts';
import { type Discriminated, discriminate } from './discriminate.ts';
import { LocalClock } from './local-time.ts';
import { type AttributeReader, type Matcher, matchersOf } from './matcher.ts';

/** A policy that an event does not pass by. */
export interface IndexMatch {
  /** The policy's place in the list that the index was made of. */
  readonly policy: number;
  readonly outcome: 'respond' | 'unknown';
  /** The first cause that calls for the response, or the first that leaves it unknown. */
  readonly causeIndex: number;
}

/**
 * Evaluates events against many policies at once, looking only at those whose source, account, service and bounds of the
 * amount fit. What it finds is what `evaluateGuardrail` finds of each policy by itself.
 */
export interface PolicyIndex {
  /**
   * The policies that respond to the event or cannot be decided, in the order of the list; every other lets it pass.
   *
   * @param event with what the budget map and the history add (`enrich`)
   * @param at milliseconds since 1970
   */
  match(event: CostEvent, at: number): readonly IndexMatch[];
}

export function createPolicyIndex(policies: readonly CompiledGuardrail[]): PolicyIndex {
  const entries = policies.map(({ conditions }, policy) =>
    discriminate(
      policy,
      conditions.map(({ passes }) => passes),
    ),
  );
  const restMatchers = matchersOf(entries.map(({ rest }) => or(...rest)));
  // Most policies have no other condition, and then there is nothing to call.
  const rests = entries.map(({ rest }, policy) => (rest.length === 0 ? undefined : restMatchers[policy]));
  const wholes = matchersOf(policies.map(({ conditions }) => or(...conditions.map(({ passes }) => passes))));
  const groups = new Map<string, Group>();
  /** Without a source or an account of their own: looked at for every event. */
  const loose: number[] = [];
  for (const entry of entries) {
    const { policy, sources, accounts } = entry;
    if (sources === undefined || accounts === undefined) loose.push(policy);
    else {
      for (const source of sources) {
        for (const account of accounts) add(groups, `${source} ${account}`, entry);
      }
    }
  }
  for (const group of groups.values()) group.sort();
  return new Index(policies.length, groups, loose, rests, wholes);
}

function add(groups: Map<string, Group>, key: string, entry: Discriminated): void {
  let group = groups.get(key);
  if (group === undefined) {
    group = new Group();
    groups.set(key, group);
  }
  group.add(entry);
}

/** Policies of one source and account. */
class Group {
  readonly any: Discriminated[] = [];
  readonly serviced: Discriminated[] = [];
  readonly byService = new Map<string, Discriminated[]>();

  add(entry: Discriminated): void {
    if (entry.services === undefined) {
      this.any.push(entry);
      return;
    }
    this.serviced.push(entry);
    for (const service of entry.services) {
      const list = this.byService.get(service);
      if (list === undefined) this.byService.set(service, [entry]);
      else list.push(entry);
    }
  }

  /** By the least amount, so that those which a small event passes by are cut off at once. */
  sort(): void {
    for (const list of [this.any, this.serviced, ...this.byService.values()]) {
      list.sort((left, right) => left.least - right.least);
    }
  }
}

/** The lowest bit of what `Index` notes of a policy. */
const UNKNOWN = 1;

class Index implements PolicyIndex {
  readonly #count: number;
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #loose: readonly number[];
  readonly #rests: readonly (Matcher | undefined)[];
  readonly #wholes: readonly Matcher[];
  readonly #clock = new LocalClock();
  // What `#attribute` reads of: set before each evaluation, so that none needs a function of its own.
  #event: CostEvent | undefined;
  #cause: Cause = {};
  #at = 0;
  /** What the cause finds, and how much. */
  readonly #found: Int32Array;
  #length = 0;
  readonly #attribute: AttributeReader = (name) =>
    this.#event === undefined ? undefined : plainAttributeOf(this.#event, this.#cause, name, this.#at, this.#clock);

  constructor(
    count: number,
    groups: ReadonlyMap<string, Group>,
    loose: readonly number[],
    rests: readonly (Matcher | undefined)[],
    wholes: readonly Matcher[],
  ) {
    this.#count = count;
    this.#found = new Int32Array(count);
    this.#groups = groups;
    this.#loose = loose;
    this.#rests = rests;
    this.#wholes = wholes;
  }

  match(event: CostEvent, at: number): readonly IndexMatch[] {
    this.#event = event;
    this.#at = at;
    const found: IndexMatch[] = [];
    const { causes } = event;
    // It says nothing, so that no policy can be decided; every reader gives a cause.
    if (causes.length === 0) {
      return Array.from({ length: this.#count }, (_, policy) => ({ policy, outcome: 'unknown', causeIndex: 0 }));
    }
    for (let causeIndex = 0; causeIndex < causes.length; causeIndex += 1) {
      this.#cause = causes[causeIndex]!;
      this.#length = 0;
      this.#matchCause(event, this.#cause);
      // Each number holds a policy's place above its outcome, so that sorting the numbers sorts by policy.
      for (const code of this.#found.subarray(0, this.#length).sort()) {
        found.push({ policy: code >> 1, outcome: (code & 1) === UNKNOWN ? 'unknown' : 'respond', causeIndex });
      }
    }
    this.#event = undefined;
    return causes.length < 2 ? found : decisive(found);
  }

  #matchCause(event: CostEvent, cause: Cause): void {
    const account = accountOf(event, cause);
    if (account === undefined) {
      for (let policy = 0; policy < this.#count; policy += 1) this.#whole(policy);
      return;
    }
    for (const policy of this.#loose) this.#whole(policy);
    const group = this.#groups.get(`${event.source} ${account}`);
    if (group === undefined) return;
    this.#candidates(group.any, event.amount, false);
    if (cause.service === undefined) this.#candidates(group.serviced, event.amount, true);
    else {
      const fitting = group.byService.get(cause.service);
      if (fitting !== undefined) this.#candidates(fitting, event.amount, false);
    }
  }

  #candidates(sorted: readonly Discriminated[], amount: number, serviceUnknown: boolean): void {
    for (const { policy, least, most } of sorted) {
      if (amount < least) return;
      if (amount > most) continue;
      const rest = this.#rests[policy];
      const passes = rest === undefined ? false : rest(this.#attribute);
      if (passes !== true) this.#add(policy, passes === undefined || serviceUnknown);
    }
  }

  #whole(policy: number): void {
    const passes = this.#wholes[policy]!(this.#attribute);
    if (passes !== true) this.#add(policy, passes === undefined);
  }

  /** A policy is in one group of a source and account, so that each cause finds it once at most. */
  #add(policy: number, unknown: boolean): void {
    this.#found[this.#length] = 2 * policy + (unknown ? UNKNOWN : 0);
    this.#length += 1;
  }
}

/** Of each policy the first cause that calls for a response or, without one, the first that is unknown. */
function decisive(found: readonly IndexMatch[]): readonly IndexMatch[] {
  const sorted = [...found].sort(
    (left, right) =>
      left.policy - right.policy ||
      Number(left.outcome === 'unknown') - Number(right.outcome === 'unknown') ||
      left.causeIndex - right.causeIndex,
  );
  return sorted.filter(({ policy }, place) => place === 0 || sorted[place - 1]!.policy !== policy);
}
