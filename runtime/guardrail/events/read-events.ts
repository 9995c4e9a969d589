import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import type { Span } from '../../../compiler/source/span.ts';
import { sha256 } from '../../sha256.ts';
import type { CostEvent } from '../cost-event.ts';
import { isAnomaly, readAnomaly } from './anomaly.ts';
import { isBudgetNotice, readBudgetNotice } from './budget-notice.ts';
import { type JsonNode, type JsonObject, type PlacedText, placeIn, readJson } from './json.ts';
import { inventedBudget, isNormalised, readNormalised } from './normalised.ts';
import { fieldOf, type Reading, requiredObject, requiredText, textOf } from './reading.ts';

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
  readMessage({ text: content, file: path, locate: (offset) => offset + shift }, undefined, 0, reading);
  if (reading.events.length === 0 && reading.diagnostics.length === 0) {
    reading.diagnostics.push(report('POL2050', { file: path, start: 0, end: text.length }, {}));
  }
  return reading;
}

/** @param id of the innermost envelope that has one */
function readMessage(message: PlacedText, id: string | undefined, depth: number, reading: Reading): undefined {
  const { text } = message;
  if (isBudgetNotice(text)) {
    readBudgetNotice(message, id ?? digestOf(text), reading);
    return;
  }
  const { values, problem } = readJson(message);
  for (const value of values) readValue(value, id, depth, reading);
  if (problem === undefined) return;
  const looksLikeJson = /^[[{"]/.test(text.trimStart());
  reading.diagnostics.push(
    looksLikeJson || values.length > 0
      ? report('POL2040', problem.span, { why: problem.why })
      : report('POL2041', wholeOf(message), { why: 'it is neither JSON nor a notification of AWS Budgets' }),
  );
}

function readValue(node: JsonNode, id: string | undefined, depth: number, reading: Reading): undefined {
  if (depth > mostEnvelopes) return unknown(node.span, 'it is wrapped too many times', reading);
  switch (node.kind) {
    case 'list':
      for (const item of node.items) readValue(item, id, depth + 1, reading);
      return;
    case 'text':
      return readMessage(node, id, depth + 1, reading);
    case 'object':
      return readObject(node, id, depth, reading);
    default:
      return unknown(node.span, `\`${node.kind === 'number' ? node.text : node.value}\` is no object`, reading);
  }
}

function readObject(object: JsonObject, id: string | undefined, depth: number, reading: Reading): undefined {
  const { fields } = object;
  // Of AWS Lambda, and of `aws sqs receive-message`.
  const records = fields.get('Records') ?? fields.get('Messages');
  if (records?.kind === 'list') return readValue(records, id, depth + 1, reading);
  const sns = fields.get('Sns');
  if (sns?.kind === 'object') return readObject(sns, id, depth + 1, reading);
  const body = fields.get('body') ?? fields.get('Body');
  const queueId = textOf(object, 'messageId') ?? textOf(object, 'MessageId');
  if (body?.kind === 'text') return readMessage(body, queueId?.text ?? id, depth + 1, reading);
  if (fields.has('Message')) return readNotification(object, id, depth, reading);
  if (fields.has('detail-type')) return readBridgeEvent(object, id, reading);
  if (isNormalised(object)) return readNormalised(object, reading);
  if (isAnomaly(object)) return readAnomaly(object, id ?? textOf(object, 'anomalyId')?.text ?? '', reading);
  const invented = inventedBudget(object);
  if (invented !== undefined) {
    reading.diagnostics.push(report('POL2042', startOf(invented), {}));
    return;
  }
  unknown(object.span, 'it has none of the fields by which an event is told', reading);
}

/** What SNS sends, to Lambda, to a queue or over HTTP. */
function readNotification(object: JsonObject, id: string | undefined, depth: number, reading: Reading): undefined {
  const type = textOf(object, 'Type');
  if (type !== undefined && type.text !== 'Notification') {
    reading.diagnostics.push(report('POL2051', type.span, { type: type.text }));
    return;
  }
  const message = requiredText(object, 'Message', 'message', reading);
  if (message === undefined) return;
  readMessage(message, textOf(object, 'MessageId')?.text ?? id, depth + 1, reading);
}

function readBridgeEvent(object: JsonObject, id: string | undefined, reading: Reading): undefined {
  const source = textOf(object, 'source');
  const type = textOf(object, 'detail-type');
  if (source?.text !== 'aws.ce' || type?.text !== 'Anomaly Detected') {
    const what = fieldOf(object, 'detail-type') ?? object;
    return unknown(what.span, 'of EventBridge only `aws.ce` with `Anomaly Detected` is one', reading);
  }
  const detail = requiredObject(object, 'detail', 'detail', reading);
  if (detail !== undefined) readAnomaly(detail, textOf(object, 'id')?.text ?? id ?? '', reading);
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
