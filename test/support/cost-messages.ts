/** Notifications as AWS words and wraps them, made here with any content. */
export interface Notice {
  readonly date?: string;
  readonly account?: string;
  readonly name?: string;
  readonly type?: string;
  readonly alert?: 'ACTUAL' | 'FORECASTED';
  readonly amount?: string;
  readonly budgeted?: string;
  /** How the budget's period is spoken of. */
  readonly period?: 'per day' | 'for the current month' | 'for the current quarter' | 'for the current year' | string;
  readonly lineBreak?: '\n' | '\r\n';
}

export function budgetNotice(notice: Notice = {}): string {
  const { date = 'August 09, 2024', account = '111122223333', name = 'team budget', type = 'Cost' } = notice;
  const { alert = 'ACTUAL', amount = '$321.09', budgeted = '$300.00', period = 'for the current month' } = notice;
  const day = period === 'per day' ? 'Yesterday, the' : 'The';
  return [
    `AWS Budget Notification ${date}`,
    `AWS Account ${account}`,
    '',
    'Dear AWS Customer,',
    '',
    `You requested that we alert you when the ${alert} Cost associated with your ${name} budget is greater than $240.00 ${period}. ${day} ${alert} Cost associated with this budget is ${amount}. You can find additional details below and by accessing the AWS Budgets dashboard [1].`,
    '',
    `Budget Name: ${name}`,
    `Budget Type: ${type}`,
    `Budgeted Amount: ${budgeted}`,
    `Alert Type: ${alert}`,
    'Alert Threshold: > $240.00',
    `${alert} Amount: ${amount}`,
    '',
    '[1] https://console.aws.amazon.com/billing/home#/budgets',
    '',
  ].join(notice.lineBreak ?? '\n');
}

export interface AnomalyParts {
  readonly impact?: number;
  readonly causes?: readonly Readonly<Record<string, unknown>>[];
  readonly more?: Readonly<Record<string, unknown>>;
}

/** @param dimension `dimensionalValue` over SNS, `dimensionValue` over EventBridge */
export function anomaly({ impact = 77.5, causes, more }: AnomalyParts = {}, dimension = 'dimensionalValue') {
  return {
    accountId: '111122223333',
    accountName: 'payer',
    anomalyStartDate: '2024-08-07T00:00:00Z',
    anomalyEndDate: '2024-08-09T00:00:00Z',
    anomalyId: '0f0e0d0c-1111-2222-3333-444455556666',
    [dimension]: 'AWS Lambda',
    monitorName: 'services',
    impact: { maxImpact: 50, totalActualSpend: 100, totalExpectedSpend: 22.5, totalImpact: impact },
    rootCauses: causes ?? [
      { linkedAccount: '444455556666', service: 'AWS Lambda', region: 'eu-central-1', usageType: 'EUC1-Request' },
    ],
    ...more,
  };
}

export function bridgeEvent(detail: unknown) {
  return {
    version: '0',
    id: 'bridge-1',
    'detail-type': 'Anomaly Detected',
    source: 'aws.ce',
    account: '111122223333',
    region: 'us-east-1',
    time: '2024-08-09T01:00:00Z',
    resources: [],
    detail,
  };
}

const asText = (message: unknown) => (typeof message === 'string' ? message : JSON.stringify(message));

export const notification = (message: unknown) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: 'arn:aws:sns:us-east-1:111122223333:cost',
  Subject: null,
  Message: asText(message),
  Timestamp: '2024-08-09T05:06:07.000Z',
  SignatureVersion: '1',
});

/** How a message gets to a program; each with the id that it then has, where it has one. */
export const envelopes: readonly (readonly [
  name: string,
  id: string | undefined,
  wrap: (message: unknown) => string,
])[] = [
  ['bare', undefined, asText],
  ['a JSON string', undefined, (message) => JSON.stringify(asText(message))],
  ['SNS over HTTP', 'sns-1', (message) => JSON.stringify(notification(message))],
  [
    'SNS to Lambda',
    'sns-1',
    (message) => JSON.stringify({ Records: [{ EventSource: 'aws:sns', Sns: notification(message) }] }, undefined, 2),
  ],
  [
    'SNS in SQS to Lambda',
    'sns-1',
    (message) =>
      JSON.stringify({
        Records: [{ messageId: 'sqs-1', eventSource: 'aws:sqs', body: JSON.stringify(notification(message)) }],
      }),
  ],
  [
    'raw delivery to SQS',
    'sqs-1',
    (message) => JSON.stringify({ Messages: [{ MessageId: 'sqs-1', Body: asText(message) }] }),
  ],
  ['a list', 'sns-1', (message) => JSON.stringify([notification(message)])],
];
