import { type CelFunction, global, member } from '../environment.ts';
import { isMap, mapSize } from '../maps.ts';
import { bool, optionalOf, parameter } from '../types.ts';
import { CelError, Duration, isList, none, noSuchOverload, Optional, Timestamp, Uint, type Value } from '../value.ts';

/** True of the value that a type begins with: 0, '', [], null. */
function isZero(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return !value;
    case 'bigint':
      return value === 0n;
    case 'number':
      return value === 0;
    case 'string':
      return value === '';
    default:
      if (value === null) return true;
      if (value instanceof Uint) return value.value === 0n;
      if (value instanceof Duration) return value.nanos === 0n;
      if (value instanceof Timestamp) return value.seconds === 0 && value.nanos === 0;
      if (value instanceof Uint8Array || isList(value)) return value.length === 0;
      if (value instanceof Optional) return value.value === undefined || isZero(value.value);
      return isMap(value) && mapSize(value) === 0;
  }
}

const v = parameter('V');
const optional = optionalOf(v);
const dereference = new CelError('optional.none() dereference');

export const optionalFunctions: readonly CelFunction[] = [
  { name: 'optional.none', overloads: [global([], optional)], call: () => none },
  { name: 'optional.of', overloads: [global([v], optional)], call: (value) => new Optional(value) },
  {
    name: 'optional.ofNonZeroValue',
    overloads: [global([v], optional)],
    call: (value) => (isZero(value!) ? none : new Optional(value)),
  },
  {
    name: 'hasValue',
    overloads: [member([optional], bool)],
    call: (each) => (each instanceof Optional ? each.value !== undefined : noSuchOverload('hasValue', each!)),
  },
  {
    name: 'value',
    overloads: [member([optional], v)],
    call: (each) => (each instanceof Optional ? (each.value ?? dereference) : noSuchOverload('value', each!)),
  },
  {
    name: 'or',
    overloads: [member([optional, optional], optional)],
    call: (first, second) => {
      if (!(first instanceof Optional) || !(second instanceof Optional)) return noSuchOverload('or', first!, second!);
      return first.value === undefined ? second : first;
    },
  },
  {
    name: 'orValue',
    overloads: [member([optional, v], v)],
    call: (first, second) =>
      first instanceof Optional ? (first.value ?? second!) : noSuchOverload('orValue', first!, second!),
  },
];
