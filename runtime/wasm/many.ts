import { joinedBody } from '../../compiler/backends/wasm/encoder/joined.ts';
import type { ManyDecisions } from '../../compiler/backends/wasm/many.ts';
import { Duration, Timestamp, Uint } from '../../compiler/expressions/cel/value.ts';
import type { Answer, Given } from './decisions.ts';

/** Many policies that are asked about the same thing at once. */
export interface LoadedPolicies {
  /** Asks all of them, and gives how many answers are not `allow`. */
  decide(attributes: Given): number;
  /** The answers of the last question, in the order of `decisions` of the module. */
  readonly answers: Readonly<ArrayLike<Answer>>;
}

/**
 * Makes a module of many policies ready to be asked: an instance of its own, which one thread at a time may ask.
 *
 * @throws EvalError where this process may make no code from texts
 */
export function loadPolicies({ bytes, export: name, layout, decisions }: ManyDecisions): LoadedPolicies {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {});
  const body = joinedBody({ export: name, layout, count: decisions.length });
  const make = new Function('instance', 'Uint', 'Timestamp', 'Duration', `'use strict';\n${body}`);
  return make(instance, Uint, Timestamp, Duration);
}
