import type { Bindings } from '../../expressions/cel/running.ts';
import type { Value } from '../../expressions/cel/value.ts';
import { type Body, Engine, type Evaluator } from './engine.ts';
import { type Action, describe, foldActions } from './filter.ts';
import type { ReadLimit, ReadPlace } from './read-policies.ts';

/** The Secret of an API key. */
export interface KeySecret {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A request as it comes to the gateway. */
export interface GatewayRequest {
  readonly key: KeySecret;
  readonly request: Readonly<Record<string, Value>>;
  readonly body: Body;
}

/** When such requests come, how many of them, and what their answers take. */
export interface Arrival {
  readonly at: number;
  readonly tokens: number;
  readonly takes: number;
  readonly times: number;
}

/** A limit as the rate limiter has it: it counts what comes with its name, by the values of its counters. */
interface Limit {
  readonly name: string;
  readonly counters: readonly string[];
  readonly rates: ReadLimit['rates'];
}

/** What a request counts for; a call that an expression fails in counts for nothing. */
export interface Route {
  /** Before it is authenticated. */
  readonly early: readonly Counter[];
  readonly refused: boolean;
  readonly requests: readonly Counter[];
  readonly tokens: readonly Counter[];
}

interface Window {
  value: number;
  ends: number;
}

/** A counter of Limitador: a fixed window that begins with the first hit in it. */
export interface Counter {
  readonly id: string;
  readonly most: number;
  readonly windowMilliseconds: number;
}

/**
 * A gateway with the policies of one target: authentication and authorization (Authorino), the filter (wasm-shim) and
 * the counters (Limitador, in_memory.rs and kuadrant_service.rs). An error refuses a request in the authoriser; in the
 * filter it drops the call that it stands in, which then refuses nothing.
 */
export class GatewayModel {
  readonly #selector: readonly (readonly [string, string])[];
  readonly #predicates: readonly Evaluator[];
  readonly #exports: readonly (readonly [string, Evaluator | string])[];
  readonly #early: readonly Action[];
  readonly #requests: readonly Action[];
  /** Each limit has calls of its own: one that checks, and one that reports. */
  readonly #tokens: readonly Action[];
  readonly #limits = new Map<string, Limit>();
  readonly #windows = new Map<string, Window>();
  /** When the first of what is pending is due. */
  #due = Number.POSITIVE_INFINITY;
  #pending: { readonly counter: Counter; readonly at: number; readonly hits: number }[] = [];

