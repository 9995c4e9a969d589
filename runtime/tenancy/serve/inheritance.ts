import { hash } from 'node:crypto';
import type { Change } from './change.ts';
import { inheritors } from './events.ts';
import { canonical, type Records, templateKey } from './records.ts';
import { templateSettings } from './template-text.ts';

/** What a round has changed in templates and in what teams have from them, for the audit log. */
export function inheritance(change: Change, before: Records, after: Records): readonly string[] {
  switch (change.kind) {
    case 'put-tier':
    case 'delete-tier': {
      const { tier } = change;
      const reasons = [`tier ${tier}: ${versionText(before, tier)}, now ${versionText(after, tier)}`];
      if (after.pending.has(tier)) reasons.push(`tier ${tier}: ${newVersionText(after, tier)} waits for teams`);
      for (const team of inheritors(tier, before, after)) reasons.push(inherits(after, team, tier));
      return reasons;
    }
    case 'opt-in':
    case 'create-team':
    case 'change-team':
    case 'delete-team': {
      const tier = after.teams.get(change.team)?.tier;
      const own = tier === undefined ? [] : [inherits(after, change.team, tier)];
      return [...settled(before, after), ...own];
    }
    default:
      return [];
  }
}

/** Versions that are the tier's now, since the last team has them or has gone. */
function settled(before: Records, after: Records): readonly string[] {
  return [...before.pending.keys()]
    .filter((tier) => !after.pending.has(tier))
    .map((tier) => `tier ${tier}: ${versionText(before, tier)}, now ${versionText(after, tier)}`);
}

function inherits(records: Records, team: string, tier: string): string {
  const ahead = records.pending.get(tier)?.teams.includes(team) === true;
  return `team ${team} inherits tier ${tier}, ${ahead ? newVersionText(records, tier) : versionText(records, tier)}`;
}

function versionText({ templates }: Records, tier: string): string {
  const text = templates.get(templateKey(tier));
  if (text === undefined) return 'no template';
  return `version ${digestOf(canonical(templateSettings(text) ?? text))}`;
}

function newVersionText({ pending }: Records, tier: string): string {
  return `version ${digestOf(canonical(pending.get(tier)?.settings))}`;
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12);
}
