import type { MessageField } from '../../../../grammars/cel/syntax-tree.ts';
import { candidateNames } from '../environment.ts';
import { bool, bytes, type CelType, double, duration, int, string, timestamp, uint, wrapperOf } from '../types.ts';
import { CelError, noSuchOverload, type Result, Uint, type Value } from '../value.ts';
import { durationOf, nanosInSecond, timestampAt } from './time.ts';

/** One of the few messages that are values of the language itself. */
export interface KnownMessage {
  readonly type: CelType;
  readonly fields: Readonly<Record<string, CelType>>;
  readonly make: (fields: Readonly<Record<string, Value>>) => Result;
}

function wrapper(of: CelType, zero: Value): KnownMessage {
  return { type: wrapperOf(of), fields: { value: of }, make: ({ value = zero }) => value };
}

function time(type: CelType, make: (seconds: bigint, nanos: bigint) => Result): KnownMessage {
  return {
    type,
    fields: { seconds: int, nanos: int },
    make: ({ seconds = 0n, nanos = 0n }) =>
      typeof seconds === 'bigint' && typeof nanos === 'bigint'
        ? make(seconds, nanos)
        : noSuchOverload('message', seconds, nanos),
  };
}

const messages: Readonly<Record<string, KnownMessage>> = {
  'google.protobuf.BoolValue': wrapper(bool, false),
  'google.protobuf.BytesValue': wrapper(bytes, new Uint8Array(0)),
  'google.protobuf.DoubleValue': wrapper(double, 0),
  'google.protobuf.FloatValue': {
    ...wrapper(double, 0),
    make: ({ value = 0 }) => (typeof value === 'number' ? Math.fround(value) : value),
  },
  'google.protobuf.Int32Value': wrapper(int, 0n),
  'google.protobuf.Int64Value': wrapper(int, 0n),
  'google.protobuf.UInt32Value': wrapper(uint, new Uint(0n)),
  'google.protobuf.UInt64Value': wrapper(uint, new Uint(0n)),
  'google.protobuf.StringValue': wrapper(string, ''),
  'google.protobuf.Timestamp': time(timestamp, (seconds, nanos) => timestampAt(Number(seconds), Number(nanos))),
  'google.protobuf.Duration': time(duration, (seconds, nanos) => durationOf(seconds * nanosInSecond + nanos)),
};

/** The message of that name, if it is one that the language knows by itself. */
export function knownMessage(name: string, container: string): KnownMessage | undefined {
  for (const candidate of candidateNames(name, container)) {
    if (Object.hasOwn(messages, candidate)) return messages[candidate];
  }
  return undefined;
}

/** What makes a value of `Name{field: value}` from the values in that order; undefined for an unknown message. */
export function messageConstructor(
  name: string,
  fields: readonly MessageField[],
  container: string,
): ((...values: readonly Value[]) => Result) | undefined {
  const message = knownMessage(name, container);
  if (message === undefined) return undefined;
  const unknown = fields.find((field) => field.optional || !Object.hasOwn(message.fields, field.name));
  if (unknown !== undefined) return () => new CelError(`no such field '${unknown.name}'`);
  return (...values) => message.make(Object.fromEntries(fields.map((field, index) => [field.name, values[index]!])));
}
