import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';
import type { Plan } from '../../runtime/guardrail/plan.ts';

/** Plans of guardrails, written by hand and at random. */

export const ciDeployer = 'arn:aws:iam::123456789012:role/ci-deployer';
export const trainer = 'arn:aws:iam::123456789012:role/teams/research/trainer,gpu+spot';
export const developer = 'arn:aws:iam::123456789012:user/dev.sandbox@example';
export const principals: readonly string[] = [ciDeployer, trainer, developer];
export const boundary = (name: string) => `arn:aws:iam::123456789012:policy/${name}`;

/** Of the parameter that seals records: an account that has it has equal seals for equal records. */
export const recordKey = Buffer.alloc(32, 7).toString('base64');

export const start = Date.parse('2026-11-23T10:00:00Z');
export const minutes = (count: number) => count * 60_000;

const event: CostEvent = {
  id: 'message-1',
  source: 'budgets',
  account: '123456789012',
  amount: 250,
  forecast: false,
  subject: 'monthly',
  period: '2026-11',
  causes: [{}],
  tags: new Map(),
  places: new Map(),
};

export function documentOf(policy: string, ...actions: readonly string[]) {
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: actions, Resource: '*' }],
  });
  const digest = createHash('sha256').update(`${policy}\0${document}`).digest('hex').slice(0, 20);
  return { name: `guardrails-deny-${digest}`, document };
}

export function planOf(changes: Partial<Plan> = {}): Plan {
  const { policy = 'ci-quarantine' } = changes;
  return {
    policy,
    policyHash: createHash('sha256').update(policy).digest('hex'),
    mode: 'auto',
    ttlMinutes: 180,
    breach: `${policy}/123456789012/monthly/2026-11`,
    event,
    documents: [documentOf(policy, 'ec2:RunInstances')],
    denied: [ciDeployer, developer],
    actions: ['ec2:RunInstances'],
    boundaries: [],
    topics: [],
    ...changes,
  };
}

/** What a plan of each policy may be: some deny, some set boundaries, most both. */
export function arbitraryPlan(policy: string): fc.Arbitrary<Plan> {
  return fc
    .record({
      denied: fc.subarray([...principals]),
      actions: fc.subarray(['ec2:RunInstances', 'rds:CreateDBInstance'], { minLength: 1 }),
      bounded: fc.subarray([...principals]),
      boundary: fc.constantFrom(boundary('narrow'), boundary('narrower'), boundary('there-before')),
      ttlMinutes: fc.constantFrom(0, 60, 180),
      breach: fc.constantFrom('monthly/2026-11', 'daily%2Fcosts/2026-11-23', `${'long-'.repeat(80)}/2026-11`),
    })
    .map(({ breach, boundary: set, ...rest }) => {
      const { denied, actions, bounded, ttlMinutes } = rest;
      return planOf({
        policy,
        // As with a policy's source: the same hash is the same plan.
        policyHash: createHash('sha256')
          .update(JSON.stringify([policy, set, rest]))
          .digest('hex'),
        ttlMinutes,
        breach: `${policy}/123456789012/${breach}`,
        denied,
        documents: denied.length === 0 ? [] : actions.map((action) => documentOf(policy, action)),
        boundaries: bounded.map((principal) => ({ principal, boundary: set })),
      });
    });
}
