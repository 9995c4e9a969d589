import { parseHookProgram } from '../../../grammars/hook-programs/parse.ts';
import { scan, type Token } from '../../../grammars/hook-programs/scan.ts';
import { type TokenName, tokens as tokenTable } from '../../../grammars/hook-programs/tokens.ts';
import { hookField } from '../../tables/hook-fields.ts';
import { hookAlias, hookReturnsVerdict } from '../../tables/lsm-hooks.ts';
import type { EditorDocument } from '../document.ts';
import type { Hover } from '../hover/hover.ts';
import type { SemanticToken, TokenModifier, TokenType } from '../semantic-legend.ts';
import type { DocumentSymbol } from '../symbols.ts';
import { sectionOf } from './cursor.ts';
import { explainConstant, explainField, explainHook, wordDocs } from './explain.ts';

/** What is known of the word under the cursor. */
export function hoverHookProgram({ source }: EditorDocument, offset: number): Hover | undefined {
  const { text, path } = source;
  const { tokens } = scan(text);
  const at = tokens.findIndex(({ start, end }) => start <= offset && offset <= end && /\w/.test(text[start]!));
  const token = tokens[at];
  if (token === undefined || token.name === 'Integer') return undefined;
  const said = meaningOf(text, tokens, at);
  const { start, end } = token;
  return said === undefined ? undefined : { span: { file: path, start, end }, paragraphs: [said] };
}

function meaningOf(text: string, tokens: readonly Token[], at: number): string | undefined {
  const { name, start, end } = tokens[at]!;
  const word = text.slice(start, end);
  if (name !== 'Name') return wordDocs[word];
  const before = tokens[at - 1]?.name;
  if (before === 'Hook') {
    const hook = hookAlias(word) ?? word;
    return hookReturnsVerdict(hook) ? explainHook(hook) : undefined;
  }
  const { hook, counters } = sectionOf(text, tokens, start);
  const field = hook === undefined ? undefined : explainField(hook, word);
  if (field !== undefined) return field;
  if (counters.includes(word)) return `\`${word}\` is a counter: the calls in its window, this one included`;
  return explainConstant(word);
}

/** The words of a hook program by what they are. */
export function hookProgramTokens(
  { source }: EditorDocument,
  within: Pick<SemanticToken, 'start' | 'end'> = { start: 0, end: source.text.length },
): readonly SemanticToken[] {
  const { text } = source;
  const { tokens, comments } = scan(text);
  const found: SemanticToken[] = comments.map(({ start, end }) => ({ start, end, type: 'comment', modifiers: [] }));
  tokens.forEach(({ name, start, end }, at) => {
    const kind = kindOfToken(text, tokens, at);
    if (kind !== undefined) found.push({ start, end, type: kind[0], modifiers: kind.slice(1) as TokenModifier[] });
    else if (scopes.get(name)?.startsWith('keyword.operator') === true) {
      found.push({ start, end, type: 'operator', modifiers: [] });
    }
  });
  const wanted = found.filter(({ start, end }) => start <= within.end && end >= within.start);
  return wanted.sort((left, right) => left.start - right.start);
}

const scopes: ReadonlyMap<TokenName, string | undefined> = new Map(
  tokenTable.map(({ name, scope }) => [name, scope] as const),
);

type Kind = readonly [TokenType, ...TokenModifier[]];

function kindOfToken(text: string, tokens: readonly Token[], at: number): Kind | undefined {
  const { name, start, end } = tokens[at]!;
  if (name === 'Text') return ['string'];
  if (name === 'Integer') return ['number'];
  if (name !== 'Name') return /\w/.test(text[start]!) ? ['keyword'] : undefined;
  const before = tokens[at - 1]?.name;
  if (before === 'Hook') return ['function', 'defaultLibrary'];
  if (before === 'Counter') return ['variable', 'declaration'];
  const word = text.slice(start, end);
  if (/^[A-Z]/.test(word)) return ['enumMember', 'readonly', 'defaultLibrary'];
  const { hook, counters } = sectionOf(text, tokens, start);
  if (hook !== undefined && hookField(hook, word) !== undefined) return ['property', 'defaultLibrary'];
  return counters.includes(word) ? ['variable'] : undefined;
}

/** A symbol for each hook, with its statements. */
export function hookProgramSymbols({ source }: EditorDocument): readonly DocumentSymbol[] {
  const { text, path } = source;
  const { tree } = parseHookProgram(text);
  return tree.sections.map(({ hook, range, statements }) => ({
    name: hook.text === '' ? 'hook' : hook.text,
    detail: '',
    kind: 'section',
    span: { file: path, ...range },
    selection: { file: path, ...hook.range },
    children: statements.map((statement): DocumentSymbol => {
      const span = { file: path, ...statement.range };
      const name = text.slice(span.start, span.end).replace(/\s+/g, ' ');
      return {
        name: name.length > 60 ? `${name.slice(0, 59)}…` : name,
        detail: '',
        kind: 'item',
        span,
        selection: span,
        children: [],
      };
    }),
  }));
}

/** A place of a text, and what it is the name of. */
interface NamedPlace {
  readonly start: number;
  readonly end: number;
  readonly whole: { readonly start: number; readonly end: number };
}

/** The place of a hook's section; undefined where the program has none. */
export function hookSectionIn(text: string, hook: string): NamedPlace | undefined {
  const wanted = hookAlias(hook) ?? hook;
  const section = parseHookProgram(text).tree.sections.find(
    (each) => (hookAlias(each.hook.text) ?? each.hook.text) === wanted,
  );
  return section === undefined ? undefined : { ...section.hook.range, whole: section.range };
}
