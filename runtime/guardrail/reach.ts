import type { Reach } from './aws/permissions.ts';
import { readCompiledGuardrail } from './read-compiled.ts';

/** A compiled guardrail as text, with the sha-256 of its policy. */
export interface HashedText {
  readonly hash: string;
  readonly text: string;
}

/** What guardrails act on together. */
export function reachOf(guardrails: readonly HashedText[]): Reach {
  const responses = guardrails.flatMap(({ text }) => {
    const compiled = readCompiledGuardrail(text);
    return compiled === undefined ? [] : [compiled.response];
  });
  const denied = distinct(responses.flatMap((response) => response.denied));
  const bounded = distinct(responses.flatMap(({ boundaries }) => boundaries.map(({ principal }) => principal)));
  const topics = distinct(responses.flatMap((response) => response.topics));
  const webhooks = distinct(responses.flatMap(({ notify }) => (notify === undefined ? [] : [notify.parameter])));
  // arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. Whoever only tells names no account.
  const arns = [...denied, ...bounded].map((arn) => arn.split(':'));
  const [partition = 'aws', ...otherPartitions] = distinct(arns.map((parts) => parts[1] ?? 'aws'));
  const [account = '*', ...otherAccounts] = distinct(arns.map((parts) => parts[4] ?? '*'));
  return {
    partition: otherPartitions.length === 0 ? partition : '*',
    account: otherAccounts.length === 0 ? account : '*',
    denied,
    bounded,
    topics,
    webhooks,
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
