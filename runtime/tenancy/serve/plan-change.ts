import { isMap } from '../json.ts';
import type { JsonMap } from '../port.ts';
import type { Change, Rollout } from './change.ts';
import { whyNotBeside } from './desired-text.ts';
import {
  canonical,
  type PendingTier,
  type Records,
  type RecordWrite,
  type TeamDocument,
  teamsOf,
  templateKey,
  without,
} from './records.ts';
import { templateSettings, templateText } from './template-text.ts';

/** Why a change cannot be: what it needs is not there, it is in the way of what is there, or it says nothing that can be. */
export interface Refusal {
  readonly because: 'not-found' | 'conflict' | 'invalid';
  readonly detail: string;
}

/** What to write next; empty where nothing is left to do. */
export type Planned =
  | { readonly ok: true; readonly writes: readonly RecordWrite[] }
  | { readonly ok: false; readonly refusal: Refusal };

type RecordChange = Exclude<Change, { readonly kind: 'create-key' | 'delete-key' }>;

/**
 * The next round of a change: a staged rollout has several, all others have one.
 *
 * @param round how many rounds of it are done
 * @param now RFC 3339, in UTC
 */
export function planChange(change: RecordChange, records: Records, round: number, now: string): Planned {
  if (change.kind === 'put-tier') return putTier(change, records, round, now);
  if (round > 0) return writing();
  switch (change.kind) {
    case 'create-team': {
      const { team, tier, overrides, users } = change;
      if (records.teams.has(team)) return refuse('conflict', `there is a team \`${team}\``);
      return writeTeam(team, { tier, ...withOverrides(overrides), users: membersOf(users) });
    }
    case 'change-team':
      return ofTeam(records, change.team, (team) => {
        const { tier = team.tier, overrides = team.overrides } = change;
        const next = { ...team, tier, ...withOverrides(overrides) };
        const left = tier === team.tier ? [] : leavePending(records, team.tier, change.team);
        return writing({ record: 'team', name: change.team, value: next }, ...left);
      });
    case 'delete-team':
      return ofTeam(records, change.team, (team) =>
        writing({ record: 'team', name: change.team, value: null }, ...leavePending(records, team.tier, change.team)),
      );
    case 'put-member':
      return ofTeam(records, change.team, (team) => {
        const member = withOverrides(change.overrides);
        return writeTeam(change.team, { ...team, users: withMember(team.users, change.user, member) });
      });
    case 'delete-member':
      return ofTeam(records, change.team, (team) => {
        const { users = {} } = team;
        if (!Object.hasOwn(users, change.user)) {
          return refuse('not-found', `the team \`${change.team}\` has no member \`${change.user}\``);
        }
        return writeTeam(change.team, { ...team, users: membersOf(without(users, change.user)) });
      });
    case 'set-budget':
      return ofTeam(records, change.team, (team) => {
        const overrides = { ...team.overrides, budget_usd_monthly: change.dollars };
        return writeTeam(change.team, { ...team, overrides });
      });
    case 'opt-in':
      return ofTeam(records, change.team, ({ tier }) => optIn(records, tier, change.team));
    case 'delete-tier': {
      const { tier } = change;
      if (!records.templates.has(templateKey(tier))) return refuse('not-found', noTemplate(tier));
      const [first, ...others] = teamsOf(records, tier);
      if (first !== undefined) {
        const more = others.length === 0 ? '' : ` and ${others.length} more`;
        return refuse('conflict', `the team \`${first}\`${more} is of the tier \`${tier}\``);
      }
      return writing({ record: 'template', name: templateKey(tier), value: null }, ...noPending(records, tier));
    }
    case 'repair':
      return writing();
    default: {
      const unreachable: never = change;
      return unreachable;
    }
  }
}

