import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import type { ResponseMode } from '../../compiler/ir/obligation.ts';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';

/** Compiled guardrails and events for tests of what acts on them. */

export const ciRole = 'arn:aws:iam::123456789012:role/ci-deployer';

export function compiledGuardrail(
  policy: string,
  mode: ResponseMode,
  more: Partial<Omit<CompiledGuardrail, 'response'>> & {
    readonly response?: Partial<CompiledGuardrail['response']>;
  } = {},
): CompiledGuardrail {
  return {
    format: 'polc-guardrail-1',
    policy,
    mode,
    ttlMinutes: 180,
    maxEventAgeMinutes: 4320,
    conditions: [
      {
        rule: 'cost-event/0',
        topic: 'match.min_amount_usd',
        at: { file: `${policy}.yaml`, line: 5, column: 3, start: 60, end: 79 },
        passes: {
          kind: 'compare',
          operator: '<',
          left: { kind: 'attribute', name: 'amount' },
          right: { kind: 'literal', value: 200 },
        },
      },
    ],
    ...more,
    response: {
      denied: [ciRole],
      documents: [
        {
          name: `guardrails-deny-${Buffer.from(policy).toString('hex').slice(0, 16).padEnd(16, '0')}`,
          document:
            '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:RunInstances","Resource":"*"}]}',
        },
      ],
      actions: ['ec2:RunInstances'],
      boundaries: [],
      topics: [],
      notify: { parameter: '/guardrails/slack_webhook', channel: '#alerts', mentions: [] },
      ...more.response,
    },
  };
}

export function costEvent(more: Partial<CostEvent> = {}): CostEvent {
  return {
    id: 'message-1',
    source: 'budgets',
    account: '123456789012',
    amount: 250,
    forecast: false,
    subject: 'ci budget',
    period: '2026-11',
    causes: [{ account: '123456789012' }],
    tags: new Map(),
    places: new Map(),
    ...more,
  };
}

/** The same event as a file of the normalised form. */
export function eventText(more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    event_id: 'message-1',
    source: 'budgets',
    account_id: '123456789012',
    amount: 250,
    time_window: '2026-11',
    details: { budget_name: 'ci budget' },
    ...more,
  });
}
