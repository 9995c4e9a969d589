import type { CST } from 'yaml';
import type { Span } from '../source/span.ts';
import { readTokens } from '../source/tokens.ts';
import type { EditorDocument } from './document.ts';

/** A value that YAML's aliases repeat: `&name` where it is written, `*name` where it is meant again. */
export interface Anchor {
  readonly name: string;
  /** The name under the cursor; spans are those of names, without `&` and `*`. */
  readonly here: Span;
  readonly declared: Span;
  readonly aliases: readonly Span[];
  /** Every other anchor's name of the file. */
  readonly others: ReadonlySet<string>;
}

interface Mark {
  readonly kind: 'anchor' | 'alias';
  readonly name: string;
  readonly span: Span;
}

/** The anchor that a cursor is at, or at an alias of; undefined anywhere else, and at an alias of nothing. */
export function anchorAt({ source, path }: EditorDocument, offset: number): Anchor | undefined {
  const { text } = source;
  // Nearly every policy has none.
  const newline = text.indexOf('\n', offset);
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, newline === -1 ? text.length : newline);
  if (!/[&*]/.test(line)) return undefined;
  for (const { start, value } of readTokens(text, path, 0, text.length).documents) {
    const marks: Mark[] = [];
    collect(start, marks, path);
    visit(value, marks, path);
    marks.sort((left, right) => left.span.start - right.span.start);
    const here = marks.findIndex(({ span }) => span.start - 1 <= offset && offset <= span.end);
    if (here === -1) continue;
    const { name, span } = marks[here]!;
    const first = marks.findLastIndex((each, at) => at <= here && each.kind === 'anchor' && each.name === name);
    if (first === -1) return undefined;
    // The same name may be given again; aliases mean the last one above them.
    const next = marks.findIndex((each, at) => at > first && each.kind === 'anchor' && each.name === name);
    const aliases = marks.filter(
      (each, at) => at > first && (next === -1 || at < next) && each.kind === 'alias' && each.name === name,
    );
    return {
      name,
      here: span,
      declared: marks[first]!.span,
      aliases: aliases.map((each) => each.span),
      others: new Set(marks.filter((each) => each.name !== name).map((each) => each.name)),
    };
  }
  return undefined;
}

function visit(token: CST.Token | null | undefined, marks: Mark[], file: string): void {
  switch (token?.type) {
    case 'alias':
      marks.push(markOf('alias', token.source, token.offset, file));
      break;
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      for (const { start, key, sep, value } of token.items) {
        collect(start, marks, file);
        visit(key, marks, file);
        collect(sep ?? [], marks, file);
        visit(value, marks, file);
      }
      break;
    default:
  }
}

function collect(tokens: readonly CST.SourceToken[], marks: Mark[], file: string): void {
  for (const { type, source, offset } of tokens) {
    if (type === 'anchor') marks.push(markOf('anchor', source, offset, file));
  }
}

function markOf(kind: Mark['kind'], source: string, offset: number, file: string): Mark {
  return { kind, name: source.slice(1), span: { file, start: offset + 1, end: offset + source.length } };
}
