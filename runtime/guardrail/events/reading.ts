import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import { shorten } from '../../../compiler/schema/scalars.ts';
import type { Span } from '../../../compiler/source/span.ts';
import type { CostEvent, EventDate } from '../cost-event.ts';
import type { JsonNode, JsonObject, JsonText } from './json.ts';

/** What reading a file of events has given so far. One per file. */
export interface Reading {
  readonly events: CostEvent[];
  readonly diagnostics: Diagnostic[];
}

/** What the wrapping says of the message in it: of the innermost that says it. */
export interface Envelope {
  /** The message's own id. */
  readonly id?: string;
  /** When the message was sent. */
  readonly dated?: EventDate;
}

/** A value with its place. */
export interface Found<T> {
  readonly value: T;
  readonly span: Span;
}

/**
 * UTF-16 code units of an event's id, subject or period: names of budgets have at most 100, ids some forty. Each policy
 * has records with them, so that what is longer could fill the memory with one event.
 */
const longestName = 512;
/** Each is evaluated by itself against each policy. AWS names ten or fewer. */
const mostCauses = 1000;

/** Takes an event that was read, unless a part of it is larger than any that AWS sends. */
export function addEvent(event: CostEvent, reading: Reading): void {
  const refuseAt = (place: string, noun: string, found: string, expected: string) => {
    const span = event.places.get(place) ?? event.places.get('source') ?? { file: '', start: 0, end: 0 };
    reading.diagnostics.push(report('POL2044', span, { noun, found, expected }));
  };
  for (const [name, noun] of [
    ['id', 'the id'],
    ['subject', 'the name of the budget or anomaly'],
    ['period', 'the period'],
  ] as const) {
    const { length } = event[name];
    if (length <= longestName) continue;
    refuseAt(name, noun, `${length} characters`, `at most ${longestName}`);
    return;
  }
  const { length } = event.causes;
  if (length > mostCauses) refuseAt('source', 'the list of root causes', `${length} of them`, `at most ${mostCauses}`);
  else reading.events.push(event);
}

/** A field that is there and not `null`. */
export function fieldOf(object: JsonObject, name: string): JsonNode | undefined {
  const node = object.fields.get(name);
  return node?.kind === 'constant' && node.value === null ? undefined : node;
}

/** A field whose value is a text; undefined where it is absent or anything else. */
export function textOf(object: JsonObject, name: string): JsonText | undefined {
  const node = fieldOf(object, name);
  return node?.kind === 'text' ? node : undefined;
}

/** A text that must be there, and not empty. */
export function requiredText(object: JsonObject, name: string, noun: string, reading: Reading): JsonText | undefined {
  const node = fieldOf(object, name);
  if (node === undefined) return missing(object.span, noun, name, reading);
  if (node.kind === 'text' && node.text.trim() !== '') return node;
  return refuse(node, noun, 'a text', reading);
}

/** A text that may be absent or empty; anything but a text is refused. */
export function optionalText(object: JsonObject, name: string, noun: string, reading: Reading): JsonText | undefined {
  const node = fieldOf(object, name);
  if (node === undefined || (node.kind === 'text' && node.text === '')) return undefined;
  return node.kind === 'text' ? node : refuse(node, noun, 'a text', reading);
}

export function optionalList(object: JsonObject, name: string, noun: string, reading: Reading): readonly JsonNode[] {
  const node = fieldOf(object, name);
  if (node === undefined) return [];
  if (node.kind === 'list') return node.items;
  refuse(node, noun, 'a list', reading);
  return [];
}

export function requiredObject(
  object: JsonObject,
  name: string,
  noun: string,
  reading: Reading,
): JsonObject | undefined {
  const node = fieldOf(object, name);
  if (node === undefined) return missing(object.span, noun, name, reading);
  return node.kind === 'object' ? node : refuse(node, noun, 'an object', reading);
}

/** US dollars as a JSON number: finite and not negative. */
export function requiredAmount(object: JsonObject, name: string, reading: Reading): Found<number> | undefined {
  const node = fieldOf(object, name);
  if (node === undefined) return missing(object.span, 'amount', name, reading);
  if (node.kind !== 'number' || !Number.isFinite(node.value)) {
    return refuse(node, 'the amount', 'a number of US dollars', reading);
  }
  if (node.value < 0) {
    reading.diagnostics.push(report('POL2047', node.span, { amount: node.text }));
    return undefined;
  }
  return { value: node.value, span: node.span };
}

/** An account that must be there: a text of 12 digits. */
export function requiredAccount(object: JsonObject, name: string, reading: Reading): Found<string> | undefined {
  const node = fieldOf(object, name);
  if (node === undefined) return missing(object.span, 'account', name, reading);
  return node.kind === 'text' && isAccount(node.text)
    ? { value: node.text, span: node.span }
    : refuse(node, 'the account', '12 digits in quotes', reading);
}

export function isAccount(text: string): boolean {
  return /^[0-9]{12}$/.test(text);
}

export function missing(span: Span, noun: string, name: string, reading: Reading): undefined {
  const start = { ...span, end: Math.min(span.end, span.start + 1) };
  reading.diagnostics.push(report('POL2043', start, { noun, name }));
  return undefined;
}

export function refuse(node: JsonNode, noun: string, expected: string, reading: Reading): undefined {
  reading.diagnostics.push(report('POL2044', node.span, { noun, found: described(node), expected }));
  return undefined;
}

function described(node: JsonNode): string {
  switch (node.kind) {
    case 'text':
      return `the text \`${shorten(node.text)}\``;
    case 'number':
      return `the number \`${shorten(node.text)}\``;
    case 'constant':
      return `\`${node.value}\``;
    case 'object':
      return 'an object';
    case 'list':
      return 'a list';
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}
