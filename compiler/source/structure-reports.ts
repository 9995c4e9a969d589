import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import { type Composition, firstLine, shortened } from './composition.ts';

/** True where a key that should end on its line does not. */
export function spansLines(key: CST.Token): boolean {
  switch (key.type) {
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
    case 'alias':
      return key.source.includes('\n') || (key.end?.some(({ type }) => type === 'newline') ?? false);
    default:
      return false;
  }
}

function writtenLine(token: CST.Token | undefined): string {
  return token !== undefined && 'source' in token && typeof token.source === 'string' ? firstLine(token.source) : '';
}

/** A key or item at another column than its neighbours. */
export function reportIndent(
  token: CST.Token | null | undefined,
  found: number,
  expected: number,
  what: 'keys' | 'items',
  composition: Composition,
): void {
  if (token === null || token === undefined || !composition.isFirst(token.offset)) return;
  const line = firstLine(composition.text.slice(token.offset, lineEnd(composition.text, token.offset)));
  const text = writtenLine(token) || line;
  composition.structural = report('POL1013', composition.span(token.offset, token.offset + Math.max(text.length, 1)), {
    text: shortened(text),
    found,
    expected,
    what,
  });
}

/** A line that is no `key: value`, be it alone or read together with the line below it. */
export function reportMissingColon(key: CST.Token, composition: Composition): void {
  if (!composition.isFirst(key.offset)) return;
  const text = writtenLine(key);
  // A line below that is indented too far was read as part of this text; its indentation is the mistake.
  const { structural } = composition;
  const keyEnd = 'source' in key && typeof key.source === 'string' ? key.offset + key.source.length : key.offset;
  if (structural?.code === 'POL1013' && structural.span.start < keyEnd) return;
  const space = text.search(/[ \t]/);
  const at = key.offset + (space === -1 ? text.length : space);
  const suggestion = space === -1 ? `${text}:` : `${text.slice(0, space)}:${text.slice(space)}`;
  const span = composition.span(key.offset, key.offset + Math.max(text.length, 1));
  composition.structural = report(
    'POL1011',
    span,
    { key: shortened(space === -1 ? text : text.slice(0, space)), suggestion: shortened(suggestion) },
    { fixes: [{ title: 'Insert `:`', edits: [{ span: composition.span(at, at), newText: ':' }], certain: false }] },
  );
}

/** A `:` without a key before it. */
export function reportNoKey(at: number, composition: Composition): void {
  if (composition.isFirst(at)) composition.structural = report('POL1032', composition.span(at, at + 1), {});
}

/**
 * A mapping that starts on the line of its key: either a second colon on that line, or a line below that is
 * indented as if it continued the value.
 */
export function reportNested(map: CST.BlockMap, composition: Composition): void {
  const first = map.items[0];
  const key = first?.key;
  if (key === null || key === undefined || !('source' in key) || typeof key.source !== 'string') {
    if (composition.isFirst(map.offset)) reportNoKey(map.offset, composition);
    return;
  }
  const newline = key.source.lastIndexOf('\n');
  const at = newline === -1 ? key.offset : key.offset + newline + 1;
  if (!composition.isFirst(at)) return;
  const line = composition.text.slice(at, key.offset + key.source.length);
  const text = line.trimStart();
  const start = at + line.length - text.length;
  const span = composition.span(start, start + text.length);
  if (newline === -1) {
    composition.structural = report('POL1012', span, { key: shortened(text) });
    return;
  }
  const lineBefore = composition.text.lastIndexOf('\n', key.offset - 1) + 1;
  const expected = composition.text.slice(lineBefore).search(/[^ ]/);
  composition.structural = report('POL1013', span, {
    text: shortened(text),
    found: start - at,
    expected,
    what: 'keys',
  });
}

/** A line of a sequence that starts without `- `. */
export function reportMissingDash(token: CST.Token | undefined, otherwise: number, composition: Composition): void {
  const at = token?.offset ?? otherwise;
  if (!composition.isFirst(at)) return;
  const text = firstLine(composition.text.slice(at, lineEnd(composition.text, at)));
  composition.structural = report('POL1022', composition.span(at, at + Math.max(text.length, 1)), {
    text: shortened(text),
  });
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline;
}

/** A bracket or brace without its counterpart. */
export function reportUnclosed(token: CST.FlowCollection, composition: Composition): void {
  const { structural } = composition;
  if (!composition.isFirst(token.offset)) return;
  // An unclosed quote inside, or an unclosed bracket that the wrong one closes, has swallowed this one's end.
  const inner = structural !== undefined && structural.span.start > token.offset ? structural : undefined;
  if (inner?.code === 'POL1014' || (inner?.code === 'POL1015' && inner.related.length > 0)) return;
  const open = token.start.source;
  const close = open === '{' ? '}' : ']';
  const closing = token.end[0];
  const related =
    closing?.source.length === 1
      ? [{ span: composition.span(closing.offset, closing.offset + 1), label: `\`${close}\` was expected here` }]
      : [];
  composition.structural = report(
    'POL1015',
    composition.span(token.offset, token.offset + 1),
    { open, close },
    { related },
  );
}
