import { decide } from '../../ir/evaluate.ts';
import { counterOf, environmentOf, type Requests } from '../../ir/grants.ts';
import { decisionAt, type Policy, type Quota } from '../../ir/policy.ts';
import { Draws } from './random.ts';
import { type Attributes, satisfy, Vocabulary } from './witnesses.ts';

/** Attributes that every request has. */
const always: readonly string[] = ['method', 'host', 'path'];

/** Attributes that are of the identity or the body, and may be missing. */
const optional: readonly string[] = ['team', 'user', 'tier', 'model', 'spent', 'budget'];

/** Requests of every kind that the policy speaks of, at times and in amounts that its windows tell apart. */
export class Traces {
  readonly #policy: Policy;
  readonly #words: Vocabulary;
  readonly #draws = new Draws(0x6b756164);
  readonly #allows: readonly ((into: Attributes) => void)[];

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#words = new Vocabulary(policy);
    const rules = decisionAt(policy, 'request')?.rules ?? [];
    this.#allows = rules
      .filter(({ effect }) => effect.kind !== 'deny')
      .map(
        ({ when }) =>
          (into) =>
            satisfy(when, true, into, this.#words, this.#draws),
      );
  }

  /** Some requests at random. */
  random(count: number): readonly Requests[] {
    const draws = this.#draws;
    const quotas = this.#policy.quotas ?? [];
    const trace: Requests[] = [];
    let at = 0;
    for (let sent = 0; sent < count; sent += 1) {
      const quota = quotas.length === 0 ? undefined : draws.of(quotas);
      // Some requests repeat one that came before, so that counters fill up.
      const before =
        trace.length > 0 && !draws.once(3)
          ? trace[trace.length - 1 - draws.below(Math.min(8, trace.length))]
          : undefined;
      const known = before?.attributes ?? this.#attributesFor(quota);
      const attributes = draws.once(6) ? this.#perturbed(known) : known;
      const window = quota?.windowMilliseconds ?? 60_000;
      const amount = quota?.amount ?? 10;
      at += draws.of([0, 0, 1, 999, Math.floor(window / 3), window - 1, window, window + 1]);
      trace.push({
        at,
        attributes,
        tokens: Math.max(1, draws.of([1, 1, amount - 1, amount, Math.ceil(amount / 2), amount + 1])),
        takes: draws.of([0, 0, 0, 1, 1000, Math.floor(window / 2), window]),
        times: Math.max(1, draws.of([1, 1, 2, amount - 1, amount, Math.ceil(amount / 2)])),
      });
    }
    return trace;
  }

  /** For each of the quotas: up to its end, one more, others, to the end of its window, and into the next. */
  boundaries(quotas: readonly Quota[]): readonly Requests[] {
    const trace: Requests[] = [];
    let at = 0;
    for (const quota of quotas) {
      const { amount, windowMilliseconds: window, resource } = quota;
      const attributes = this.#attributesFor(quota);
      const others = this.#perturbed(attributes);
      const send = (moment: number, count: number, who = attributes) => {
        const [tokens, times] = resource === 'tokens' ? [Math.max(1, count), 1] : [1, Math.max(1, count)];
        trace.push({ at: moment, attributes: who, tokens, times, takes: 0 });
      };
      send(at, amount - 1);
      send(at, 1, others);
      // What the quota stops to speak of when one thing changes takes nothing of it.
      for (const name of ['spent', 'model']) {
        const beyond = this.#beyond(quota, attributes, name);
        if (beyond !== undefined) send(at, 1, beyond);
      }
      send(at, 1);
      send(at + 1, 1);
      // Whoever differs in a counter has the whole amount; whoever differs in something else has what is left of it.
      for (const name of ['team', 'user', 'tier', 'model', 'host']) {
        const value = this.#words.other(name, attributes[name]);
        if (value !== undefined) send(at + 1, 1, { ...attributes, [name]: value });
      }
      send(at + window - 1, 1);
      send(at + window, 1);
      at += 2 * window + 1;
    }
    return trace;
  }

  /** A request that differs in one attribute and is allowed, without the quota speaking of it, if one is found soon. */
  #beyond(quota: Quota, attributes: Attributes, name: string): Attributes | undefined {
    for (const value of this.#words.some(name, 8)) {
      const changed = { ...attributes, [name]: value };
      if (counterOf(quota, environmentOf(changed)) === undefined && this.#isAllowed(changed)) return changed;
    }
    return undefined;
  }

  /** Attributes of a request that is allowed and that the quota speaks of, if some are found soon. */
  #attributesFor(quota: Quota | undefined): Attributes {
    let found = this.#anyFor(quota);
    for (let tries = 0; tries < 24 && !this.#isSpokenOf(found, quota); tries += 1) found = this.#anyFor(quota);
    return found;
  }

  #isSpokenOf(attributes: Attributes, quota: Quota | undefined): boolean {
    if (quota !== undefined && counterOf(quota, environmentOf(attributes)) === undefined) return false;
    return this.#isAllowed(attributes);
  }

  #isAllowed(attributes: Attributes): boolean {
    const decision = decisionAt(this.#policy, 'request');
    return decision === undefined || decide(decision, environmentOf(attributes))?.effect.kind === 'allow';
  }

  #anyFor(quota: Quota | undefined): Attributes {
    const draws = this.#draws;
    const attributes: Attributes = {};
    for (const name of [...always, ...optional]) attributes[name] = this.#words.any(name, draws);
    if (this.#allows.length > 0) draws.of(this.#allows)(attributes);
    if (quota !== undefined) satisfy(quota.when, true, attributes, this.#words, draws);
    return attributes;
  }

  #perturbed(attributes: Requests['attributes']): Attributes {
    const changed = { ...attributes };
    const name = this.#draws.of([...optional, ...always]);
    if (optional.includes(name) && this.#draws.once(2)) delete changed[name];
    else changed[name] = this.#words.any(name, this.#draws);
    return changed;
  }
}
