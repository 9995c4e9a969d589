import type { Type } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import { Type_PrimitiveType, Type_WellKnownType } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import { type SimpleTest, SimpleTestSchema } from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';
import type { Value as SpecValue } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { getTestRegistry } from '@bufbuild/cel-spec/testdata/registry.js';
import {
  getCheckingSuite,
  getComprehensionSuite,
  getConformanceSuite,
  getParsingSuite,
  type IncrementalTestSuite,
} from '@bufbuild/cel-spec/testdata/tests.js';
import { toJsonString } from '@bufbuild/protobuf';
import { anyUnpack, DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  type CelFunction,
  type Environment,
  environmentOf,
  global,
  member,
  type Overload,
} from '../../compiler/expressions/cel/environment.ts';
import { knownMessage } from '../../compiler/expressions/cel/functions/messages.ts';
import * as libraries from '../../compiler/expressions/cel/libraries.ts';
import { MapBuilder } from '../../compiler/expressions/cel/maps.ts';
import type { CelType } from '../../compiler/expressions/cel/types.ts';
import * as types from '../../compiler/expressions/cel/types.ts';
import {
  CelError,
  CelMap,
  Duration,
  kindOf,
  type Result,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../../compiler/expressions/cel/value.ts';

export interface ConformanceCase {
  /** `conformance/basic/self_eval_zeroish/self_eval_int_zero`. */
  readonly name: string;
  readonly file: string;
  readonly section: string;
  readonly text: string;
  readonly test: SimpleTest;
  /** The type that cel-go deduces, as it prints it. */
  readonly type: string | undefined;
  /** It names messages that are not part of the language: what a compiler without descriptors cannot have. */
  readonly protobuf: boolean;
}

const registry = getTestRegistry();

function collect(suite: IncrementalTestSuite, path: readonly string[], cases: ConformanceCase[]): void {
  for (const each of suite.suites) collect(each, [...path, each.name], cases);
  for (const { name, original, type } of suite.tests) {
    const all = toJsonString(SimpleTestSchema, original, { registry });
    cases.push({
      name: [...path, name].join('/'),
      file: path[1] ?? path[0] ?? '',
      section: path[2] ?? '',
      text: original.expr,
      test: original,
      type,
      protobuf:
        /TestAllTypes|NestedEnum|GlobalEnum|cel\.expr\.conformance|NullValue|google\.expr\.proto|google\.protobuf\.(Any|Struct|Value|ListValue|NullValue|FieldMask|Empty)\b|proto[23]_/.test(
          all,
        ),
    });
  }
}

/** All cases of cel-spec's suite, and of cel-go's checker and parser tests. */
export function conformanceCases(): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  collect(getConformanceSuite(), ['conformance'], cases);
  collect(getCheckingSuite(), ['checking'], cases);
  collect(getComprehensionSuite(), ['comprehension'], cases);
  collect(getParsingSuite(), ['parsing'], cases);
  return cases;
}

const primitives: Partial<Record<Type_PrimitiveType, CelType>> = {
  [Type_PrimitiveType.BOOL]: types.bool,
  [Type_PrimitiveType.INT64]: types.int,
  [Type_PrimitiveType.UINT64]: types.uint,
  [Type_PrimitiveType.DOUBLE]: types.double,
  [Type_PrimitiveType.STRING]: types.string,
  [Type_PrimitiveType.BYTES]: types.bytes,
};

function typeOf(type: Type | undefined): CelType {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'primitive':
      return primitives[kind.value] ?? types.dyn;
    case 'wrapper':
      return types.wrapperOf(primitives[kind.value] ?? types.dyn);
    case 'null':
      return types.nullType;
    case 'wellKnown':
      if (kind.value === Type_WellKnownType.TIMESTAMP) return types.timestamp;
      return kind.value === Type_WellKnownType.DURATION ? types.duration : { kind: 'any' };
    case 'listType':
      return types.listOf(typeOf(kind.value.elemType));
    case 'mapType':
      return types.mapOf(typeOf(kind.value.keyType), typeOf(kind.value.valueType));
    case 'type':
      return types.typeOf(typeOf(kind.value));
    case 'typeParam':
      return types.parameter(kind.value);
    case 'abstractType':
      return types.opaque(kind.value.name, ...kind.value.parameterTypes.map(typeOf));
    case 'messageType':
      return knownMessage(kind.value, '')?.type ?? types.dyn;
    default:
      return types.dyn;
  }
}

