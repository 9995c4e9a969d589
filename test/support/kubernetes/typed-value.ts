import { FieldSet, type Step } from './field-set.ts';
import { at, equal, isObject, type Json, type JsonObject } from './json.ts';
import { anything, fieldSchema, isNamedField, type Schema, type Shape, shapeOf } from './schema.ts';

// The operations that server-side apply is made of, over values with a schema: the documented semantics of
// sigs.k8s.io/structured-merge-diff v4 (KEP-555): which paths a value has, what changed between two, merge, removal.

/** The step that names an item of a set or of a list with keys. A key that is absent has its default, or is left out. */
export function itemStep(schema: Schema, item: Json): Step {
  if (schema.list === undefined || schema.list === 'set') return `v:${JSON.stringify(item)}`;
  const keys: JsonObject = {};
  for (const key of [...schema.list].sort()) {
    const value = at(item, key) ?? schema.items?.fields?.[key]?.default;
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

interface Part {
  readonly step: Step;
  readonly value: Json;
  readonly schema: Schema;
  /** A field of a struct: owned through what is in it. */
  readonly named: boolean;
}

/** The parts of a value that have owners of their own; none of a leaf. */
function partsOf(value: Json | undefined, schema: Schema, shape: Shape): readonly Part[] {
  if (shape === 'map') {
    if (!isObject(value)) return [];
    return Object.entries(value).map(([name, each]) => ({
      step: `f:${name}`,
      value: each,
      schema: fieldSchema(schema, name) ?? anything,
      named: isNamedField(schema, name),
    }));
  }
  if (shape === 'leaf' || !Array.isArray(value)) return [];
  const items = schema.items ?? anything;
  return value.map((each) => ({ step: itemStep(schema, each), value: each, schema: items, named: false }));
}

/** The paths that a manager who applies `value` owns. */
export function pathsOf(value: Json, schema: Schema): FieldSet {
  const set = new FieldSet();
  collect(value, schema, [], set);
  return set;
}

function collect(value: Json, schema: Schema, path: readonly Step[], set: FieldSet): void {
  const shape = shapeOf(schema, value);
  if (shape === 'leaf') {
    set.insert(path);
    return;
  }
  for (const part of partsOf(value, schema, shape)) {
    const below = [...path, part.step];
    collect(part.value, part.schema, below, set);
    const empty = isObject(part.value) && Object.keys(part.value).length === 0;
    if (!part.named || part.value === null || empty) set.insert(below);
  }
}

export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

export function compare(before: Json, after: Json, schema: Schema): Comparison {
  const comparison = { added: new FieldSet(), removed: new FieldSet(), modified: new FieldSet() };
  compareAt(before, after, schema, [], comparison);
  return comparison;
}

function compareAt(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema,
  path: readonly Step[],
  found: Comparison,
): void {
  const shape = jointShape(before, after, schema);
  const parts = [partsOf(before, schema, shape), partsOf(after, schema, shape)];
  if (shape === 'leaf' || parts.every((each) => each.length === 0)) {
    if (before === undefined) found.added.insert(path);
    else if (after === undefined) found.removed.insert(path);
    else if (!equal(before, after)) found.modified.insert(path);
    return;
  }
  const [left, right] = parts.map((each) => new Map(each.map((part) => [part.step, part])));
  for (const step of new Set([...left!.keys(), ...right!.keys()])) {
    const part = right!.get(step) ?? left!.get(step)!;
    compareAt(left!.get(step)?.value, right!.get(step)?.value, part.schema, [...path, step], found);
  }
  // A map or list that comes or goes is itself one of the paths.
  if (before === undefined) found.added.insert(path);
  else if (after === undefined) found.removed.insert(path);
}

function jointShape(before: Json | undefined, after: Json | undefined, schema: Schema): Shape {
  if (before === undefined || after === undefined) return shapeOf(schema, before ?? after ?? null);
  const [left, right] = [shapeOf(schema, before), shapeOf(schema, after)];
  return left === right ? right : 'leaf';
}

/** `over` laid over `base`: what `over` leaves out stays. */
export function merge(base: Json | undefined, over: Json, schema: Schema): Json {
  if (base === undefined) return over;
  const shape = jointShape(base, over, schema);
  if (shape === 'leaf') return over;
  if (shape === 'map') {
    const result: JsonObject = isObject(base) ? { ...base } : {};
    for (const [name, value] of Object.entries(isObject(over) ? over : {})) {
      result[name] = merge(result[name], value, fieldSchema(schema, name) ?? anything);
    }
    return result;
  }
  return mergeItems(partsOf(base, schema, shape), partsOf(over, schema, shape));
}

/**
 * The items of both, in the order of `over`; what only `base` has stays behind what it stood behind, but for items that
 * `over` moves.
 */
function mergeItems(base: readonly Part[], over: readonly Part[]): Json[] {
  const inBase = new Map(base.map((part) => [part.step, part]));
  const inOver = new Set(over.map(({ step }) => step));
  const result: Json[] = [];
  let next = 0;
  const takeBaseUpTo = (step: Step | undefined) => {
    for (; next < base.length && base[next]!.step !== step; next += 1) {
      if (!inOver.has(base[next]!.step)) result.push(base[next]!.value);
    }
  };
  over.forEach((part, index) => {
    takeBaseUpTo(over.slice(index).find(({ step }) => inBase.has(step))?.step);
    result.push(merge(inBase.get(part.step)?.value, part.value, part.schema));
    if (base[next]?.step === part.step) next += 1;
  });
  takeBaseUpTo(undefined);
  return result;
}

/** The value without the paths of a set, each with all that is below it. */
export function removePaths(value: Json, set: FieldSet, schema: Schema): Json {
  const shape = shapeOf(schema, value);
  if (shape === 'leaf') return value;
  const kept = partsOf(value, schema, shape)
    .filter(({ step }) => !set.members.has(step))
    .map((part): readonly [Step, Json] => {
      const below = set.children.get(part.step);
      return [part.step, below === undefined ? part.value : removePaths(part.value, below, part.schema)];
    });
  if (shape === 'map') return Object.fromEntries(kept.map(([step, each]) => [step.slice(2), each]));
  return kept.map(([, each]) => each);
}
