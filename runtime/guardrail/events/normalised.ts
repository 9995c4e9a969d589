import { report } from '../../../compiler/diagnostics/report.ts';
import type { Span } from '../../../compiler/source/span.ts';
import { costServiceName } from './cost-service-name.ts';
import { bothDates, readPeriod } from './event-date.ts';
import type { JsonObject } from './json.ts';
import {
  addEvent,
  type Envelope,
  type Found,
  fieldOf,
  optionalText,
  type Reading,
  refuse,
  requiredAccount,
  requiredAmount,
  requiredText,
} from './reading.ts';

export function isNormalised(object: JsonObject): boolean {
  return object.fields.has('event_id') || (object.fields.has('account_id') && object.fields.has('amount'));
}

/** Reads the form that seed 003 brings every event into: `event_id, source, account_id, amount, time_window, details`. */
export function readNormalised(object: JsonObject, envelope: Envelope, reading: Reading): undefined {
  const before = reading.diagnostics.length;
  const id = requiredText(object, 'event_id', 'id', reading);
  const source = requiredText(object, 'source', 'source', reading);
  const account = requiredAccount(object, 'account_id', reading);
  const amount = requiredAmount(object, 'amount', reading);
  const period = requiredText(object, 'time_window', 'period', reading);
  const currency = optionalText(object, 'currency', 'the currency', reading);
  if (currency !== undefined && currency.text !== 'USD') {
    reading.diagnostics.push(report('POL2045', currency.span, { amount: currency.text }));
  }
  const kind = source === undefined ? undefined : sourceOf(source.text);
  if (source !== undefined && kind === undefined) refuse(source, 'the source', '`budgets` or `anomaly`', reading);
  const details = readDetails(object, reading);
  if (reading.diagnostics.length > before) return;
  if (id === undefined || kind === undefined || account === undefined || amount === undefined) return;
  if (period === undefined) return;
  const { service, region, forecast, subject } = details;
  const dated = bothDates(readPeriod(period.text), envelope.dated);
  const places = new Map<string, Span>([['date', period.span]]);
  for (const [name, found] of Object.entries({ source, account, amount, service, region, forecast, subject })) {
    if (found !== undefined) places.set(name, found.span);
  }
  for (const [key, { span }] of details.tags) places.set(`tag:${key}`, span);
  addEvent(
    {
      id: id.text,
      source: kind,
      account: account.value,
      amount: amount.value,
      forecast: forecast?.value ?? false,
      // Without a name of the budget each message is a breach of its own.
      subject: subject?.value ?? id.text,
      period: period.text,
      ...(dated === undefined ? {} : { dated }),
      causes: [
        {
          account: account.value,
          ...(service === undefined ? {} : { service: service.value }),
          ...(region === undefined ? {} : { region: region.value }),
        },
      ],
      tags: new Map([...details.tags].map(([key, { value }]) => [key, value])),
      places,
    },
    reading,
  );
}

interface Details {
  readonly service?: Found<string>;
  readonly region?: Found<string>;
  readonly forecast?: Found<boolean>;
  readonly subject?: Found<string>;
  readonly tags: ReadonlyMap<string, Found<string>>;
}

/** `service`, `region`, `forecast`, `tags`, and `budget_name` or `anomaly_id`; whatever else there is stays unread. */
function readDetails(object: JsonObject, reading: Reading): Details {
  const details = fieldOf(object, 'details');
  const tags = new Map<string, Found<string>>();
  if (details === undefined) return { tags };
  if (details.kind !== 'object') {
    refuse(details, 'the details', 'an object', reading);
    return { tags };
  }
  const service = optionalText(details, 'service', 'the service', reading);
  const region = optionalText(details, 'region', 'the region', reading);
  const subject =
    optionalText(details, 'budget_name', "the budget's name", reading) ??
    optionalText(details, 'anomaly_id', "the anomaly's id", reading);
  const forecast = fieldOf(details, 'forecast');
  const isForecast = forecast?.kind === 'constant' && typeof forecast.value === 'boolean' ? forecast.value : undefined;
  if (forecast !== undefined && isForecast === undefined) refuse(forecast, 'forecast', '`true` or `false`', reading);
  const written = fieldOf(details, 'tags');
  if (written !== undefined && written.kind !== 'object') refuse(written, 'the tags', 'an object of texts', reading);
  if (written?.kind === 'object') {
    for (const [key, value] of written.fields) {
      if (value.kind === 'text') tags.set(key, { value: value.text, span: value.span });
      else refuse(value, `the tag \`${key}\``, 'a text', reading);
    }
  }
  return {
    tags,
    ...(service === undefined
      ? {}
      : { service: { value: costServiceName(service.text) ?? service.text, span: service.span } }),
    ...(region === undefined ? {} : { region: { value: region.text, span: region.span } }),
    ...(subject === undefined ? {} : { subject: { value: subject.text, span: subject.span } }),
    ...(forecast === undefined || isForecast === undefined
      ? {}
      : { forecast: { value: isForecast, span: forecast.span } }),
  };
}

function sourceOf(text: string): 'budgets' | 'anomaly' | undefined {
  return text === 'budgets' || text === 'anomaly' ? text : undefined;
}

/** The budget in JSON that tutorials show and AWS never sends; undefined where it is not that. */
export function inventedBudget(object: JsonObject): Span | undefined {
  const invented = object.fields.has('budgetName') && !object.fields.has('event_id');
  const telling = ['calculatedSpend', 'notificationType', 'thresholdType', 'budgetLimit'];
  return invented && telling.some((name) => object.fields.has(name)) ? object.span : undefined;
}
