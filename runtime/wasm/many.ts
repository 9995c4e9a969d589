import { encoderBody } from '../../compiler/backends/wasm/encoder/javascript.ts';
import type { ManyDecisions } from '../../compiler/backends/wasm/many.ts';
import type { Answer, Attributes } from './decisions.ts';

/** Many policies that are asked about the same thing at once. */
export interface LoadedPolicies {
  /**
   * Asks all of them, and gives how many answers are not `allow`.
   *
   * @throws EvalError at loading where this process may make no code from texts
   */
  decide(attributes: Attributes): number;
  /** The answers of the last question, in the order of `decisions` of the module. */
  readonly answers: Readonly<ArrayLike<Answer>>;
}

const PAGE = 65_536;

/** Makes a module of many policies ready to be asked: an instance of its own, which one thread at a time may ask. */
export function loadPolicies(many: ManyDecisions): LoadedPolicies {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(many.bytes as BufferSource), {});
  const memory = exports.memory as WebAssembly.Memory;
  const ask = exports[many.export] as (record: number, output: number) => number;
  const count = many.decisions.length;
  // The answers lie before the record, and behind it there is as much room for texts as a module of one policy has.
  const output = many.input;
  const input = output + 16 * Math.ceil(count / 4);
  const missing = input + many.layout.size + PAGE / 2 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const instance = {
    exports: {
      abi: exports.abi,
      memory,
      input: { value: input },
      [many.export]: (record: number) => ask(record, output),
    },
  };
  const body = encoderBody([{ layout: many.layout, export: many.export }]);
  const { [many.layout.point]: decide } = new Function('instance', `'use strict';\n${body}`)(instance);
  return { decide, answers: new Uint32Array(memory.buffer, output, count) };
}
