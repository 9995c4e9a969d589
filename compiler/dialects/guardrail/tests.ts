import { type Expected, type Question, type SaidEvent, testsField } from '../../policy-tests/policy-test.ts';
import { mapping, object, oneOf, optional, required } from '../../schema/collections.ts';
import { enumeration, flag, number, quantity, text } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { region } from '../aws-region.ts';
import { accountId } from './account-id.ts';
import { actionPattern } from './action-pattern.ts';
import { costService } from './names.ts';

const tagText = text('a tag', { source: '[^\\u0000-\\u001f]{0,256}', doc: 'at most 256 characters' });

const eventFields = {
  source: required(
    enumeration('a source of cost events', {
      budgets: 'AWS Budgets',
      anomaly: 'AWS Cost Anomaly Detection',
    }),
    'Where the event comes from.',
    'budgets',
  ),
  account_id: required(accountId, 'The account that spends, 12 digits in quotes.', '"123456789012"'),
  amount: required(number({ integer: false, minimum: 0, maximum: 1e15 }), 'US dollars.', '150'),
  service: optional(costService, 'What is spent on.', 'Amazon Elastic Compute Cloud'),
  region: optional(region, 'Where.', 'us-east-1'),
  forecast: optional(flag, 'Whether the amount is a forecast. Default: false.', 'true'),
  tags: optional(mapping(tagText, tagText), 'Tags of what is spent on.', '{ Environment: dev }'),
};

const said: Shape<SaidEvent> = {
  description: object(eventFields).description,
  decode(node, context) {
    const decoded = object(eventFields).decode(node, context);
    if (decoded?.source === undefined || decoded.account_id === undefined || decoded.amount === undefined)
      return undefined;
    const { service, region, forecast, tags } = decoded;
    return {
      source: decoded.source.value,
      account: decoded.account_id.value,
      amount: decoded.amount.value,
      ...(service === undefined ? {} : { service: service.value.written }),
      ...(region === undefined ? {} : { region: region.value }),
      ...(forecast === undefined ? {} : { forecast: forecast.value }),
      ...(tags === undefined ? {} : { tags: new Map(tags.value.map(({ key, value }) => [key.value, value.value])) }),
    };
  },
};

const instant: Shape<number> = quantity<number>(
  {
    kind: 'quantity',
    noun: 'a time',
    example: '2026-11-23T09:00:00+09:00',
    pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})',
  },
  (written) => {
    const isForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/.test(written);
    const at = isForm ? Date.parse(written) : Number.NaN;
    return Number.isNaN(at) ? { wrong: 'it is no date and time with its offset from UTC' } : at;
  },
);

const fields = {
  event: optional(
    oneOf(text('a file name beside the policy'), said),
    'What does the policy make of this cost event? A file of one event, as AWS delivers it or normalised, or what an event says.',
    'events/breach.json',
  ),
  at: optional(
    instant,
    'When the event comes in, for policies that look at the clock, with its offset from UTC.',
    '"2026-11-23T09:00:00+09:00"',
  ),
  action: optional(actionPattern, 'May the principals do this while the response lasts?', 'ec2:RunInstances'),
  region: optional(region, 'The region of the action. Absent: the answer holds for any.', 'us-east-1'),
};

const events: Readonly<Record<string, string>> = {
  match: 'the policy responds to the event',
  'no-match': 'it does not, or leaves the event alone by an exception',
  unknown: 'it cannot tell, since the event does not say what it asks',
};

/** What a guardrail can be asked. */
export const tests = testsField(
  {
    fields,
    questions: { event: ['at'], action: ['region'] },
    expect: required(
      enumeration<Extract<Expected, string>>('an answer', {
        match: `of an event: ${events.match}`,
        'no-match': `of an event: ${events['no-match']}`,
        unknown: `of an event: ${events.unknown}`,
        allow: 'of an action: the response leaves it alone',
        deny: 'of an action: the response denies it',
      }),
      'The answer: `match`, `no-match` or `unknown` of an event, `allow` or `deny` of an action.',
      'match',
    ),
    read({ event, at, action, region }, asked) {
      if (asked === 'event') {
        if (event === undefined) return undefined;
        const { value } = event;
        const name = typeof value === 'string' ? value : `${value.source} ${value.amount} USD`;
        const question: Question = { kind: 'event', event, at: at?.value };
        const time = at?.node.kind === 'scalar' ? ` at ${at.node.text}` : '';
        return { name: `${name}${time}`, question };
      }
      if (action === undefined) return undefined;
      const { written, actions } = action.value;
      const place = region?.value;
      const question: Question = {
        kind: 'decision',
        point: 'aws-request',
        cases: () =>
          actions.map((each) => ({
            where: actions.length === 1 ? '' : each,
            attribute: (name) => (name === 'action' ? each.toLowerCase() : name === 'region' ? place : undefined),
          })),
      };
      return { name: place === undefined ? written : `${written} in ${place}`, question };
    },
    answers: (expected, asked) => (asked === 'event') === Object.hasOwn(events, String(expected)),
  },
  '[{ event: events/breach.json, expect: match }]',
);