function putTier(
  { tier, settings, rollout }: Extract<Change, { readonly kind: 'put-tier' }>,
  records: Records,
  round: number,
  now: string,
): Planned {
  const name = templateKey(tier);
  const text = templateText(settings);
  if (text === undefined) return refuse('invalid', 'a setting is null');
  const before = records.templates.get(name);
  // It is written, also where it does not read as what was said.
  if (round > 0 && (rollout.mode !== 'staged' || before === text)) return writing();
  const final = (): Planned => writing({ record: 'template', name, value: text }, ...noPending(records, tier));
  const teams = teamsOf(records, tier);
  if (before === undefined) return round === 0 ? final() : writing();
  const old = templateSettings(before);
  if (old !== undefined && canonical(old) === canonical(settings)) {
    // The version that is there, or the end of a rollout; one that waits is called off.
    const rest = noPending(records, tier);
    return round === 0 ? writing({ record: 'template', name, value: text }, ...rest) : writing();
  }
  if (rollout.mode === 'immediate' || teams.length === 0 || old === undefined) return final();
  const problem = whyNotBeside(settings, old);
  if (problem !== undefined) {
    return refuse(
      'conflict',
      `the new version cannot stand beside the old one: ${problem}; roll it out with \`immediate\``,
    );
  }
  const waiting = records.pending.get(tier);
  const same = waiting !== undefined && canonical(waiting.settings) === canonical(settings);
  const having = same ? waiting.teams.filter((team) => teams.includes(team)) : [];
  const since = same ? waiting.since : now;
  if (rollout.mode === 'opt-in') {
    if (round > 0) return writing();
    return writing({ record: 'pending', name: tier, value: { settings, teams: having, since } });
  }
  const remaining = teams.filter((team) => !having.includes(team));
  const next = remaining.slice(0, sizeOf(rollout, teams.length));
  if (next.length === remaining.length) return final();
  return writing({ record: 'pending', name: tier, value: { settings, teams: [...having, ...next].sort(), since } });
}

function sizeOf({ percent, batch }: Extract<Rollout, { readonly mode: 'staged' }>, teams: number): number {
  return batch ?? Math.max(1, Math.ceil((teams * (percent ?? 10)) / 100));
}

function optIn(records: Records, tier: string, team: string): Planned {
  const pending = records.pending.get(tier);
  if (pending === undefined) return refuse('conflict', `no new version of the tier \`${tier}\` waits`);
  const teams = [...new Set([...pending.teams, team])].sort();
  return writing(...takenBy(tier, { ...pending, teams }, teamsOf(records, tier)));
}

/** A team that goes no longer waits for a version of its tier, nor has it; it may be the last that others waited for. */
function leavePending(records: Records, tier: string, team: string): readonly RecordWrite[] {
  const pending = records.pending.get(tier);
  if (pending === undefined) return [];
  const stay = (each: string) => each !== team;
  const teams = pending.teams.filter(stay);
  const writes = takenBy(tier, { ...pending, teams }, teamsOf(records, tier).filter(stay));
  return writes.length === 1 && teams.length === pending.teams.length ? [] : writes;
}

/** With the last of the teams of a tier its new version is the tier's. */
function takenBy(tier: string, pending: PendingTier, teams: readonly string[]): readonly RecordWrite[] {
  const text = templateText(pending.settings);
  if (text === undefined || teams.length === 0 || teams.some((each) => !pending.teams.includes(each))) {
    return [{ record: 'pending', name: tier, value: pending }];
  }
  return [
    { record: 'template', name: templateKey(tier), value: text },
    { record: 'pending', name: tier, value: null },
  ];
}

function noPending(records: Records, tier: string): readonly RecordWrite[] {
  return records.pending.has(tier) ? [{ record: 'pending', name: tier, value: null }] : [];
}

function ofTeam(records: Records, name: string, plan: (team: TeamDocument) => Planned): Planned {
  const team = records.teams.get(name);
  return team === undefined ? refuse('not-found', `there is no team \`${name}\``) : plan(team);
}

function writeTeam(name: string, value: TeamDocument): Planned {
  return writing({ record: 'team', name, value });
}

function writing(...writes: readonly RecordWrite[]): Planned {
  return { ok: true, writes };
}

function refuse(because: Refusal['because'], detail: string): Planned {
  return { ok: false, refusal: { because, detail } };
}

export function noTemplate(tier: string): string {
  return `the tier \`${tier}\` is not one of the ConfigMap's`;
}

function withOverrides(overrides: JsonMap | undefined): { readonly overrides?: JsonMap } {
  return overrides === undefined ? {} : { overrides };
}

type Members = NonNullable<TeamDocument['users']>;

function withMember(users: Members | undefined, user: string, member: JsonMap): Members {
  return Object.fromEntries([...Object.entries(users ?? {}).filter(([name]) => name !== user), [user, member]]);
}

function membersOf(users: JsonMap | undefined): Members {
  return Object.fromEntries(
    Object.entries(users ?? {}).flatMap(([name, member]) => (isMap(member) ? [[name, member]] : [])),
  );
}
