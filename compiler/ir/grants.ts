import type { Environment } from '../expressions/evaluate.ts';
import { evaluate } from '../expressions/evaluate.ts';
import type { Value } from '../expressions/predicate.ts';
import { decide } from './evaluate.ts';
import { decisionAt, type Enforceable, type Policy, type Quota } from './policy.ts';

/** Equal requests of one moment, one after the other. */
export interface Requests {
  /** Milliseconds; not before the requests that come earlier in the trace. */
  readonly at: number;
  /** Attributes of the point `request`; one that is absent is unknown. */
  readonly attributes: Readonly<Record<string, Value>>;
  /** What the answer to each takes, 1 or more. */
  readonly tokens: number;
  /** Milliseconds until each is answered; with 0 each is answered before the next is made. */
  readonly takes: number;
  /** How many, 1 or more. */
  readonly times: number;
}

export interface Grant {
  /** How many of them are admitted: the first so many. */
  readonly admitted: number;
  /** What refuses the others; absent where all are admitted, or where the decision could not be made. */
  readonly refusedBy?: Enforceable;
}

/**
 * The reference meaning of decisions and quotas over requests in the order of time. A request is refused where the
 * decision does not allow it. Then it counts for every quota of requests that speaks of it, unless one of them is used
 * up. Then quotas of tokens are asked, and what it takes is added to them when it is answered.
 */
export function grants(policy: Policy, trace: readonly Requests[]): readonly Grant[] {
  const counters = new Counters();
  // Requests of a trace often share their attributes, and what speaks of them does not depend on when they come.
  const known = new Map<Requests['attributes'], Standing>();
  return trace.map(({ at, attributes, tokens, takes, times }) => {
    counters.report(at);
    const standing = known.get(attributes) ?? standingOf(policy, attributes);
    known.set(attributes, standing);
    const { refusal, asked, weighed } = standing;
    if (refusal !== undefined) return refusal;
    let refusedBy: Enforceable | undefined;
    const least = (known: number, room: number, by: Enforceable) => {
      if (room < known) refusedBy = by;
      return Math.min(known, room);
    };
    const counted = asked.reduce(
      (count, { quota, key }) => least(count, quota.amount - counters.used(quota, key, at), quota),
      times,
    );
    for (const { quota, key } of asked) counters.add(quota, key, at, counted);
    const admitted = weighed.reduce((count, { quota, key }) => {
      const left = quota.amount - counters.used(quota, key, at);
      return least(count, left <= 0 ? 0 : takes > 0 ? count : Math.ceil(left / tokens), quota);
    }, counted);
    for (const { quota, key } of weighed) counters.later(quota, key, at + takes, admitted * tokens);
    counters.report(at);
    return refusedBy === undefined ? { admitted } : { admitted, refusedBy };
  });
}

/** What the policy says of requests with some attributes, whenever they come. */
interface Standing {
  /** Where the decision does not allow them. */
  readonly refusal?: Grant;
  /** The quotas of requests, and those of tokens, that speak of them. */
  readonly asked: readonly Speaking[];
  readonly weighed: readonly Speaking[];
}

interface Speaking {
  readonly quota: Quota;
  readonly key: string;
}

function standingOf(policy: Policy, attributes: Requests['attributes']): Standing {
  const environment = environmentOf(attributes);
  const decision = decisionAt(policy, 'request');
  const asked: Speaking[] = [];
  const weighed: Speaking[] = [];
  if (decision !== undefined) {
    const verdict = decide(decision, environment);
    if (verdict === undefined) return { refusal: { admitted: 0 }, asked, weighed };
    if (verdict.effect.kind === 'deny') return { refusal: { admitted: 0, refusedBy: verdict.by }, asked, weighed };
  }
  for (const quota of policy.quotas ?? []) {
    const key = counterOf(quota, environment);
    if (key !== undefined) (quota.resource === 'requests' ? asked : weighed).push({ quota, key });
  }
  return { asked, weighed };
}

/** What the requests count for; undefined where the quota does not speak of them. */
export function counterOf({ when, counters }: Quota, environment: Environment): string | undefined {
  if (evaluate(when, environment) !== true) return undefined;
  const values: string[] = [];
  for (const term of counters) {
    const value = term.kind === 'attribute' ? environment.attribute(term.name) : undefined;
    if (value === undefined) return undefined;
    values.push(String(value));
  }
  return JSON.stringify(values);
}

export function environmentOf(attributes: Requests['attributes']): Environment {
  return {
    attribute: (name) => {
      if (Object.hasOwn(attributes, name)) return attributes[name];
      return name === 'spent_share' ? shareOf(attributes) : undefined;
    },
    parameter: () => undefined,
  };
}

/** Of nothing that may be spent nothing is a share: unknown. */
function shareOf({ spent, budget }: Requests['attributes']): number | undefined {
  if (typeof spent !== 'number' || typeof budget !== 'number') return undefined;
  const share = spent / budget;
  return Number.isNaN(share) ? undefined : share;
}

interface Window {
  used: number;
  readonly ends: number;
}

class Counters {
  readonly #windows = new Map<Quota, Map<string, Window>>();
  #pending: { quota: Quota; key: string; at: number; amount: number }[] = [];

  used(quota: Quota, key: string, at: number): number {
    const window = this.#windows.get(quota)?.get(key);
    return window === undefined || window.ends <= at ? 0 : window.used;
  }

  add(quota: Quota, key: string, at: number, amount: number): void {
    if (amount === 0) return;
    let windows = this.#windows.get(quota);
    if (windows === undefined) {
      windows = new Map();
      this.#windows.set(quota, windows);
    }
    const window = windows.get(key);
    if (window === undefined || window.ends <= at) {
      windows.set(key, { used: amount, ends: at + quota.windowMilliseconds });
    } else {
      window.used += amount;
    }
  }

  later(quota: Quota, key: string, at: number, amount: number): void {
    if (amount > 0) this.#pending.push({ quota, key, at, amount });
  }

  /** Counts what was answered until then, in the order of time. */
  report(until: number): void {
    const due = this.#pending.filter(({ at }) => at <= until);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter(({ at }) => at > until);
    due.sort((one, other) => one.at - other.at);
    for (const { quota, key, at, amount } of due) this.add(quota, key, at, amount);
  }
}
