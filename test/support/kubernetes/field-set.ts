import { isObject, type Json, type JsonObject } from './json.ts';
import { anything, fieldSchema, isNamedField, type Schema } from './schema.ts';

/**
 * One step of a path, as FieldsV1 writes it: `f:name` a field, `k:{"name":"x"}` an item by its keys, `v:"x"` an element
 * of a set.
 */
export type Step = string;

/** A set of paths into an object: what a field manager owns. */
export class FieldSet {
  /** Steps that end a path of the set. */
  readonly members = new Set<Step>();
  /** What is below a step. */
  readonly children = new Map<Step, FieldSet>();

  get empty(): boolean {
    return this.members.size === 0 && [...this.children.values()].every((child) => child.empty);
  }

  insert(path: readonly Step[]): void {
    let set: FieldSet = this;
    path.forEach((step, index) => {
      if (index === path.length - 1) set.members.add(step);
      else set = set.#below(step);
    });
  }

  has(path: readonly Step[]): boolean {
    let set: FieldSet | undefined = this;
    for (const [index, step] of path.entries()) {
      if (set === undefined) return false;
      if (index === path.length - 1) return set.members.has(step);
      set = set.children.get(step);
    }
    return false;
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const set of [this, other]) {
      for (const step of set.members) result.members.add(step);
      for (const [step, child] of set.children) {
        result.children.set(step, result.children.get(step)?.union(child) ?? child);
      }
    }
    return result;
  }

  difference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const step of this.members) if (!other.members.has(step)) result.members.add(step);
    for (const [step, child] of this.children) {
      const right = other.children.get(step);
      const left = right === undefined ? child : child.difference(right);
      if (!left.empty) result.children.set(step, left);
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const step of this.members) if (other.members.has(step)) result.members.add(step);
    for (const [step, child] of this.children) {
      const right = other.children.get(step);
      const both = right === undefined ? undefined : child.intersection(right);
      if (both !== undefined && !both.empty) result.children.set(step, both);
    }
    return result;
  }

  /**
   * The set with the fields of structs on the way to its paths: who owns `a.b` is counted to own the struct's field `a`,
   * not the key `a` of a map.
   */
  withNamedFields(schema: Schema): FieldSet {
    const result = new FieldSet();
    for (const step of this.members) result.members.add(step);
    for (const [step, child] of this.children) {
      if (child.empty) continue;
      const name = step.startsWith('f:') ? step.slice(2) : undefined;
      if (name !== undefined && isNamedField(schema, name)) result.members.add(step);
      const below = name === undefined ? schema.items : fieldSchema(schema, name);
      result.children.set(step, child.withNamedFields(below ?? anything));
    }
    return result;
  }

  /** Each path of the set, in the order of their steps. */
  paths(): readonly (readonly Step[])[] {
    const steps = [...new Set([...this.members, ...this.children.keys()])].sort();
    return steps.flatMap((step) => [
      ...(this.members.has(step) ? [[step]] : []),
      ...(this.children.get(step)?.paths() ?? []).map((path) => [step, ...path]),
    ]);
  }

  /** In the form of `managedFields[].fieldsV1`. */
  toFieldsV1(): JsonObject {
    const result: JsonObject = {};
    for (const step of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      const child = this.children.get(step);
      const below = child === undefined || child.empty ? {} : child.toFieldsV1();
      if (this.members.has(step)) result[step] = Object.keys(below).length === 0 ? {} : { '.': {}, ...below };
      else if (Object.keys(below).length > 0) result[step] = below;
    }
    return result;
  }

  #below(step: Step): FieldSet {
    const known = this.children.get(step);
    if (known !== undefined) return known;
    const child = new FieldSet();
    this.children.set(step, child);
    return child;
  }
}

/** Reads `managedFields[].fieldsV1`. */
export function fromFieldsV1(value: Json | undefined): FieldSet {
  const set = new FieldSet();
  if (!isObject(value)) return set;
  for (const [step, below] of Object.entries(value)) {
    if (step === '.') continue;
    const child = fromFieldsV1(below);
    if (!isObject(below) || Object.keys(below).length === 0 || Object.hasOwn(below, '.')) set.members.add(step);
    if (!child.empty) set.children.set(step, child);
  }
  return set;
}

/** A path as messages name it: `.spec.listeners[name="http"].port`. */
export function printPath(path: readonly Step[]): string {
  return path
    .map((step) => {
      const rest = step.slice(2);
      if (step.startsWith('f:')) return `.${rest}`;
      if (step.startsWith('v:')) return `[=${rest}]`;
      if (step.startsWith('i:')) return `[${rest}]`;
      const keys: Json = JSON.parse(rest);
      const parts = isObject(keys) ? Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`) : [];
      return `[${parts.join(',')}]`;
    })
    .join('');
}
