import type { Span } from '../source/span.ts';

/** A node of the IR as a text, and its spans, which the text leaves out, in their order. */
export interface NodeText {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** A node as a text from which it could be made again: nodes with equal texts differ in where they stand alone. */
export function nodeText(node: object): NodeText {
  const spans: Span[] = [];
  return { text: written(node, spans), spans };
}

/**
 * Whatever keys the IR has or will have, since a key that is passed over would make two policies one. Each value begins
 * with a character that tells its kind and says where it ends.
 */
function written(value: unknown, spans: Span[]): string {
  switch (typeof value) {
    case 'string':
      return `"${value.length}:${value}`;
    case 'number':
      return `#${value};`;
    case 'bigint':
      return `~${value};`;
    case 'boolean':
      return value ? 'y' : 'n';
    case 'undefined':
      return '-';
  }
  if (Array.isArray(value)) {
    let text = `[${value.length}`;
    for (const each of value) text += written(each, spans);
    return text;
  }
  if (!isRecord(value)) throw new Error(`the IR holds a ${typeof value}`);
  let text = '{';
  for (const key in value) {
    const of = value[key];
    if (key === 'span' && isSpan(of)) spans.push(of);
    else text += `${key}:${written(of, spans)}`;
  }
  return `${text}}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSpan(value: unknown): value is Readonly<Record<string, unknown>> & Span {
  return isRecord(value) && typeof value.file === 'string' && typeof value.start === 'number';
}
