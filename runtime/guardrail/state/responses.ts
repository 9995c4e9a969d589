import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { ManagedPolicy } from '../aws/port.ts';
import { BoundaryLedger } from './boundary-ledger.ts';
import { policyPath, responseParameter, responsesBelow } from './places.ts';
import { unreadableBoundaryProblem, unreadableProblem } from './problems.ts';
import { isOver, laterExpiry, type ResponseRecord, readResponse } from './response-record.ts';
import type { TrackedPort } from './tracked-port.ts';

/** All that there is in AWS of the response of one policy. */
export interface Response {
  readonly policy: string;
  /** Absent where it was lost, or cannot be read. */
  readonly record?: ResponseRecord;
  /** The deny policies that are tagged with the policy. */
  readonly documents: readonly ManagedPolicy[];
  /** ARNs that the record names beside these. */
  readonly otherDocuments: readonly string[];
  /** RFC 3339 in UTC, or `never`. */
  readonly expires: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Responses {
  /** Those that are not wholly gone, in the order of the policies' ids. */
  readonly responses: readonly Response[];
  readonly ledger: BoundaryLedger;
}

/**
 * Everything that guardrails left in the account: what the records say, and where one is lost, what tags and boundary
 * records say.
 */
export async function loadResponses(port: TrackedPort): Promise<Responses> {
  const parameters = await port.parametersBelow(responsesBelow);
  const ledger = await BoundaryLedger.load(port);
  const managed = await port.listPolicies(policyPath);
  const records = new Map(
    parameters.map(({ name, value }) => [name.slice(responsesBelow.length + 1), readResponse(value)]),
  );
  const tagged = new Map<string, ManagedPolicy[]>();
  for (const each of managed) {
    const owner = each.tags['polc:policy'];
    if (owner !== undefined) tagged.set(owner, [...(tagged.get(owner) ?? []), each]);
  }
  const policies = new Set([...records.keys(), ...tagged.keys(), ...ledger.policies()]);
  const responses = [...policies].sort().flatMap((policy): Response[] => {
    const record = records.get(policy);
    const documents = tagged.get(policy) ?? [];
    const unreadable = ledger.unreadable.filter((each) => each.policy === policy).map(unreadableBoundaryProblem);
    if (records.has(policy) && record === undefined) unreadable.push(unreadableProblem(responseParameter(policy)));
    const isGone = documents.length + ledger.ofPolicy(policy).length + unreadable.length === 0;
    if (record?.phase === 'ended' && isGone) return [];
    const arns = new Set(documents.map(({ arn }) => arn));
    return [
      {
        policy,
        ...(record === undefined ? {} : { record }),
        documents,
        otherDocuments: record?.documents.filter((arn) => !arns.has(arn)) ?? [],
        expires: record?.expires ?? expiryWithoutRecord(documents, policy, ledger),
        diagnostics: unreadable,
      },
    ];
  });
  return { responses, ledger };
}

/** What tags and boundary records say; the latest, since an extension may have reached only some of them. */
function expiryWithoutRecord(documents: readonly ManagedPolicy[], policy: string, ledger: BoundaryLedger): string {
  const said = [
    ...documents.map(({ tags }) => tags['polc:expires'] ?? 'never'),
    ...ledger.ofPolicy(policy).map(({ expires }) => expires),
  ];
  const readable = said.map((time) => (Number.isNaN(Date.parse(time)) ? 'never' : time));
  return readable.length === 0 ? 'never' : readable.reduce(laterExpiry);
}

/** A rollback of what has expired also ends what an earlier one left, and what a response that failed left. */
export function isDue({ record, expires }: Response, now: number): boolean {
  return record?.phase === 'ending' || record?.phase === 'ended' || isOver(expires, now);
}
