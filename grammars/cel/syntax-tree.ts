/**
 * The syntax tree of CEL, as written: macros are calls, and nothing is expanded, so that it prints as it was. Offsets are
 * UTF-16 code units in the expression's own text; whoever holds the YAML scalar maps them to the file.
 * Source: the CEL language definition of cel-spec v0.25.1, with the optional syntax.
 */
export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export type Expression =
  | (Node<'literal'> & { readonly value: Literal })
  /** `name`, or `.name` from the root of the name space. */
  | (Node<'identifier'> & { readonly name: string; readonly rooted: boolean })
  /** `operand.field`, or `operand.?field`. */
  | (Node<'select'> & {
      readonly operand: Expression;
      readonly field: string;
      readonly fieldRange: Range;
      readonly optional: boolean;
    })
  /** `operand[index]`, or `operand[?index]`. */
  | (Node<'index'> & { readonly operand: Expression; readonly index: Expression; readonly optional: boolean })
  /** `name(…)`, `target.name(…)`; macros too. */
  | (Node<'call'> & {
      readonly target?: Expression;
      readonly name: string;
      readonly nameRange: Range;
      readonly rooted: boolean;
      readonly arguments: readonly Expression[];
    })
  | (Node<'unary'> & { readonly operator: UnaryOperator; readonly operand: Expression })
  | (Node<'binary'> & {
      readonly operator: BinaryOperator;
      readonly operatorRange: Range;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node<'conditional'> & {
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    })
  | (Node<'list'> & { readonly elements: readonly Element[] })
  | (Node<'map'> & { readonly entries: readonly MapEntry[] })
  /** `Name{field: value}`. */
  | (Node<'message'> & {
      readonly name: string;
      readonly nameRange: Range;
      readonly rooted: boolean;
      readonly fields: readonly MessageField[];
    })
  /** Where something was missing or wrong; what was understood of it is below. */
  | (Node<'hole'> & { readonly parts: readonly Expression[] });

interface Node<Kind extends string> {
  readonly kind: Kind;
  /** Of the whole expression, with the parentheses around it left out. */
  readonly range: Range;
}

export interface Element {
  readonly value: Expression;
  readonly optional: boolean;
}

export interface MapEntry {
  readonly key: Expression;
  readonly value: Expression;
  readonly optional: boolean;
}

export interface MessageField {
  readonly name: string;
  readonly nameRange: Range;
  readonly value: Expression;
  readonly optional: boolean;
}

export type UnaryOperator = '!' | '-';
export type BinaryOperator = '||' | '&&' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in' | '+' | '-' | '*' | '/' | '%';

/** `int` is signed and `uint` unsigned, 64 bits; a double may be any IEEE 754 value. */
export type Literal =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'uint'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array };
