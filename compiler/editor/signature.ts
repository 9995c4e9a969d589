import type { Token } from '../../grammars/cel/scan.ts';
import { celFunctionDoc } from '../tables/cel-docs.ts';
import type { EditorDocument } from './document.ts';
import { type Call, globalCalls, memberCalls, signatureOf } from './expressions/cel-members.ts';
import { componentOf, operandType, scopeAt } from './expressions/cel-scope.ts';
import { openBrackets, operandStart, tokensBefore } from './expressions/cel-tokens.ts';
import { embeddedAt } from './expressions/embedded.ts';
import { locate } from './locate.ts';

/** One way to call the function around the cursor. */
export interface Signature {
  /** `string.startsWith(string) → bool`. */
  readonly label: string;
  /** Where each parameter stands in the label, as UTF-16 offsets. */
  readonly parameters: readonly (readonly [start: number, end: number])[];
  readonly doc: string | undefined;
}

export interface Signatures {
  readonly signatures: readonly Signature[];
  /** The first one that has as many parameters as are written. */
  readonly active: number;
  /** Which argument the cursor is in, from 0. */
  readonly parameter: number;
}

/** The ways to call the function in whose parentheses a cursor stands, in an expression in CEL. */
export function signaturesAt(document: EditorDocument, offset: number): Signatures | undefined {
  const place = locate(document, offset);
  const embedded = place.at === 'value' ? embeddedAt(document, place) : undefined;
  if (embedded?.language !== 'cel') return undefined;
  const { text, at } = embedded;
  const { tokens } = tokensBefore(text, at);
  const open = openBrackets(tokens, tokens.length).findLast(
    (index) => tokens[index]!.name === 'Open' && tokens[index]!.end <= at && tokens[index - 1]?.name === 'Identifier',
  );
  if (open === undefined) return undefined;
  const scope = scopeAt(text, tokens, open, componentOf(document, place));
  const calls = callsOf(text, tokens, open - 1, scope);
  if (calls.length === 0) return undefined;
  const parameter = argumentsBefore(tokens, open);
  const fitting = calls.findIndex(({ parameters }) => parameters.length > parameter);
  return { signatures: calls.map(signature), active: Math.max(0, fitting), parameter };
}

/** The ways to call what the name at `index` says. */
function callsOf(
  text: string,
  tokens: readonly Token[],
  index: number,
  scope: Parameters<typeof globalCalls>[0],
): readonly Call[] {
  const { start, end } = tokens[index]!;
  const name = text.slice(start, end);
  if (tokens[index - 1]?.name !== 'Dot') return globalCalls(scope).filter((call) => call.name === name);
  const first = operandStart(tokens, index - 1);
  const space = first === undefined ? '' : text.slice(tokens[first]!.start, tokens[index - 1]!.start).trim();
  const inSpace = globalCalls(scope).filter((call) => call.name === `${space}.${name}`);
  if (inSpace.length > 0) return inSpace;
  const type = operandType(text, tokens, index - 1, scope);
  return type === undefined ? [] : memberCalls(type, scope).filter((call) => call.name === name);
}

/** How many arguments are written before the one that the last token is of. */
function argumentsBefore(tokens: readonly Token[], open: number): number {
  let depth = 0;
  let count = 0;
  for (const { name } of tokens.slice(open + 1)) {
    if (name === 'Open' || name === 'OpenList' || name === 'OpenMap') depth += 1;
    else if (name === 'Close' || name === 'CloseList' || name === 'CloseMap') depth -= 1;
    else if (name === 'Comma' && depth === 0) count += 1;
  }
  return count;
}

function signature(call: Call): Signature {
  const label = signatureOf(call);
  let at = (call.target === undefined ? 0 : call.target.length + 1) + call.name.length + 1;
  const parameters = call.parameters.map((text): readonly [number, number] => {
    const start = at;
    at += text.length + 2;
    return [start, start + text.length];
  });
  return { label, parameters, doc: celFunctionDoc(call.name) };
}