  constructor({ target, auth, requests, tokens }: ReadPlace) {
    const engine = new Engine();
    const actions = (kind: string, all: readonly ReadLimit[]): readonly Action[] =>
      all.map(({ name, when, counters, rates }) => {
        const id = `${kind} ${name}`;
        this.#limits.set(id, { name: id, counters, rates });
        const named = { key: id, text: '1', evaluate: () => '1' };
        const data = [named, ...counters.map((text) => ({ key: text, text, evaluate: engine.evaluator(text) }))];
        const conditional = [{ predicates: when.map((text) => engine.evaluator(text)), data }];
        return { kind: 'ratelimit', service: kind, scope: target, conditional };
      });
    this.#selector = Object.entries(auth.selector);
    this.#predicates = auth.predicates.map((text) => engine.evaluator(text));
    this.#exports = Object.entries(auth.exports).map(([name, property]) => [
      name,
      'value' in property ? property.value : engine.evaluator(property.expression),
    ]);
    // The filter knows by the text what must wait for authentication.
    const waits = ({ when, counters }: ReadLimit) => [...when, ...counters].some((text) => text.includes('auth.'));
    this.#early = foldActions(
      actions(
        'requests',
        requests.filter((limit) => !waits(limit)),
      ),
    );
    this.#requests = foldActions(actions('requests', requests.filter(waits)));
    this.#tokens = actions('tokens', tokens);
  }

  /** What the policies make of a request, whenever it comes. */
  route({ key, request, body }: GatewayRequest): Route {
    const early = this.#calls(this.#early, { request }, body);
    const identity = this.#identity(key, request, body);
    if (identity === undefined) return { early, refused: true, requests: [], tokens: [] };
    const bindings = { auth: { identity }, request };
    return {
      early,
      refused: false,
      requests: this.#calls(this.#requests, bindings, body),
      tokens: this.#calls(this.#tokens, bindings, body),
    };
  }

  /** How many of the requests come through. */
  send({ early, refused, requests, tokens: asked }: Route, { at, tokens, takes, times }: Arrival): number {
    this.#report(at);
    const first = this.#hit(early, at, times);
    if (refused) return 0;
    const counted = this.#hit(requests, at, first);
    let admitted = 0;
    for (let sent = 0; sent < counted; sent += 1) {
      // A check asks for one more than was counted, and counts nothing.
      if (asked.some((counter) => this.#value(counter, at) + 1 > counter.most)) break;
      const skipped = this.#skipped(asked, at, tokens, takes, counted - sent);
      admitted += skipped;
      sent += skipped - 1;
      if (asked.length > 0) this.#due = Math.min(this.#due, at + takes);
      for (const counter of asked) this.#pending.push({ counter, at: at + takes, hits: tokens * skipped });
      this.#report(at);
    }
    return admitted;
  }

  /** How many requests can be sent at once without any counter coming to its end between them. */
  #skipped(counters: readonly Counter[], at: number, tokens: number, takes: number, left: number): number {
    if (takes > 0) return left;
    const rooms = counters.map((counter) => Math.floor((counter.most - this.#value(counter, at)) / tokens));
    return Math.max(1, Math.min(left, ...rooms));
  }

  /** What the filter knows of the identity; undefined where the request is refused. */
  #identity(key: KeySecret, request: GatewayRequest['request'], body: Body) {
    if (this.#selector.some(([name, value]) => key.labels[name] !== value)) return undefined;
    const { namespace, labels } = key;
    const annotations = Object.keys(key.annotations).length === 0 ? {} : { annotations: key.annotations };
    const bindings = { auth: { identity: { metadata: { namespace, labels, ...annotations } } }, request };
    if (this.#predicates.some((evaluate) => evaluate(bindings, body) !== true)) return undefined;
    const exported: Record<string, Value> = {};
    for (const [name, property] of this.#exports) {
      const value = typeof property === 'string' ? property : property(bindings, body);
      if (typeof value === 'string') exported[name] = value;
    }
    return exported;
  }

  /** What the calls count for; one in which an expression fails is not made, and counts for nothing. */
  #calls(actions: readonly Action[], bindings: Bindings, body: Body): readonly Counter[] {
    return actions.flatMap((action) => {
      const descriptor = describe(action, bindings, body);
      return descriptor.kind === 'call' ? this.#counters(new Map(descriptor.entries)) : [];
    });
  }

  /** The call counts for all or, where one of them is used up, for none. */
  #hit(counters: readonly Counter[], at: number, times: number): number {
    const passed = counters.reduce((least, counter) => Math.min(least, counter.most - this.#value(counter, at)), times);
    if (passed > 0) for (const counter of counters) this.#add(counter, at, passed);
    return passed;
  }

  /** The counters of the limits that a call names and has all values for (Limitador, limit.rs, applies). */
  #counters(entries: ReadonlyMap<string, string>): readonly Counter[] {
    return [...entries.keys()].flatMap((key): readonly Counter[] => {
      const limit = this.#limits.get(key);
      if (limit === undefined || limit.counters.some((counter) => !entries.has(counter))) return [];
      const values = limit.counters.map((counter) => entries.get(counter));
      // The limit of a counter is part of who it is; its rates differ in nothing else.
      return limit.rates.map(({ limit: most, windowMilliseconds }, index) => ({
        id: JSON.stringify([limit.name, index, ...values]),
        most,
        windowMilliseconds,
      }));
    });
  }

  #value({ id }: Counter, at: number): number {
    const window = this.#windows.get(id);
    return window === undefined || window.ends <= at ? 0 : window.value;
  }

  #add({ id, windowMilliseconds }: Counter, at: number, hits: number): void {
    const window = this.#windows.get(id);
    if (window !== undefined && window.ends > at) window.value += hits;
    else this.#windows.set(id, { value: hits, ends: at + windowMilliseconds });
  }

  #report(until: number): void {
    if (until < this.#due) return;
    const due = this.#pending.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
    this.#pending = this.#pending.filter(({ at }) => at > until);
    this.#due = this.#pending.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
    for (const { counter, at, hits } of due) this.#add(counter, at, hits);
  }
}
