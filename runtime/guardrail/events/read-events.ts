import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import type { Span } from '../../../compiler/source/span.ts';
import { sha256 } from '../../sha256.ts';
import type { CostEvent } from '../cost-event.ts';
import { isAnomaly, readAnomaly } from './anomaly.ts';
import { isBudgetNotice, readBudgetNotice } from './budget-notice.ts';
import { readDate } from './event-date.ts';
import { type JsonNode, type JsonObject, type PlacedText, placeIn, readJson } from './json.ts';
import { inventedBudget, isNormalised, readNormalised } from './normalised.ts';
import { type Envelope, fieldOf, type Reading, requiredObject, requiredText, textOf } from './reading.ts';

/** UTF-8 bytes. SNS and SQS carry at most 1 MiB, EventBridge less. */
export const eventLimit = 1024 * 1024;

/** An envelope inside an envelope, at most: EventBridge in SNS in SQS in a list of them. */
const mostEnvelopes = 6;

/**
 * Reads cost events: notifications of AWS Budgets (prose) and of Cost Anomaly Detection as SNS, SQS, EventBridge and
 * Lambda deliver them, the bare message, the normalised form of seed 003; one, a JSON list of them, or one on each line.
 * Never throws. Every event that can be read is given, beside a diagnostic for every one that cannot.
 *
 * @param path what the spans call the text: a file's path, or `-` for standard input
 */
export function readEvents(
  text: string,
  path: string,
): { readonly events: readonly CostEvent[]; readonly diagnostics: readonly Diagnostic[] } {
  const reading: Reading = { events: [], diagnostics: [] };
  const bytes = text.length > eventLimit ? text.length : new TextEncoder().encode(text).length;
  if (bytes > eventLimit) {
    const span = { file: path, start: 0, end: 0 };
    reading.diagnostics.push(report('POL2049', span, { size: bytes, limit: eventLimit }));
    return reading;
  }
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  const shift = text.length - content.length;
  readMessage({ text: content, file: path, locate: (offset) => offset + shift }, {}, 0, reading);
  if (reading.events.length === 0 && reading.diagnostics.length === 0) {
    reading.diagnostics.push(report('POL2050', { file: path, start: 0, end: text.length }, {}));
  }
  return reading;
}

function readMessage(message: PlacedText, envelope: Envelope, depth: number, reading: Reading): undefined {
  const { text } = message;
  if (isBudgetNotice(text)) {
    readBudgetNotice(message, envelope.id ?? digestOf(text), reading);
    return;
  }
  const { values, problem } = readJson(message);
  for (const value of values) readValue(value, envelope, depth, reading);
  if (problem === undefined) return;
  const looksLikeJson = /^[[{"]/.test(text.trimStart());
  reading.diagnostics.push(
    looksLikeJson || values.length > 0
      ? report('POL2040', problem.span, { why: problem.why })
      : report('POL2041', wholeOf(message), { why: 'it is neither JSON nor a notification of AWS Budgets' }),
  );
}

function readValue(node: JsonNode, envelope: Envelope, depth: number, reading: Reading): undefined {
  if (depth > mostEnvelopes) return unknown(node.span, 'it is wrapped too many times', reading);
  switch (node.kind) {
    case 'list':
      for (const item of node.items) readValue(item, envelope, depth + 1, reading);
      return;
    case 'text':
      return readMessage(node, envelope, depth + 1, reading);
    case 'object':
      return readObject(node, envelope, depth, reading);
    default:
      return unknown(node.span, `\`${node.kind === 'number' ? node.text : node.value}\` is no object`, reading);
  }
}

function readObject(object: JsonObject, envelope: Envelope, depth: number, reading: Reading): undefined {
  const { fields } = object;
  // Of AWS Lambda, and of `aws sqs receive-message`.
  const records = fields.get('Records') ?? fields.get('Messages');
  if (records?.kind === 'list') return readValue(records, envelope, depth + 1, reading);
  const sns = fields.get('Sns');
  if (sns?.kind === 'object') return readObject(sns, envelope, depth + 1, reading);
  const body = fields.get('body') ?? fields.get('Body');
  if (body?.kind === 'text') {
    const id = textOf(object, 'messageId') ?? textOf(object, 'MessageId');
    return readMessage(body, within(envelope, id?.text, undefined), depth + 1, reading);
  }
  if (fields.has('Message')) return readNotification(object, envelope, depth, reading);
  if (fields.has('detail-type')) return readBridgeEvent(object, envelope, reading);
  if (isNormalised(object)) return readNormalised(object, envelope, reading);
  if (isAnomaly(object)) return readAnomaly(object, envelope, reading);
  const invented = inventedBudget(object);
  if (invented !== undefined) {
    reading.diagnostics.push(report('POL2042', startOf(invented), {}));
    return;
  }
  unknown(object.span, 'it has none of the fields by which an event is told', reading);
}

/** What SNS sends, to Lambda, to a queue or over HTTP. */
function readNotification(object: JsonObject, envelope: Envelope, depth: number, reading: Reading): undefined {
  const type = textOf(object, 'Type');
  if (type !== undefined && type.text !== 'Notification') {
    reading.diagnostics.push(report('POL2051', type.span, { type: type.text }));
    return;
  }
  const message = requiredText(object, 'Message', 'message', reading);
  if (message === undefined) return;
  const sent = within(envelope, textOf(object, 'MessageId')?.text, textOf(object, 'Timestamp')?.text);
  readMessage(message, sent, depth + 1, reading);
}

function readBridgeEvent(object: JsonObject, envelope: Envelope, reading: Reading): undefined {
  const source = textOf(object, 'source');
  const type = textOf(object, 'detail-type');
  if (source?.text !== 'aws.ce' || type?.text !== 'Anomaly Detected') {
    const what = fieldOf(object, 'detail-type') ?? object;
    return unknown(what.span, 'of EventBridge only `aws.ce` with `Anomaly Detected` is one', reading);
  }
  const detail = requiredObject(object, 'detail', 'detail', reading);
  const sent = within(envelope, textOf(object, 'id')?.text, textOf(object, 'time')?.text);
  if (detail !== undefined) readAnomaly(detail, sent, reading);
}

/** An envelope inside another. */
function within(outer: Envelope, id: string | undefined, time: string | undefined): Envelope {
  const dated = time === undefined ? undefined : readDate(time);
  return { ...outer, ...(id === undefined ? {} : { id }), ...(dated === undefined ? {} : { dated }) };
}

function unknown(span: Span, why: string, reading: Reading): undefined {
  reading.diagnostics.push(report('POL2041', startOf(span), { why }));
}

/** Where a long value begins: an event has hundreds of lines. */
function startOf(span: Span): Span {
  return { ...span, end: Math.min(span.end, span.start + 1) };
}

function wholeOf(message: PlacedText): Span {
  const start = message.text.length - message.text.trimStart().length;
  const newline = message.text.indexOf('\n', start);
  return placeIn(message, start, newline === -1 ? message.text.length : newline);
}

/** The id of a message that came without one: the same text has the same. */
function digestOf(text: string): string {
  return sha256(text).slice(0, 32);
}
