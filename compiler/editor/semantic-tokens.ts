import { isHookProgram } from '../hook-programs/file-name.ts';
import type { Description } from '../schema/shape.ts';
import type { ScalarNode } from '../source/tree.ts';
import { groupMembers } from '../tables/syscall-groups.ts';
import { isSyscall } from '../tables/syscalls.ts';
import type { EditorDocument } from './document.ts';
import { hookProgramTokens } from './hook-programs/describe.ts';
import { meaningOf } from './meaning/explain.ts';
import { type NameKind, namesIn } from './names.ts';
import { alternativesOf } from './narrow.ts';
import { expressionTokens } from './semantic-expressions.ts';
import type { SemanticToken, TokenModifier, TokenType } from './semantic-legend.ts';
import { type DescribedKey, walkDescribed } from './walk-described.ts';

const nameTypes: Readonly<Record<NameKind, TokenType>> = {
  policy: 'namespace',
  template: 'class',
  profile: 'interface',
  tier: 'enum',
  team: 'struct',
  model: 'variable',
  object: 'namespace',
};

type Range = Pick<SemanticToken, 'start' | 'end'>;

/**
 * What the words of a document are, as far as the dialect knows: in the order of the text, none over another, none over
 * the end of a line.
 *
 * @param within only tokens that touch this range; default: all
 */
export function semanticTokens(document: EditorDocument, within?: Range): readonly SemanticToken[] {
  if (isHookProgram(document.path)) return hookProgramTokens(document, within);
  const { source, documents } = document;
  const { text } = source;
  const found: SemanticToken[] = [];
  const names = nameTokens(document);
  const known = new Map<Description, ReadonlySet<string>>();

  function add(range: Range, type: TokenType, ...modifiers: readonly TokenModifier[]): void {
    for (const { start, end } of linesOf(text, range)) {
      if (within === undefined || (start <= within.end && end >= within.start)) {
        found.push({ start, end, type, modifiers });
      }
    }
  }

  function key({ entry, description, field }: DescribedKey): void {
    const { span, text: name, style } = entry.key;
    if (style === 'missing') return;
    const own = names.get(span.start);
    if (own !== undefined) add(span, own.type, ...own.modifiers);
    else if (field !== undefined) add(span, 'property');
    else if (description?.kind === 'mapping') {
      add(span, isAmong(name, description.keys, known) ? 'enumMember' : 'variable');
    }
  }

  function scalar(node: ScalarNode, description: Description | undefined): void {
    const { span } = node;
    const own = names.get(span.start);
    const alternatives = alternativesOf(description);
    const language = alternatives.map(meaningOf).find((means) => means === 'cel' || means === 'argument-rule');
    if (language === 'cel' || language === 'argument-rule') {
      for (const each of expressionTokens(source, node, language)) add(each, each.type, ...each.modifiers);
    } else if (own !== undefined) add(span, own.type, ...own.modifiers);
    else if (node.style !== 'literal' && node.style !== 'folded') {
      const token = tokenOf(node, alternatives, known);
      if (token !== undefined) add(span, token.type, ...token.modifiers);
    }
  }

  walkDescribed(document, { key, scalar }, within);
  for (const { comments } of documents) {
    for (const { span } of comments) {
      const written = text.slice(span.start, span.end);
      if (!/^#\s*polc:/.test(written)) continue;
      for (const { 0: code, index } of written.matchAll(/POL\d{4}/g)) {
        add({ start: span.start + index, end: span.start + index + code.length }, 'keyword', 'documentation');
      }
    }
  }
  return inOrder(found);
}

type Token = Pick<SemanticToken, 'type' | 'modifiers'>;

/** The group that is worked out of what a program needs to start. */
const basicStart = '@basic-start';

/** The names that a document gives and speaks of, by where they start. */
function nameTokens(document: EditorDocument): ReadonlyMap<number, Token> {
  const tokens = new Map<number, Token>();
  const { declarations, references } = namesIn(document);
  for (const { kind, span } of references) {
    tokens.set(span.start, { type: kind === 'file' ? 'string' : nameTypes[kind], modifiers: [] });
  }
  for (const { kind, span } of declarations) {
    tokens.set(span.start, { type: nameTypes[kind], modifiers: ['declaration'] });
  }
  return tokens;
}

function tokenOf(
  { text, value }: ScalarNode,
  alternatives: readonly Description[],
  known: Map<Description, ReadonlySet<string>>,
): Token | undefined {
  for (const each of alternatives) {
    switch (meaningOf(each)) {
      case 'syscall':
        if (groupMembers(text) !== undefined || text === basicStart)
          return { type: 'macro', modifiers: ['defaultLibrary'] };
        return isSyscall(text) ? { type: 'function', modifiers: ['defaultLibrary'] } : undefined;
      case 'iam-action':
        return text.includes(':') ? { type: 'method', modifiers: ['defaultLibrary'] } : undefined;
      case 'verdict':
      case 'default-verdict':
        return { type: 'enumMember', modifiers: [] };
      default:
    }
    if (each.kind === 'boolean' && typeof value === 'boolean') return { type: 'keyword', modifiers: [] };
    if (each.kind === 'number' && (typeof value === 'number' || typeof value === 'bigint')) {
      return { type: 'number', modifiers: [] };
    }
    if (each.kind === 'enumeration' && isAmong(text, each, known)) return { type: 'enumMember', modifiers: [] };
    if (each.kind === 'quantity' && new RegExp(`^(?:${each.pattern})$`).test(text)) {
      return { type: 'number', modifiers: [] };
    }
  }
  return alternatives.some(({ kind }) => kind === 'string') && typeof value === 'string'
    ? { type: 'string', modifiers: [] }
    : undefined;
}

function isAmong(text: string, description: Description, known: Map<Description, ReadonlySet<string>>): boolean {
  if (description.kind !== 'enumeration') return false;
  let values = known.get(description);
  if (values === undefined) {
    values = new Set(description.values().map(({ name }) => name));
    known.set(description, values);
  }
  return values.has(text);
}

/** A range line by line, without the blanks around it. A carriage return alone ends a line too, as the protocol has it. */
function linesOf(text: string, { start, end }: Range): readonly Range[] {
  const written = text.slice(start, end);
  if (!/[\r\n]/.test(written)) return start < end ? [{ start, end }] : [];
  return [...written.matchAll(/[^\s](?:[^\r\n]*[^\s])?/g)].map(({ 0: line, index }) => ({
    start: start + index,
    end: start + index + line.length,
  }));
}

function inOrder(tokens: readonly SemanticToken[]): readonly SemanticToken[] {
  const sorted = [...tokens].sort((left, right) => left.start - right.start || left.end - right.end);
  let end = 0;
  return sorted.filter((token) => {
    if (token.start < end) return false;
    end = token.end;
    return true;
  });
}
