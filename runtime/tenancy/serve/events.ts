import type { ClusterEvent, KubernetesObject, ObjectPlace } from '../port.ts';
import { type Change, subjectOf } from './change.ts';
import { type Places, teamPlace, templatesPlace } from './places.ts';
import { type Records, teamsOf } from './records.ts';

/** What is told of a change: about which object, by which reason, in which words. */
export interface Told {
  readonly about: ObjectPlace;
  readonly type: ClusterEvent['type'];
  /** `PoliciesApplied` */
  readonly reason: string;
  readonly note: string;
}

/** The events of a round that is in force; the first of a team has the words of the platform's own key manager. */
export function eventsOf(change: Change, before: Records, after: Records, places: Places): readonly Told[] {
  const normal = (about: ObjectPlace, reason: string, note: string): Told => ({ about, type: 'Normal', reason, note });
  switch (change.kind) {
    case 'create-team':
    case 'change-team': {
      const tier = after.teams.get(change.team)?.tier ?? '';
      return [normal(teamPlace(places, change.team), 'PoliciesApplied', `Default ${tier} tier policies applied`)];
    }
    case 'delete-team':
      return [normal(templatesPlace(places), 'TeamDeleted', `Policies and keys of team ${change.team} removed`)];
    case 'put-member':
    case 'delete-member': {
      const reason = change.kind === 'put-member' ? 'MemberChanged' : 'MemberRemoved';
      return [normal(teamPlace(places, change.team), reason, `Policies follow ${subjectOf(change)}`)];
    }
    case 'set-budget': {
      const note = `Budget of team ${change.team} is ${change.dollars} US dollars a month`;
      return [normal(teamPlace(places, change.team), 'BudgetUpdated', note)];
    }
    case 'opt-in': {
      const tier = before.teams.get(change.team)?.tier ?? '';
      return [normal(teamPlace(places, change.team), 'TemplateInherited', inherited(tier))];
    }
    case 'put-tier':
      return tierEvents(change.tier, before, after, places);
    case 'delete-tier':
      return [normal(templatesPlace(places), 'TemplateDeleted', `Template of tier ${change.tier} deleted`)];
    case 'repair':
      return [normal(templatesPlace(places), 'PoliciesRepaired', 'What others changed in the policies is taken back')];
    case 'create-key':
      return [normal(teamPlace(places, change.team), 'KeyCreated', `Key ${change.id} of ${change.user} created`)];
    case 'delete-key':
      return [normal(teamPlace(places, change.team), 'KeyDeleted', `Key ${change.id} deleted`)];
    default: {
      const unreachable: never = change;
      return unreachable;
    }
  }
}

/** What a change that came to nothing is told by. */
export function failureEvent(change: Change, detail: string, places: Places): Told {
  const about = 'team' in change ? teamPlace(places, change.team) : templatesPlace(places);
  const note = `${change.kind} of ${subjectOf(change)} failed: ${detail}`;
  return { about, type: 'Warning', reason: 'PoliciesNotApplied', note };
}

/** The teams that have a version of a tier now which they did not have before, sorted. */
export function inheritors(tier: string, before: Records, after: Records): readonly string[] {
  const teams = teamsOf(after, tier);
  const having = (records: Records) => new Set(records.pending.get(tier)?.teams ?? []);
  if (after.pending.has(tier)) {
    const [old, now] = [having(before), having(after)];
    return teams.filter((team) => now.has(team) && !old.has(team));
  }
  const old = having(before);
  return teams.filter((team) => !old.has(team));
}

export function objectAt({ kind, namespace, name }: ObjectPlace, uid?: string): KubernetesObject {
  const metadata = { namespace, name, ...(uid === undefined ? {} : { uid }) };
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}

function tierEvents(tier: string, before: Records, after: Records, places: Places): readonly Told[] {
  const pending = after.pending.get(tier);
  const isNew = pending !== undefined && pending.since !== before.pending.get(tier)?.since;
  const changed = pending === undefined || isNew;
  const having = new Set(inheritors(tier, before, after));
  const waiting = pending === undefined || !isNew ? [] : teamsOf(after, tier).filter((each) => !having.has(each));
  const told = (team: string, reason: string, note: string): Told => ({
    about: teamPlace(places, team),
    type: 'Normal',
    reason,
    note,
  });
  const template: Told = {
    about: templatesPlace(places),
    type: 'Normal',
    reason: 'TemplateChanged',
    note: pending === undefined ? `Template of tier ${tier} changed` : `Tier ${tier} has a new version`,
  };
  return [
    ...(changed ? [template] : []),
    ...[...having].map((team) => told(team, 'TemplateInherited', inherited(tier))),
    ...waiting.map((team) => told(team, 'TemplateChanged', `Tier ${tier} has a new version, which the team can take`)),
  ];
}

function inherited(tier: string): string {
  return `The team has the new version of tier ${tier}`;
}
