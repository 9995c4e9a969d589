import type { Bindings } from '../../expressions/cel/running.ts';
import { CelError, Uint, type Value } from '../../expressions/cel/value.ts';
import type { Body, Evaluator } from './engine.ts';

/**
 * The filter in the gateway (wasm-shim): the calls that it makes for the actions of a request. Written from its source
 * of 2025, src/ratelimit_action.rs and src/kuadrant/pipeline/tasks/ratelimit.rs.
 */

/** What is sent where all of the predicates hold. */
export interface ConditionalData {
  readonly predicates: readonly Evaluator[];
  readonly data: readonly DataItem[];
}

export interface DataItem {
  readonly key: string;
  /** Tells whether two values of a key can differ. */
  readonly text: string;
  readonly evaluate: Evaluator;
}

export type ServiceKind = 'auth' | 'ratelimit' | 'ratelimit-check' | 'ratelimit-report';

export interface Action {
  readonly kind: ServiceKind;
  readonly service: string;
  readonly scope: string;
  readonly conditional: readonly ConditionalData[];
}

/** What a call for limits says. */
export type Descriptor =
  /** No predicate holds: there is no call. */
  | { readonly kind: 'none' }
  /** An expression fails: with the failure mode `allow` of limits there is no call. */
  | { readonly kind: 'failed'; readonly error: CelError }
  | {
      readonly kind: 'call';
      readonly entries: readonly (readonly [key: string, value: string])[];
      readonly domain: string;
      readonly hits: number;
    };

/** Thrown for a configuration that the filter refuses as a whole. */
class RefusedConfiguration extends Error {}

/**
 * Joins neighbours that call the same service for the same scope: one call stands for all of them. Authorisations stay
 * apart.
 *
 * @throws RefusedConfiguration where one key would have two values
 */
export function foldActions(actions: readonly Action[]): readonly Action[] {
  const folded: Action[] = [];
  for (const action of actions) {
    checkKeys(action.conditional.flatMap(({ data }) => data));
    const last = folded.at(-1);
    if (last === undefined || !isJoined(last, action)) folded.push(action);
    else {
      const conditional = [...last.conditional, ...action.conditional];
      checkKeys(conditional.flatMap(({ data }) => data));
      folded[folded.length - 1] = { ...last, conditional };
    }
  }
  return folded;
}

function isJoined(left: Action, right: Action): boolean {
  return left.kind !== 'auth' && right.kind !== 'auth' && left.service === right.service && left.scope === right.scope;
}

function checkKeys(data: readonly DataItem[]): void {
  const known = new Map<string, string>();
  for (const { key, text } of data) {
    if ((known.get(key) ?? text) !== text) throw new RefusedConfiguration(`two values of ${key}`);
    known.set(key, text);
  }
}

/** Names of data that the filter keeps for itself. */
const own = new Set(['ratelimit.domain', 'ratelimit.hits_addend']);

/** What the call for an action says of a request. */
export function describe({ scope, conditional }: Action, bindings: Bindings, body: Body): Descriptor {
  const entries: (readonly [string, string])[] = [];
  let [domain, hits] = [scope, 1];
  for (const { predicates, data } of conditional) {
    const holds = allHold(predicates, bindings, body);
    if (holds instanceof CelError) return { kind: 'failed', error: holds };
    // What the filter keeps for itself it reads whether or not the predicates hold.
    for (const { key, evaluate } of data) {
      if (!holds && !own.has(key)) continue;
      const value = evaluate(bindings, body);
      if (value instanceof CelError) return { kind: 'failed', error: value };
      if (key === 'ratelimit.domain') {
        if (typeof value !== 'string' || value === '') return failed('ratelimit.domain is no text');
        domain = value;
      } else if (key === 'ratelimit.hits_addend') {
        const amount = wholeNumber(value);
        if (amount === undefined) return failed('ratelimit.hits_addend is no unsigned 32-bit number');
        hits = amount;
      } else {
        const text = scalarText(value);
        if (text === undefined) return failed('only scalar values can be sent as data');
        entries.push([key, text]);
      }
    }
  }
  return entries.length === 0 ? { kind: 'none' } : { kind: 'call', entries, domain, hits };
}

/** Whether all predicates hold; they are asked in turn up to the first that does not. */
export function allHold(predicates: readonly Evaluator[], bindings: Bindings, body: Body): boolean | CelError {
  for (const evaluate of predicates) {
    const holds = evaluate(bindings, body);
    if (holds instanceof CelError) return holds;
    if (typeof holds !== 'boolean') return new CelError('the predicate is no truth value');
    if (!holds) return false;
  }
  return true;
}

function failed(message: string): Descriptor {
  return { kind: 'failed', error: new CelError(message) };
}

function wholeNumber(value: Value): number | undefined {
  const amount = value instanceof Uint ? value.value : value;
  return typeof amount === 'bigint' && amount >= 0n && amount <= 0xffff_ffffn ? Number(amount) : undefined;
}

/** How the filter writes a value of a counter; undefined where it sends none. */
export function scalarText(value: Value): string | undefined {
  if (value === null) return 'null';
  if (value instanceof Uint) return String(value.value);
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
