import { type AuditLog, auditStream } from '../../runtime/audit/log.ts';
import { type AuditRecord, readRecord } from '../../runtime/audit/record.ts';
import type { News } from '../../runtime/guardrail/notify/message.ts';
import type { Delivery } from '../../runtime/guardrail/notify/webhook.ts';
import { type ResponseWorld, rememberedActions } from '../../runtime/guardrail/world.ts';
import { ciRole } from './cost-plans.ts';
import { FakeAws } from './fake-aws.ts';

/** A world in memory, and what was done in it. */
export interface TestWorld extends ResponseWorld {
  readonly port: FakeAws;
  readonly told: { readonly parameter: string; readonly news: News }[];
  readonly records: AuditRecord[];
  readonly clock: { at: number };
  /** What becomes of the messages to come; then they arrive. */
  readonly deliveries: Delivery[];
}

export const startOfTest = Date.UTC(2026, 10, 23, 9);

export function testWorld(more: Partial<Pick<ResponseWorld, 'dryRun' | 'audit' | 'tell'>> = {}): TestWorld {
  const port = new FakeAws([ciRole]);
  const told: TestWorld['told'] = [];
  const records: AuditRecord[] = [];
  const deliveries: Delivery[] = [];
  const clock = { at: startOfTest };
  const audit: AuditLog = auditStream((text) => {
    for (const line of text.split('\n').slice(0, -1)) records.push(readRecord(line)!);
  }, rememberedActions);
  return {
    port,
    told,
    records,
    clock,
    deliveries,
    audit,
    tell: async (parameter, news) => {
      told.push({ parameter, news });
      return deliveries.shift() ?? { ok: true };
    },
    now: () => clock.at,
    // Others go on meanwhile, and nobody waits for the half a minute that a lock is asked for.
    pause: () => new Promise((resolve) => setTimeout(resolve, 1)),
    actor: 'tester',
    dryRun: false,
    ways: (token) => ({ kind: 'commands', approve: `approve ${token}`, reject: `reject ${token}` }),
    ...more,
  };
}

/** The token of the last request that people were told of. */
export function lastToken({ told }: TestWorld): string {
  for (const { news } of told.toReversed()) {
    if (news.kind === 'asks') return news.ways.approve.replace('approve ', '');
  }
  throw new Error('nobody was asked');
}
