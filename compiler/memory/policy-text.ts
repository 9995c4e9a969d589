import type { Policy } from '../ir/policy.ts';
import type { Span } from '../source/span.ts';

/** A part of the IR as a text, and its spans, which the text leaves out, in their order. */
export interface NodeText {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Nodes are immutable, and backends share the decisions of a policy. */
const known = new WeakMap<object, NodeText>();

/**
 * All that a policy says but its name, as a text from which it could be made again: policies with equal texts differ in
 * where they stand alone.
 */
export function policyText({ decisions, limits, obligations, quotas = [] }: Policy): NodeText {
  let text = '';
  const spans: Span[] = [];
  for (const nodes of [decisions, limits, obligations, quotas]) {
    text += `[${nodes.length}`;
    for (const node of nodes) {
      const own = nodeText(node);
      text += own.text;
      for (const span of own.spans) spans.push(span);
    }
  }
  return { text, spans };
}

/** The same for one decision, limit, obligation or quota. */
export function nodeText(node: object): NodeText {
  const before = known.get(node);
  if (before !== undefined) return before;
  const spans: Span[] = [];
  const made = { text: written(node, spans), spans };
  known.set(node, made);
  return made;
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
