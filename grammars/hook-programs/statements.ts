import type { Token } from './scan.ts';
import type { TokenName } from './tokens.ts';

const beginning: ReadonlySet<TokenName> = new Set<TokenName>([
  'Hook',
  'Counter',
  'Audit',
  'Allow',
  'Deny',
  'Errno',
  'Otherwise',
]);

/**
 * The tokens of each statement. Each begins with a word that is used for nothing else, so that whatever is wrong in
 * one statement stays in it. What stands before the first is a statement of its own.
 */
export function splitStatements(read: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [];
  let previous: TokenName | undefined;
  for (const token of read) {
    if (statements.length === 0 || (beginning.has(token.name) && !goesOn(previous, token.name))) statements.push([]);
    statements.at(-1)!.push(token);
    previous = token.name;
  }
  return statements;
}

/** `audit deny`, `otherwise deny` and `otherwise audit deny` are one statement each. */
function goesOn(previous: TokenName | undefined, name: TokenName): boolean {
  if (name === 'Allow' || name === 'Deny' || name === 'Errno') return previous === 'Audit' || previous === 'Otherwise';
  return name === 'Audit' && previous === 'Otherwise';
}
