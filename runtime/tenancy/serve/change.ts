import type { JsonMap } from '../port.ts';

/** How a new version of a tier comes to its teams. */
export type Rollout =
  /** Each team takes it when it says so. */
  | { readonly mode: 'opt-in' }
  /** All teams at once. */
  | { readonly mode: 'immediate' }
  /** So many teams at a time, in the order of their names; the next after the policies of those before are enforced. */
  | { readonly mode: 'staged'; readonly percent?: number; readonly batch?: number };

/** What a caller asks for: what the journal holds. */
export type Change =
  | {
      readonly kind: 'create-team';
      readonly team: string;
      readonly tier: string;
      readonly overrides?: JsonMap;
      /** Members by name. */
      readonly users?: JsonMap;
    }
  | { readonly kind: 'change-team'; readonly team: string; readonly tier?: string; readonly overrides?: JsonMap }
  | { readonly kind: 'delete-team'; readonly team: string }
  | { readonly kind: 'put-member'; readonly team: string; readonly user: string; readonly overrides?: JsonMap }
  | { readonly kind: 'delete-member'; readonly team: string; readonly user: string }
  | { readonly kind: 'set-budget'; readonly team: string; readonly dollars: number }
  | { readonly kind: 'opt-in'; readonly team: string }
  | { readonly kind: 'put-tier'; readonly tier: string; readonly settings: JsonMap; readonly rollout: Rollout }
  | { readonly kind: 'delete-tier'; readonly tier: string }
  /** Makes the policies what was said, also where others own fields of them. */
  | { readonly kind: 'repair' }
  | { readonly kind: 'create-key'; readonly team: string; readonly user: string; readonly id: string }
  | { readonly kind: 'delete-key'; readonly team: string; readonly id: string };

/** The team that a change is about; undefined of tiers. */
export function teamOfChange(change: Change): string | undefined {
  return 'team' in change ? change.team : undefined;
}

/** What a change is about, without what it says: the journal has that, and nobody asks for it when it is over. */
export function withoutContent(change: Change): Change {
  switch (change.kind) {
    case 'create-team': {
      const { kind, team, tier } = change;
      return { kind, team, tier };
    }
    case 'change-team': {
      const { kind, team } = change;
      return { kind, team };
    }
    case 'put-member': {
      const { kind, team, user } = change;
      return { kind, team, user };
    }
    case 'put-tier':
      return { ...change, settings: {} };
    default:
      return change;
  }
}

export function isOfKey(change: Change): boolean {
  return change.kind === 'create-key' || change.kind === 'delete-key';
}

/** `team research`, as events, the audit log and problems name what a change is about. */
export function subjectOf(change: Change): string {
  switch (change.kind) {
    case 'put-tier':
    case 'delete-tier':
      return `tier ${change.tier}`;
    case 'put-member':
    case 'delete-member':
      return `member ${change.user} of team ${change.team}`;
    case 'create-key':
    case 'delete-key':
      return `key ${change.id} of team ${change.team}`;
    case 'repair':
      return 'policies';
    default:
      return `team ${change.team}`;
  }
}
