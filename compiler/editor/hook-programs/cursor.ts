import { scan, type Token } from '../../../grammars/hook-programs/scan.ts';
import { splitStatements } from '../../../grammars/hook-programs/statements.ts';
import type { TokenName } from '../../../grammars/hook-programs/tokens.ts';
import { hookAlias, hookReturnsVerdict } from '../../tables/lsm-hooks.ts';

/** What stands around a place of a hook program, however broken the program is. */
export interface ProgramCursor {
  /** The word that is begun at the place. */
  readonly start: number;
  readonly end: number;
  /** The hook that is spoken of; undefined in front of the first, and for a name that is none. */
  readonly hook: string | undefined;
  /** The counters of that hook. */
  readonly counters: readonly string[];
  /** The tokens of the statement in front of the word. */
  readonly before: readonly Token[];
}

/** Undefined inside of comments and texts, where no word is looked for. */
export function cursorAt(text: string, offset: number): ProgramCursor | undefined {
  const { tokens, comments } = scan(text);
  const inside = ({ start, end }: { start: number; end: number }) => start < offset && offset < end;
  if (comments.some(({ start, end }) => start < offset && offset <= end)) return undefined;
  if (
    tokens.some((token) => token.name === 'Text' && (inside(token) || (token.end === offset && isOpen(text, token))))
  ) {
    return undefined;
  }
  let start = offset;
  while (start > 0 && /\w/.test(text[start - 1]!)) start -= 1;
  let end = offset;
  while (end < text.length && /\w/.test(text[end]!)) end += 1;
  const front = tokens.filter((token) => token.end <= start);
  const statements = splitStatements(front);
  const section = sectionOf(text, tokens, start);
  return { start, end, ...section, before: statements.at(-1) ?? [] };
}

function isOpen(text: string, { start, end }: Token): boolean {
  return end - start < 2 || text[end - 1] !== '"';
}

/** The hook of the section that a place lies in, with its counters. */
export function sectionOf(
  text: string,
  tokens: readonly Token[],
  place: number,
): { readonly hook: string | undefined; readonly counters: readonly string[] } {
  let hook: string | undefined;
  let counters: string[] = [];
  tokens.forEach(({ name, start, end }, at) => {
    const before = tokens[at - 1]?.name;
    if (name !== 'Name') return;
    const word = text.slice(start, end);
    if (before === 'Hook') {
      if (start > place) return;
      hook = hookAlias(word) ?? (hookReturnsVerdict(word) ? word : undefined);
      counters = [];
    } else if (before === 'Counter' && !hasHookBetween(tokens, place, start)) counters.push(word);
  });
  return { hook, counters };
}

function hasHookBetween(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.some(({ name, start }) => name === 'Hook' && start > from && start < to);
}

/** What can stand behind the tokens of a statement. */
export type Expected =
  | { readonly what: 'statement' | 'hook' | 'error' | 'key' | 'time' | 'counter' | 'verdict' | 'operand' | 'nothing' }
  /** Behind a verdict or a counter. */
  | { readonly what: 'when'; readonly words: readonly string[] }
  /** Behind a value, its name where it is one. */
  | { readonly what: 'operator'; readonly field: string | undefined }
  /** On the other side of what is compared. */
  | { readonly what: 'constant'; readonly field: string | undefined };

export function expectedAt(text: string, before: readonly Token[]): Expected {
  const last = before.at(-1);
  const when = before.findIndex(({ name }) => name === 'When' || name === 'If');
  if (last === undefined) return { what: 'statement' };
  if (when !== -1) return inCondition(text, before, last);
  switch (last.name) {
    case 'Hook':
      return { what: 'hook' };
    case 'Errno':
      return { what: 'error' };
    case 'Counter':
      return { what: 'counter' };
    case 'By':
    case 'Comma':
      return { what: 'key' };
    case 'Per':
      return { what: 'time' };
    case 'Audit':
    case 'Otherwise':
      return { what: 'verdict' };
    default:
      return { what: 'when', words: wordsAfter(before) };
  }
}

function wordsAfter(before: readonly Token[]): readonly string[] {
  const first = before[0]!.name;
  if (first === 'Hook' || first === 'Otherwise') return [];
  if (first !== 'Counter') return ['when'];
  const has = (name: TokenName) => before.some((token) => token.name === name);
  return has('Per') ? ['when'] : has('By') ? ['per'] : ['by', 'per'];
}

const comparing: ReadonlySet<TokenName> = new Set<TokenName>([
  'Equal',
  'NotEqual',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'SingleEqual',
  'In',
  'BitAnd',
  'BitOr',
  'Complement',
  'Comma',
  'OpenList',
  'Between',
]);

function inCondition(text: string, before: readonly Token[], last: Token): Expected {
  const field = comparedField(text, before);
  if (last.name === 'Beneath' || last.name === 'Like') return { what: 'nothing' };
  if (comparing.has(last.name)) return { what: 'constant', field };
  if (last.name === 'Open' && field !== undefined) return { what: 'constant', field };
  if (last.name === 'Name' || last.name === 'Integer' || last.name === 'Text') return { what: 'operator', field };
  return last.name === 'Close' || last.name === 'CloseList'
    ? { what: 'operator', field: undefined }
    : { what: 'operand' };
}

/** The field of the comparison that is being written. */
function comparedField(text: string, before: readonly Token[]): string | undefined {
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const { name, start, end } = before[at]!;
    if (name === 'And' || name === 'Or' || name === 'When' || name === 'Not') return undefined;
    const word = text.slice(start, end);
    if (name === 'Name' && /^[a-z]/.test(word)) return word;
  }
  return undefined;
}