/** What cel-go's own checker tests have besides what each declares (testEnvs in checker_test.go). */
const checkerVariables: Readonly<Record<string, CelType>> = {
  is: types.string,
  ii: types.int,
  iu: types.uint,
  iz: types.bool,
  ib: types.bytes,
  id: types.double,
  ix: types.nullType,
};
const checkerFunctions: readonly CelFunction[] = [
  { name: 'fg_s', overloads: [global([], types.string)], call: () => '' },
  { name: 'fi_s_s', overloads: [member([types.string], types.string)], call: () => '' },
];

/** The environment of one case: what it declares, over everything that cel-go's conformance server has. */
export function environmentOfCase({ test, file }: ConformanceCase): Environment {
  const variables: Record<string, CelType> = file === 'checking' ? { ...checkerVariables } : {};
  const functions: CelFunction[] = file === 'checking' ? [...checkerFunctions] : [];
  for (const { name, declKind } of test.typeEnv) {
    if (declKind.case === 'ident') variables[name] = typeOf(declKind.value.type);
    if (declKind.case !== 'function') continue;
    const overloads = declKind.value.overloads.map(({ isInstanceFunction, params, resultType }): Overload => {
      return (isInstanceFunction ? member : global)(params.map(typeOf), typeOf(resultType));
    });
    functions.push({ name, overloads, call: () => new CelError('not implemented') });
  }
  for (const name of Object.keys(test.bindings)) variables[name] ??= types.dyn;
  return environmentOf({
    libraries: [
      libraries.standardLibrary,
      libraries.optionalLibrary,
      libraries.stringLibrary,
      libraries.formatLibrary,
      libraries.mathLibrary,
      libraries.encoderLibrary,
      libraries.bindingLibrary,
      libraries.comprehensionLibrary,
    ],
    variables,
    functions,
    container: test.container,
  });
}

/** A value of the suite, or undefined where it is a message. */
export function specValue({ kind }: SpecValue): Value | undefined {
  switch (kind.case) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'int64Value':
    case 'doubleValue':
    case 'stringValue':
    case 'bytesValue':
      return kind.value;
    case 'uint64Value':
      return new Uint(kind.value);
    case 'typeValue':
      return new TypeValue(kind.value);
    case 'listValue':
      return kind.value.values.map((each) => specValue(each)!);
    case 'mapValue': {
      const map = new MapBuilder();
      for (const { key, value } of kind.value.entries) map.set(specValue(key!)!, specValue(value!)!);
      return map.build();
    }
    case 'objectValue': {
      const time = anyUnpack(kind.value, TimestampSchema);
      if (time !== undefined) return new Timestamp(Number(time.seconds), time.nanos);
      const span = anyUnpack(kind.value, DurationSchema);
      if (span !== undefined) return new Duration(span.seconds * 1_000_000_000n + BigInt(span.nanos));
      const wrapped = anyUnpack(kind.value, registry) as { readonly value?: unknown } | undefined;
      return wrapped?.value as Value | undefined;
    }
    default:
      return undefined;
  }
}

export function bindingsOf({ test }: ConformanceCase): Record<string, Value> {
  const bindings: Record<string, Value> = {};
  for (const [name, { kind }] of Object.entries(test.bindings)) {
    if (kind.case === 'value') bindings[name] = specValue(kind.value)!;
  }
  return bindings;
}

/** The same value of the same type, NaN like NaN: stricter than CEL's `==`. */
export function identical(left: Result, right: Result): boolean {
  return show(left) === show(right);
}

/** Prints a value with its type. */
export function show(value: Result): string {
  if (value instanceof CelError) return `error: ${value.message}`;
  const kind = kindOf(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (kind === 'map') {
    const map = value as CelMap | Readonly<Record<string, Value>>;
    const entries = map instanceof CelMap ? [...map.entries] : Object.entries(map);
    const shown = entries.map(([key, each]) => {
      const unsigned = map instanceof CelMap && typeof key === 'bigint' && map.unsigned.has(key);
      return `${show(unsigned ? new Uint(key) : key)}: ${show(each)}`;
    });
    return `{${shown.sort().join(', ')}}`;
  }
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b[${value.join(' ')}]`;
  if (value instanceof Timestamp) return `timestamp(${value.seconds}.${value.nanos})`;
  if (value instanceof Duration) return `duration(${value.nanos})`;
  if (value instanceof TypeValue) return `type(${value.name})`;
  if (typeof value === 'number') return `double(${Object.is(value, -0) ? '-0' : value})`;
  if (typeof value === 'object' && value !== null && 'value' in value) {
    return `optional(${value.value === undefined ? '' : show(value.value as Value)})`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
