import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';
import type { YamlNode } from '../source/tree.ts';

/** A decoded value together with where it was written. */
export interface Located<T> {
  readonly value: T;
  readonly span: Span;
  /** The key it stands under, where it is the value of one. */
  readonly key?: Span;
  readonly node: YamlNode;
}

/** Collects what decoding finds. One per document; never shared between compilations. */
export interface DecodeContext {
  readonly diagnostics: Diagnostic[];
}

export interface EnumerationValue {
  readonly name: string;
  readonly doc: string;
}

/**
 * What a text is of, where an editor can do more with it than its `values` or its pattern say: complete it piece by piece,
 * say what it amounts to. How is in compiler/editor/, so that nothing of it is loaded by a build.
 */
export type Meaning =
  | 'argument-rule'
  | 'cel'
  | 'verdict'
  | 'default-verdict'
  | 'expected-verdict'
  | 'syscall'
  | 'capability'
  | 'landlock-access'
  | 'landlock-access-or-none'
  | 'bytes'
  | 'duration'
  | 'window'
  | 'age'
  | 'cpus'
  | 'iam-action'
  | 'cost-service'
  | 'loss'
  | 'diagnostic-code';

/**
 * What a value may look like, as data: decoding, JSON Schema, completion, hover and the reference pages are all read
 * off this one description.
 */
export type Description =
  | {
      readonly kind: 'string';
      readonly noun: string;
      readonly pattern?: string;
      readonly patternDoc?: string;
      readonly means?: Meaning;
    }
  /** `values` is a function so that large name tables are only decoded where they are needed. */
  | {
      readonly kind: 'enumeration';
      readonly noun: string;
      readonly values: () => readonly EnumerationValue[];
      readonly means?: Meaning;
    }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'number'; readonly integer: boolean; readonly minimum?: number; readonly maximum?: number }
  /** A number with a unit, in one scalar: `512MB`, `300s`. */
  | {
      readonly kind: 'quantity';
      readonly noun: string;
      readonly example: string;
      readonly pattern: string;
      readonly means?: Meaning;
    }
  | { readonly kind: 'list'; readonly item: Description }
  | { readonly kind: 'mapping'; readonly keys: Description; readonly values: Description }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, FieldDescription>> }
  /** Told apart by the kind of YAML node: a scalar, a list, a map. */
  | { readonly kind: 'one-of'; readonly alternatives: readonly Description[] };

export interface FieldDescription {
  readonly description: Description;
  readonly doc: string;
  readonly required: boolean;
  /** The other key in whose presence a required one may be absent. */
  readonly unless?: string;
  /** True where `null` may stand for the absent value. */
  readonly nullable?: boolean;
  /** As YAML, on one line, for snippets, references and fixes. */
  readonly example: string;
}

/** A description that decodes to `T`. `decode` reports what is wrong and gives undefined where nothing usable is left. */
export interface Shape<T> {
  readonly description: Description;
  decode(node: YamlNode, context: DecodeContext): T | undefined;
}

export interface Field<T, Required extends boolean = boolean> {
  readonly shape: Shape<T>;
  readonly doc: string;
  readonly required: Required;
  readonly unless?: string;
  readonly example: string;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** Every field may be absent in what was decoded: a missing required one has been reported, and decoding goes on. */
export type Decoded<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer T> ? Located<T> | undefined : never;
};
