import type { Decision, Rule } from '../../ir/policy.ts';
import type { SourceMapEntry, Surroundings } from '../backend.ts';
import type { NamedDocument } from '../guardrail/format.ts';
import { deniedRules } from './deny-clauses.ts';
import { pack } from './pack.ts';
import { shorten } from './shorten.ts';
import { statementsOf } from './statements.ts';

/** What a place takes of deny policies. */
export interface DenyQuota {
  /** Characters of one document. */
  readonly characters: number;
  /** How many documents one place may have. */
  readonly documents: number;
}

export interface DenyDocument extends NamedDocument {
  /** JSON pointers to the actions. */
  readonly sourceMap: readonly SourceMapEntry[];
}

export interface DenyDocuments {
  /** Together they deny what the decision denies; more than the quota allows where `exceeds` says so. */
  readonly documents: readonly DenyDocument[];
  /** Rules that have no form in an IAM policy: no document holds them. */
  readonly unsayable: readonly Rule[];
  /** Rules whose conditions do not fit into one document. */
  readonly tooLong: readonly Rule[];
  /** Whether there are more documents than the quota allows. */
  readonly exceeds: boolean;
  /** Whether patterns stand in place of actions, to stay within the quota. */
  readonly shortened: boolean;
}

/**
 * The policy documents that deny what a decision at `aws-request` denies. The same decision gives the same bytes.
 *
 * @param owner the policy's id: two policies that deny the same have documents of different names
 * @param principals ARNs that the documents bind; absent, whoever they are attached to
 */
export function denyDocuments(
  decision: Decision,
  owner: string,
  quota: DenyQuota,
  { sha256 }: Pick<Surroundings, 'sha256'>,
  principals?: readonly string[],
): DenyDocuments {
  const denied = deniedRules(decision);
  const statements = statementsOf(denied);
  let packing = pack(statements, quota.characters, principals);
  let isShortened = false;
  if (packing.documents.length > quota.documents) {
    const shorter = pack(shorten(statements), quota.characters, principals);
    if (shorter.documents.length <= quota.documents) {
      packing = shorter;
      isShortened = true;
    }
  }
  return {
    documents: packing.documents.map(({ text, places }) => ({
      name: documentName(owner, text, sha256),
      document: text,
      sourceMap: places.map(({ pointer, rule }) => ({ at: pointer, rule: rule.id, span: rule.origin.span })),
    })),
    unsayable: denied.filter(({ clauses }) => clauses === undefined).map(({ rule }) => rule),
    tooLong: [...new Set(packing.tooLong.flatMap(({ rules }) => rules))],
    exceeds: packing.documents.length > quota.documents,
    shortened: isShortened,
  };
}

/** `guardrails-deny-` and 20 hexadecimal digits. A policy's id holds no NUL, so that no two pairs are joined to one. */
export function documentName(owner: string, document: string, sha256: Surroundings['sha256']): string {
  return `guardrails-deny-${sha256(`${owner}\0${document}`).slice(0, 20)}`;
}
