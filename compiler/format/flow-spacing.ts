import type { CST } from 'yaml';
import type { Planner } from './plan.ts';

/** Spaces and indents one flow collection: `[a, b]`, `{ a: 1 }`. `column` is that of the line's own collection. */
export function spaceFlow(collection: CST.FlowCollection, column: number, layout: Planner): void {
  const tokens: CST.Token[] = [];
  flatten(collection, tokens);
  let depth = 0;
  let left: CST.Token | undefined;
  let space: CST.SourceToken | undefined;
  for (const token of tokens) {
    if (token.type === 'space') {
      space = token;
      continue;
    }
    const closes = token.type === 'flow-map-end' || token.type === 'flow-seq-end';
    if (closes) depth -= 1;
    if (left?.type === 'newline') {
      if (token.type !== 'newline')
        layout.lineStart(token.offset, { indent: column + 2 * depth, kind: 'content', strip: 0 });
    } else if (left !== undefined && token.type !== 'newline' && token.type !== 'comment') {
      const gap = gapBetween(left, token);
      if (space !== undefined) layout.space(space, gap);
      else if (gap !== '') layout.insert(token.offset, gap);
    }
    if (token.type === 'flow-map-start' || token.type === 'flow-seq-start') depth += 1;
    if ('source' in token && typeof token.source === 'string' && isScalar(token)) {
      layout.continuation(token.offset, token.source, column + 2 * Math.max(depth, 1) + 2);
    }
    left = token;
    space = undefined;
  }
}

function isScalar(token: CST.Token): boolean {
  return token.type === 'scalar' || token.type === 'single-quoted-scalar' || token.type === 'double-quoted-scalar';
}

function gapBetween(left: CST.Token, right: CST.Token): '' | ' ' {
  if (right.type === 'comma' || right.type === 'map-value-ind') return '';
  if (left.type === 'comma' || left.type === 'map-value-ind') return right.type === 'flow-seq-end' ? '' : ' ';
  if (left.type === 'flow-seq-start' || right.type === 'flow-seq-end') return '';
  if (left.type === 'flow-map-start' && right.type === 'flow-map-end') return '';
  return ' ';
}

/** The collection's tokens in the order of the source. */
function flatten(token: CST.Token, into: CST.Token[]): void {
  if (token.type === 'flow-collection') {
    into.push(token.start);
    for (const { start, key, sep, value } of token.items) {
      into.push(...start);
      if (key != null) flatten(key, into);
      if (sep !== undefined) into.push(...sep);
      if (value !== undefined) flatten(value, into);
    }
    // What stands behind the closing bracket of the outermost collection belongs to its line, not to it.
    into.push(...token.end);
    return;
  }
  into.push(token);
  if ('end' in token && Array.isArray(token.end)) into.push(...token.end);
}
