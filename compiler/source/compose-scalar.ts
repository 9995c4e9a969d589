import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import { type Composition, firstLine, shortened } from './composition.ts';
import { coreValue } from './core-schema.ts';
import { checkEnd, reportGluedComment } from './properties.ts';
import { blockHeader, decodeScalar, type ScalarSink } from './scalar-decode.ts';
import type { ScalarNode, ScalarStyle } from './tree.ts';

export function composeFlowScalar(token: CST.FlowScalar, composition: Composition): ScalarNode {
  const { offset, source } = token;
  const end = offset + source.length;
  checkEnd(token.end, true, composition);
  switch (token.type) {
    case 'single-quoted-scalar':
      return quoted(token, 'single', "'", composition);
    case 'double-quoted-scalar':
      return quoted(token, 'double', '"', composition);
    default: {
      checkPlainStart(token, composition);
      const text = source.includes('\n') ? decoded(composition, 'plain', offset, end, 0) : source;
      return { kind: 'scalar', span: composition.span(offset, end), value: coreValue(text), text, style: 'plain' };
    }
  }
}

function quoted(
  token: CST.FlowScalar,
  style: 'single' | 'double',
  quote: string,
  composition: Composition,
): ScalarNode {
  const { offset, source } = token;
  const end = offset + source.length;
  const simple =
    !source.includes('\n') &&
    (style === 'double' ? !source.includes('\\') : source.indexOf("'", 1) === source.length - 1);
  const closed = source.length > 1 && source.endsWith(quote);
  if (!closed && composition.isFirst(offset)) {
    const line = firstLine(source);
    composition.structural = report('POL1014', composition.span(offset, offset + line.length), {
      quote: style,
      mark: quote,
    });
  }
  const text = simple && closed ? source.slice(1, -1) : decoded(composition, style, offset, end, 0);
  return { kind: 'scalar', span: composition.span(offset, end), value: text, text, style };
}

function checkPlainStart(token: CST.FlowScalar, composition: Composition): void {
  const character = token.source[0];
  if (character === undefined || !'@`%,|>\t'.includes(character) || !composition.isFirst(token.offset)) return;
  const line = firstLine(token.source);
  const span = composition.span(token.offset, token.offset + line.length);
  const quotedText = `'${line.replaceAll("'", "''")}'`;
  composition.structural = report(
    'POL1019',
    span,
    { character: character === '`' ? '` ' : character, quoted: shortened(quotedText) },
    { fixes: [{ title: 'Quote the value', edits: [{ span, newText: quotedText }], certain: false }] },
  );
}

export function composeBlockScalar(token: CST.BlockScalar, atRoot: boolean, composition: Composition): ScalarNode {
  const { text } = composition;
  const start = token.offset;
  const style = text[start] === '>' ? 'folded' : 'literal';
  let content = start;
  for (const part of token.props) {
    if ('source' in part && typeof part.source === 'string') content = part.offset + part.source.length;
  }
  checkHeader(token, content, composition);
  const header = blockHeader(text, start, content);
  const sourceEnd = content + token.source.length;
  let indent = header.indent === 0 ? 0 : Math.max(token.indent, 0) + header.indent;
  let contentEnd = content;
  let longestBlank = 0;
  let seen = false;
  for (let at = content; at < sourceEnd; ) {
    const newline = text.indexOf('\n', at);
    const next = newline === -1 || newline >= sourceEnd ? sourceEnd : newline + 1;
    let first = at;
    while (first < next && text[first] === ' ') first += 1;
    const columns = first - at;
    const empty = first === next || text[first] === '\n' || (text[first] === '\r' && text[first + 1] === '\n');
    if (!empty && !seen) {
      seen = true;
      if (header.indent === 0) indent = columns;
      if ((header.indent === 0 && longestBlank > indent) || (indent === 0 && !atRoot)) {
        reportBlockIndent(first, longestBlank, Math.max(indent, 1), composition);
      }
    }
    if (!empty && columns < indent) reportBlockIndent(at, columns, indent, composition);
    if (!empty || (seen && columns > indent)) contentEnd = next;
    else if (!seen) longestBlank = Math.max(longestBlank, columns);
    at = next;
  }
  if (!seen) indent = Number.MAX_SAFE_INTEGER;
  const end = header.chomp === '+' ? sourceEnd : header.chomp === '-' ? withoutBreak(text, contentEnd) : contentEnd;
  const value = decoded(composition, style, start, end, indent);
  return { kind: 'scalar', span: composition.span(start, end), value, text: value, style, indent };
}

function withoutBreak(text: string, end: number): number {
  if (text[end - 1] !== '\n') return end;
  return text[end - 2] === '\r' ? end - 2 : end - 1;
}

function reportBlockIndent(at: number, found: number, expected: number, composition: Composition): void {
  if (composition.isFirst(at)) {
    composition.structural = report('POL1025', composition.span(at, at + 1), { found, expected });
  }
}

/** What stands on the line of `|` or `>`, which ends at `content`. */
function checkHeader(token: CST.BlockScalar, content: number, composition: Composition): void {
  let spaced = false;
  for (const [index, part] of token.props.entries()) {
    if (index === 0 && part.type === 'block-scalar-header') {
      if (!/^[|>](?:[-+]?[1-9]?|[1-9][-+])$/.test(part.source)) reportHeader(part.offset + 1, part, composition);
    } else if (part.type === 'space') {
      spaced = true;
    } else if (part.type === 'comment') {
      if (!spaced) reportGluedComment(part, composition);
    } else if (part.type !== 'newline') {
      reportHeader(part.offset, part, composition);
    }
  }
  // The lexer takes `---` and `...` behind a header for a document's end, though no line starts there (YAML 1.2.2, 9.1.2).
  const { text } = composition;
  if (content < text.length && text[content - 1] !== '\n' && composition.isFirst(content))
    reportHeaderText(content, firstLine(text.slice(content, content + 80)), text[token.offset]!, composition);
}

function reportHeader(at: number, part: CST.Token, composition: Composition): void {
  if (!composition.isFirst(at)) return;
  const source = 'source' in part && typeof part.source === 'string' ? part.source : '';
  reportHeaderText(at, firstLine(source.slice(at - part.offset)), composition.text[part.offset]!, composition);
}

function reportHeaderText(at: number, text: string, header: string, composition: Composition): void {
  composition.structural = report('POL1024', composition.span(at, at + Math.max(text.length, 1)), {
    text: shortened(text),
    indicator: header === '>' ? '>' : '|',
  });
}

function decoded(composition: Composition, style: ScalarStyle, start: number, end: number, indent: number): string {
  const sink = new DecodedText(composition);
  decodeScalar(composition.text, style, start, end, indent, sink);
  return sink.result;
}

class DecodedText implements ScalarSink {
  readonly #composition: Composition;
  result = '';

  constructor(composition: Composition) {
    this.#composition = composition;
  }

  verbatim(from: number, to: number): void {
    this.result += this.#composition.text.slice(from, to);
  }

  replaced(text: string): void {
    this.result += text;
  }

  invalidEscape(from: number, to: number): void {
    const span = this.#composition.span(from, to);
    const newText = `\\${this.#composition.text.slice(from, to)}`;
    this.#composition.detail(
      report(
        'POL1020',
        span,
        { escape: this.#composition.text.slice(from, to) },
        { fixes: [{ title: 'Double the backslash', edits: [{ span, newText }], certain: false }] },
      ),
    );
  }
}
