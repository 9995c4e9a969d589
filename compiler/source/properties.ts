import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import type { Composition } from './composition.ts';
import type { YamlNode } from './tree.ts';

/** What stands around a node: its indicator, tag and anchor, and where the node may begin. */
export interface Properties {
  /** The indicator that was looked for. */
  readonly found: CST.SourceToken | undefined;
  readonly comma: CST.SourceToken | undefined;
  readonly tag: CST.SourceToken | undefined;
  readonly anchor: CST.SourceToken | undefined;
  readonly newline: boolean;
  /** The last property is followed by a line break. */
  readonly newlineAfterProperty: boolean;
  readonly start: number;
  readonly end: number;
}

export interface Surroundings {
  readonly indicator: 'doc-start' | 'explicit-key-ind' | 'map-value-ind' | 'seq-item-ind';
  readonly flow: boolean;
  /** Offset where the tokens begin. */
  readonly offset: number;
  /** The token behind, if any. */
  readonly next: CST.Token | null | undefined;
  readonly parentIndent: number;
  readonly startsLine: boolean;
}

/** Composes what a collection holds; given to each collection so that the modules need not import each other. */
export interface NodeReader {
  node(token: CST.Token, around: Properties): YamlNode;
  /** A node of which nothing but a tag or an anchor was written. */
  missing(at: number, around: Properties): YamlNode;
}

/** Reads the tokens before a node and reports what may not stand there (YAML 1.2.2, sections 6.1, 6.6 and 6.9). */
export function readProperties(
  tokens: readonly CST.SourceToken[],
  around: Surroundings,
  composition: Composition,
): Properties {
  let found: CST.SourceToken | undefined;
  let comma: CST.SourceToken | undefined;
  let tag: CST.SourceToken | undefined;
  let anchor: CST.SourceToken | undefined;
  let tab: CST.SourceToken | undefined;
  let unspaced: CST.SourceToken | undefined;
  let newline = false;
  let newlineAfterProperty = false;
  let atLineStart = around.startsLine;
  let spaced = around.startsLine;
  let start = -1;
  for (const token of tokens) {
    const { type } = token;
    const blank = type === 'space' || type === 'newline';
    if (unspaced !== undefined) {
      if (!blank && type !== 'comma') reportUnspaced(unspaced, composition);
      unspaced = undefined;
    }
    if (tab !== undefined) {
      if (atLineStart && type !== 'comment' && type !== 'newline') reportTab(tab, composition);
      tab = undefined;
    }
    switch (type) {
      case 'space':
        if (
          !around.flow &&
          (around.indicator !== 'doc-start' || around.next?.type !== 'flow-collection') &&
          token.source.includes('\t')
        )
          tab = token;
        spaced = true;
        break;
      case 'comment':
        // Behind a value in braces the line break that ends its line is of no list of tokens.
        if (!spaced && composition.text[token.offset - 1] !== '\n') reportGluedComment(token, composition);
        atLineStart = false;
        break;
      case 'newline':
        atLineStart = true;
        newline = true;
        spaced = true;
        if (anchor !== undefined || tag !== undefined) newlineAfterProperty = true;
        break;
      case 'anchor':
      case 'tag':
        if ((type === 'tag' ? tag : anchor) !== undefined) composition.unexpected(token);
        else if (token.source.length === 1 && type === 'anchor') composition.unexpected(token);
        if (type === 'tag') tag = token;
        else anchor = token;
        if (start === -1) start = token.offset;
        atLineStart = false;
        spaced = false;
        unspaced = token;
        break;
      case 'comma':
        if (!around.flow) composition.unexpected(token);
        else if (comma !== undefined) reportEmptyItem(token, composition);
        comma = token;
        atLineStart = false;
        spaced = false;
        break;
      default:
        if (type !== around.indicator || found !== undefined || anchor !== undefined || tag !== undefined) {
          composition.unexpected(token);
        }
        if (type === around.indicator) found = token;
        atLineStart = type === 'seq-item-ind' || type === 'explicit-key-ind';
        spaced = false;
    }
  }
  const last = tokens[tokens.length - 1];
  const end = last === undefined ? around.offset : last.offset + last.source.length;
  const { next } = around;
  if (unspaced !== undefined && next != null && !isBlankOrEmpty(next)) reportUnspaced(unspaced, composition);
  if (
    tab !== undefined &&
    ((atLineStart && tab.indent <= around.parentIndent) || next?.type === 'block-map' || next?.type === 'block-seq')
  ) {
    reportTab(tab, composition);
  }
  return { found, comma, tag, anchor, newline, newlineAfterProperty, start: start === -1 ? end : start, end };
}

function isBlankOrEmpty(token: CST.Token): boolean {
  return (
    token.type === 'space' ||
    token.type === 'newline' ||
    token.type === 'comma' ||
    (token.type === 'scalar' && token.source === '')
  );
}

/** Reports what stands behind a value and is neither white space nor a comment. */
export function checkEnd(
  tokens: readonly CST.SourceToken[] | undefined,
  needsSpace: boolean,
  composition: Composition,
): void {
  if (tokens === undefined) return;
  let spaced = !needsSpace;
  for (const token of tokens) {
    if (token.type === 'space' || token.type === 'newline') spaced = true;
    else if (token.type !== 'comment') composition.unexpected(token);
    else if (!spaced) reportGluedComment(token, composition);
  }
}

export function reportGluedComment(token: CST.SourceToken, composition: Composition): void {
  if (!composition.isFirst(token.offset)) return;
  composition.structural = report(
    'POL1023',
    composition.span(token.offset, token.offset + 1),
    {},
    {
      fixes: [
        {
          title: 'Insert a space before `#`',
          edits: [{ span: composition.span(token.offset, token.offset), newText: ' ' }],
          certain: true,
        },
      ],
    },
  );
}

export function reportEmptyItem(comma: CST.SourceToken, composition: Composition): void {
  if (composition.isFirst(comma.offset)) {
    composition.structural = report('POL1017', composition.span(comma.offset, comma.offset + 1), {});
  }
}

function reportUnspaced(token: CST.SourceToken, composition: Composition): void {
  if (!composition.isFirst(token.offset)) return;
  composition.structural = report('POL1026', composition.span(token.offset, token.offset + token.source.length), {
    text: token.source,
  });
}

function reportTab(token: CST.SourceToken, composition: Composition): void {
  const at = token.offset + token.source.indexOf('\t');
  if (composition.isFirst(at)) composition.structural = report('POL1010', composition.span(at, at + 1), {});
}
