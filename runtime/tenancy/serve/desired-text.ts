import { printYaml } from '../../../compiler/backends/kuadrant/print-yaml.ts';
import type { JsonMap } from '../port.ts';
import { canonical, type PendingTier, type Records, type TeamDocument, templateKey } from './records.ts';
import { templateSettings } from './template-text.ts';

/**
 * The records as documents of the dialect, to stand behind the platform's own files. A team that has a new version of its
 * tier already has what is new in it as overrides, below those of its own.
 *
 * @param place of the ConfigMap, which findings name
 */
export function desiredText(
  { teams, templates, pending }: Records,
  place: { readonly namespace: string; readonly name: string },
): string {
  let text = '\n';
  if (templates.size > 0) {
    const data = Object.fromEntries([...templates].map(([key, value]) => [key, value.trimEnd()]));
    text += `---\n${printYaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...place }, data })}`;
  }
  if (teams.size === 0) return text;
  const ahead = new Map<string, ReadonlySet<string>>();
  for (const [tier, { teams: named }] of pending) ahead.set(tier, new Set(named));
  const lines = [...teams].map(([name, team]) => {
    const next = pending.get(team.tier);
    const has = next !== undefined && ahead.get(team.tier)?.has(name) === true;
    const said = has ? withNew(team, next, templates.get(templateKey(team.tier))) : team;
    return `${JSON.stringify(name)}: ${JSON.stringify(said)}`;
  });
  return `${text}---\n{"teams": {\n${lines.join(',\n')}\n}}\n`;
}

function withNew(team: TeamDocument, { settings }: PendingTier, template: string | undefined): TeamDocument {
  const overrides = { ...newIn(settings, templateSettings(template ?? '') ?? {}), ...team.overrides };
  return { ...team, overrides };
}

/** The settings of a new version that the old one has otherwise, or not at all. */
function newIn(settings: JsonMap, old: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(settings).filter(([key, value]) => isSetting(key) && canonical(old[key]) !== canonical(value)),
  );
}

/**
 * Why a new version cannot stand beside the old one; undefined where it can. What it leaves out, overrides cannot take out,
 * and they extend nothing.
 */
export function whyNotBeside(settings: JsonMap, old: JsonMap): string | undefined {
  if (canonical(settings.extends) !== canonical(old.extends)) return 'it extends another tier than before';
  const gone = Object.keys(old).filter((key) => isSetting(key) && !Object.hasOwn(settings, key));
  return gone.length === 0 ? undefined : `it leaves out ${gone.map((key) => `\`${key}\``).join(', ')}`;
}

function isSetting(key: string): boolean {
  return key !== 'extends' && key !== 'tier';
}
