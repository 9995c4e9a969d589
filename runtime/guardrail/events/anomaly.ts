import { report } from '../../../compiler/diagnostics/report.ts';
import type { Span } from '../../../compiler/source/span.ts';
import type { Cause } from '../cost-event.ts';
import { attributeOfCause } from '../places.ts';
import { costServiceName } from './cost-service-name.ts';
import { readPeriod } from './event-date.ts';
import type { JsonNode, JsonObject } from './json.ts';
import {
  addEvent,
  type Envelope,
  isAccount,
  optionalList,
  optionalText,
  type Reading,
  refuse,
  requiredAccount,
  requiredAmount,
  requiredObject,
  requiredText,
  textOf,
} from './reading.ts';

export function isAnomaly(object: JsonObject): boolean {
  return object.fields.has('anomalyId') || (object.fields.has('impact') && object.fields.has('rootCauses'));
}

/**
 * Reads an anomaly of Cost Anomaly Detection: the message of its SNS topic, or the `detail` of its EventBridge event. The
 * two differ in how they spell the dimension (`dimensionalValue`, `dimensionValue`).
 *
 * @param envelope of the message that carried it
 */
export function readAnomaly(object: JsonObject, envelope: Envelope, reading: Reading): undefined {
  const before = reading.diagnostics.length;
  const account = requiredAccount(object, 'accountId', reading);
  const subject = requiredText(object, 'anomalyId', "anomaly's id", reading);
  const start = requiredText(object, 'anomalyStartDate', 'first day', reading);
  if (start !== undefined && !/^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(start.text)) {
    refuse(start, 'the first day', 'a date', reading);
  }
  const end = optionalText(object, 'anomalyEndDate', 'the last day', reading);
  const impact = requiredObject(object, 'impact', 'impact', reading);
  const amount = impact === undefined ? undefined : requiredAmount(impact, 'totalImpact', reading);
  const currency = impact === undefined ? undefined : textOf(impact, 'currency');
  if (currency !== undefined && currency.text !== 'USD') {
    reading.diagnostics.push(report('POL2045', currency.span, { amount: currency.text }));
  }
  const places = new Map<string, Span>();
  const causes = optionalList(object, 'rootCauses', 'the root causes', reading).map((node, index) =>
    readCause(node, index, places, reading),
  );
  if (causes.length === 0) causes.push(causeOfDimension(object, places));
  if (reading.diagnostics.length > before) return;
  if (account === undefined || subject === undefined || start === undefined || amount === undefined) return;
  places.set('source', { ...object.span, end: object.span.start + 1 });
  if (!places.has('account')) places.set('account', account.span);
  places.set('amount', amount.span);
  places.set('subject', subject.span);
  // An anomaly that goes on has no last day; its first day would be too old for one of a week that was told of today.
  const dated = end === undefined ? (envelope.dated ?? readPeriod(start.text)) : readPeriod(end.text);
  places.set('date', (end ?? start).span);
  addEvent(
    {
      id: envelope.id ?? subject.text,
      source: 'anomaly',
      account: account.value,
      amount: amount.value,
      forecast: false,
      subject: subject.text,
      period: start.text.slice(0, 10),
      ...(dated === undefined ? {} : { dated }),
      causes,
      tags: new Map(),
      places,
    },
    reading,
  );
}

function readCause(node: JsonNode, index: number, places: Map<string, Span>, reading: Reading): Cause {
  if (node.kind !== 'object') {
    refuse(node, 'a root cause', 'an object', reading);
    return {};
  }
  const account = optionalText(node, 'linkedAccount', 'the account', reading);
  const service = optionalText(node, 'service', 'the service', reading);
  const region = optionalText(node, 'region', 'the region', reading);
  if (account !== undefined && !isAccount(account.text)) refuse(account, 'the account', '12 digits', reading);
  for (const [name, found] of Object.entries({ account, service, region })) {
    if (found !== undefined) places.set(attributeOfCause(name, index), found.span);
  }
  return {
    ...(account === undefined ? {} : { account: account.text }),
    ...(service === undefined ? {} : { service: costServiceName(service.text) ?? service.text }),
    ...(region === undefined ? {} : { region: region.text }),
  };
}

/** Without root causes there is still the value of the dimension that was monitored: an account or a service. */
function causeOfDimension(object: JsonObject, places: Map<string, Span>): Cause {
  const dimension = textOf(object, 'dimensionValue') ?? textOf(object, 'dimensionalValue');
  if (dimension === undefined) return {};
  if (isAccount(dimension.text)) {
    places.set('account', dimension.span);
    return { account: dimension.text };
  }
  const service = costServiceName(dimension.text);
  if (service === undefined) return {};
  places.set('service', dimension.span);
  return { service };
}
