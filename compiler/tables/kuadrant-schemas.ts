import { schemas } from './kuadrant-schemas.generated.ts';

/** The kinds of resource whose `spec` the table describes. */
export type PolicyKind = 'AuthPolicy' | 'RateLimitPolicy' | 'TokenRateLimitPolicy' | 'PlanPolicy';

/**
 * What a validation rule of the CustomResourceDefinition demands of an object. A field is there where it is written,
 * whatever its value; it is filled where it is not the empty text.
 */
export type SchemaFact =
  /** The field and those in the list never stand together. */
  | readonly [kind: 'excludes', field: string, others: readonly string[]]
  /** The same of fields that are filled. */
  | readonly [kind: 'excludes-filled', field: string, others: readonly string[]]
  | readonly [kind: 'at-most-one', fields: readonly string[]]
  /** The field has one of these values. */
  | readonly [kind: 'values', field: string, values: readonly string[]]
  /**
   * One of the dotted paths leads to something below the field; with a `+` behind it, to something that is not empty.
   * It is demanded where the field is there; of the field '', the object itself, where neither `defaults` nor `overrides` is.
   */
  | readonly [kind: 'some', field: string, paths: readonly string[]];

/** One schema; nodes that it is made of are numbers in the table. */
export interface SchemaNode {
  /** Absent where any value may stand. */
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly fields?: Readonly<Record<string, number>>;
  readonly required?: readonly string[];
  /** Of a map whose keys are data. */
  readonly values?: number;
  readonly items?: number;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Fields that are not described may stand in it. */
  readonly open?: boolean;
  readonly facts?: readonly SchemaFact[];
}

export interface KindSchema {
  readonly kind: PolicyKind;
  /** The only version that the operator serves. */
  readonly apiVersion: string;
  readonly spec: number;
}

interface SchemaTable {
  readonly kinds: readonly KindSchema[];
  readonly nodes: readonly SchemaNode[];
}

let decoded: SchemaTable | undefined;

function table(): SchemaTable {
  const known: SchemaTable = decoded ?? JSON.parse(schemas);
  decoded = known;
  return known;
}

export function kindSchemas(): readonly KindSchema[] {
  return table().kinds;
}

export function schemaOfKind(kind: string): KindSchema | undefined {
  return table().kinds.find((each) => each.kind === kind);
}

export function schemaNode(index: number): SchemaNode {
  return table().nodes[index]!;
}
