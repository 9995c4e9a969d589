import { ModuleBuilder } from '../../compiler/backends/wasm/binary/module.ts';
import { tags } from '../../compiler/backends/wasm/cel/cells.ts';
import { lowerCel, lowerPlan, type ResultKind } from '../../compiler/backends/wasm/cel/lowering.ts';
import { encoderBody } from '../../compiler/backends/wasm/encoder/javascript.ts';
import type { LoweredExpression } from '../../compiler/backends/wasm/extension.ts';
import { layoutOf } from '../../compiler/backends/wasm/layout.ts';
import type { Environment } from '../../compiler/expressions/cel/environment.ts';
import { MapBuilder } from '../../compiler/expressions/cel/maps.ts';
import { planOf } from '../../compiler/expressions/cel/plan.ts';
import {
  CelError,
  CelMap,
  Duration,
  type Result,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../../compiler/expressions/cel/value.ts';
import { attribute, compare, literal } from '../../compiler/expressions/predicate.ts';
import type { Expression } from '../../grammars/cel/syntax-tree.ts';
import { allow, decisionOf, deny } from './policies.ts';

export type Bound = Readonly<Record<string, Value>>;

/** An expression in a module of its own. */
export interface WasmExpression {
  readonly bytes: Uint8Array;
  /** What the encoder makes of it. */
  readonly request: (attributes: Readonly<Record<string, unknown>>) => number;
  /** The function's result. */
  readonly ask: (bindings: Bound) => number;
  /** The value of the cell that the result is the address of. */
  readonly value: (bindings: Bound) => Result;
}

/**
 * @param folded false where constants are to be computed by the module
 * @returns the obstacle where the expression is not lowered
 */
export function wasmExpression(
  expression: Expression,
  environment: Environment,
  kind: ResultKind,
  folded = true,
): WasmExpression | string {
  const lowered = folded
    ? lowerCel(expression, environment, kind)
    : lowerPlan(planOf(expression, environment).plan, kind);
  if ('obstacle' in lowered) return lowered.obstacle;
  return asked(lowered);
}

function asked(lowered: LoweredExpression): WasmExpression {
  const decision = decisionOf(
    'request',
    'first-match',
    [[compare(attribute('condition:x'), '==', literal(true)), allow]],
    deny,
  );
  const layout = layoutOf('request', [decision], { of: () => lowered });
  const module = new ModuleBuilder();
  const handle = lowered.emit(module, layout);
  module.export(handle);
  const { bytes } = module.finish();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {});
  const body = encoderBody([{ layout, export: handle.name }]);
  const { request } = new Function('instance', 'Uint', 'Timestamp', 'Duration', body)(
    instance,
    Uint,
    Timestamp,
    Duration,
  ) as { readonly request: (attributes: Readonly<Record<string, unknown>>) => number };
  const memory = instance.exports.memory as WebAssembly.Memory;
  const ask = (bindings: Bound) =>
    request(Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, given(value)])));
  return { bytes, request, ask, value: (bindings) => read(new DataView(memory.buffer), ask(bindings)) };
}

/** A value as a host gives it. */
export function given(value: Value): unknown {
  if (Array.isArray(value)) return value.map(given);
  if (value instanceof CelMap) {
    return new Map(
      [...value.entries].map(([key, each]) => [
        typeof key === 'bigint' && value.unsigned.has(key) ? new Uint(key) : key,
        given(each),
      ]),
    );
  }
  return value;
}

function read(view: DataView, at: number): Result {
  const tag = view.getUint32(at, true);
  const length = view.getUint32(at + 4, true);
  const payload = view.getUint32(at + 8, true);
  const bytes = () => new Uint8Array(view.buffer.slice(payload, payload + length));
  switch (tag) {
    case tags.NULL:
      return null;
    case tags.BOOL:
      return payload === 1;
    case tags.INT:
      return view.getBigInt64(at + 8, true);
    case tags.UINT:
      return new Uint(view.getBigUint64(at + 8, true));
    case tags.DOUBLE:
      return view.getFloat64(at + 8, true);
    case tags.STRING:
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes());
    case tags.BYTES:
      return bytes();
    case tags.LIST:
      return Array.from({ length }, (_, index) => read(view, payload + 16 * index) as Value);
    case tags.MAP: {
      const map = new MapBuilder();
      for (let index = 0; index < length; index++) {
        map.set(read(view, payload + 32 * index) as Value, read(view, payload + 32 * index + 16) as Value);
      }
      return map.build();
    }
    case tags.TIME:
      return new Timestamp(Number(view.getBigInt64(at + 8, true)), length);
    case tags.SPAN:
      return new Duration(view.getBigInt64(at + 8, true));
    case tags.TYPE:
      return new TypeValue(new TextDecoder().decode(bytes()));
    default:
      return new CelError('an error');
  }
}
