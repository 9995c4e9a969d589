import { parseArgumentRule } from '../../grammars/argument-rules/parse.ts';
import type { Expression as RuleExpression } from '../../grammars/argument-rules/tree.ts';
import { parseExpression } from '../../grammars/cel/parse.ts';
import { partsOf } from '../../grammars/cel/parts.ts';
import type { Expression } from '../../grammars/cel/syntax-tree.ts';
import { scalarMap } from '../source/scalar-map.ts';
import type { Span } from '../source/span.ts';
import type { YamlNode } from '../source/tree.ts';
import type { EditorDocument } from './document.ts';
import { type Embedded, languageOf } from './expressions/embedded.ts';
import { locate } from './locate.ts';

/** A half-open range of offsets. */
type Range = Pick<Span, 'start' | 'end'>;

/** Expressions that lie deeper are not gone into. */
const deepest = 200;

/**
 * What is around a cursor, from the whole text to the smallest: documents, sections, entries, values, within expressions
 * their parts, and words. Each lies inside the one before and is not the same.
 */
export function selectionsAt(document: EditorDocument, offset: number): readonly Range[] {
  const { source, documents } = document;
  const ranges: Range[] = [{ start: 0, end: source.text.length }];
  const isAround = ({ start, end }: Range) => start <= offset && offset <= end;

  function add(range: Range): void {
    const last = ranges.at(-1)!;
    const isInside = last.start <= range.start && range.end <= last.end;
    if (!isInside || !isAround(range) || range.start === range.end) return;
    if (last.start !== range.start || last.end !== range.end) ranges.push({ start: range.start, end: range.end });
  }

  function visit(node: YamlNode): void {
    if (!isAround(node.span)) return;
    add(node.span);
    if (node.kind === 'scalar') return;
    if (node.kind === 'sequence') {
      const item = node.items.find(({ span }) => isAround(span));
      if (item !== undefined) visit(item);
      return;
    }
    // At the end of one entry and the start of the next, the next is meant.
    const entry = node.entries.findLast(({ span }) => isAround(span));
    if (entry === undefined) return;
    add(entry.span);
    if (isAround(entry.key.span)) add(entry.key.span);
    else visit(entry.value);
  }

  for (const { root } of documents) if (root !== undefined) visit(root);
  const place = locate(document, offset);
  const { scalar } = place;
  if (place.at === 'comment') add(place.span);
  else if (scalar !== undefined && isAround(scalar.span) && scalar.style !== 'missing') {
    const map = scalarMap(source, scalar);
    const { length } = scalar.text;
    if (length > 0) add(map.span(0, length));
    const language = languageOf(place);
    if (language !== undefined) {
      for (const each of expressionsIn(scalar.text, language)) add(map.span(each.start, each.end));
    }
  }
  add(wordAt(source.text, offset));
  return ranges;
}

/** The ranges of an expression's parts, each before those in it. */
function expressionsIn(text: string, language: Embedded['language']): readonly Range[] {
  const found: Range[] = [];
  function rule(each: RuleExpression, depth: number): void {
    found.push(each.range);
    if (depth > deepest) return;
    switch (each.kind) {
      case 'bits':
      case 'logic':
        for (const operand of each.of) rule(operand, depth + 1);
        break;
      case 'negative':
      case 'complement':
      case 'not':
      case 'group':
        rule(each.of, depth + 1);
        break;
      case 'comparison':
        rule(each.left, depth + 1);
        rule(each.right, depth + 1);
        break;
      case 'membership':
        rule(each.of, depth + 1);
        for (const { low, high, range } of each.items) {
          found.push(range);
          rule(low, depth + 1);
          if (high !== undefined) rule(high, depth + 1);
        }
        break;
      default:
    }
  }
  function cel(each: Expression, depth: number): void {
    found.push(each.range);
    if (depth <= deepest) for (const part of partsOf(each)) cel(part, depth + 1);
  }
  if (language === 'cel') cel(parseExpression(text).tree, 0);
  else rule(parseArgumentRule(text).tree, 0);
  return found;
}

/** The word that an offset is in or at an end of. */
function wordAt(text: string, offset: number): Range {
  let start = offset;
  let end = offset;
  while (start > 0 && /[\w]/.test(text[start - 1]!)) start -= 1;
  while (end < text.length && /[\w]/.test(text[end]!)) end += 1;
  return { start, end };
}
