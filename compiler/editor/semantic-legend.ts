/** Types of tokens, all of them of those that the Language Server Protocol knows, so that every theme has colours. */
export const tokenTypes = [
  'property',
  'enumMember',
  'number',
  'keyword',
  'string',
  'function',
  'method',
  'macro',
  'namespace',
  'class',
  'interface',
  'enum',
  'struct',
  'variable',
  'parameter',
  'operator',
  'comment',
] as const;

/** `declaration`: the name is given there; `defaultLibrary`: the kernel, AWS or CEL knows it; `readonly`: a constant. */
export const tokenModifiers = ['declaration', 'readonly', 'defaultLibrary', 'documentation'] as const;

export type TokenType = (typeof tokenTypes)[number];
export type TokenModifier = (typeof tokenModifiers)[number];

/** What a piece of one line is. */
export interface SemanticToken {
  readonly start: number;
  readonly end: number;
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}
