import type { Policy } from '../../compiler/ir/policy.ts';
import type { AuditLog } from '../audit/log.ts';
import type { ApprovalRecord } from '../signing/approval.ts';
import type { InvitationStatus } from '../signing/invitation.ts';
import type { TrustStore } from '../signing/trust-store.ts';
import type { Verdict } from '../signing/verdict.ts';
import type { Cloud } from './cloud.ts';
import type { Prices } from './prices.ts';
import type { ReportedSpend } from './spend.ts';

/** A launch that somebody asks for. */
export interface LaunchAsked {
  /** A template by its name; an image by its id or name. */
  readonly launched: string;
  /** What the instance is to be called. */
  readonly name: string;
  readonly region: string;
  /** Absent: what the template, or the image, starts with. */
  readonly instanceType?: string;
  /** Of the instance and its volumes, besides polc's own. */
  readonly tags: ReadonlyMap<string, string>;
  readonly dryRun: boolean;
  readonly keyPair?: string;
  readonly subnet?: string;
  readonly securityGroups?: readonly string[];
  readonly instanceProfile?: string;
  /** Absent: an image is launched by itself. */
  readonly template?: AskedTemplate;
  /** Absent: no institution and no profile bounds the launch (settled point 24a). */
  readonly profile?: AskedProfile;
}

export interface AskedTemplate {
  readonly name: string;
  /** As it was lowered. */
  readonly policy: Policy;
  readonly verdict: Verdict;
  /** What an approval approves; absent where the template cannot be read as it is signed. */
  readonly digest?: string;
  /** The source that counts; undefined where it has to be signed and is not. */
  readonly source: string | undefined;
  /** The names of the templates that it builds on. */
  readonly inherits: readonly string[];
}

export interface AskedProfile {
  readonly name: string;
  /** The whole chain: institution, profile, invitation. */
  readonly policy: Policy;
  readonly invitation?: InvitationStatus;
}

/** What a launch works with. */
export interface LaunchWorld {
  readonly cloud: Cloud;
  readonly audit: AuditLog;
  /** The path of the ledger. */
  readonly ledger: string;
  readonly trust: TrustStore;
  readonly approvals: readonly ApprovalRecord[];
  readonly prices: Prices | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly actor: string;
  /** The hash of all policies that decide, with what the image carries by its digest. */
  policyHash(digest: string | undefined): string;
  /** The source of the template of this name, which an image that is signed says it is of. */
  sourceOf(template: string): string | undefined;
  /** What somebody else says was spent, such as Cost Explorer; rejects with AwsFailure. */
  readonly reported?: () => Promise<ReportedSpend>;
}
