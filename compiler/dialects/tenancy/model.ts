import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { attribute, compare, literal, type Predicate } from '../../expressions/predicate.ts';
import { replaceWith } from '../../schema/scalars.ts';
import type { Located } from '../../schema/shape.ts';
import type { Span } from '../../source/span.ts';
import type { Gathered, Named } from './gather.ts';
import type { Layer, Layers } from './settings.ts';
import type { TeamDocument, TierDocument } from './shape.ts';

export interface Tier {
  readonly name: string;
  readonly span: Span;
  readonly is: Predicate;
  readonly layers: Layers;
  readonly teams: readonly Team[];
}

export interface Team {
  readonly name: string;
  readonly span: Span;
  /** That a request is of this team and its tier. */
  readonly of: readonly Predicate[];
  readonly layers: Layers;
  /** True where it, or a user of it, says something of its own. */
  readonly special: boolean;
  /** The users that say something of their own. */
  readonly users: readonly User[];
}

export interface User {
  readonly name: string;
  readonly span: Span;
  readonly layers: Layers;
}

/** The tiers in the order of the source, each with its teams and with the places that speak of each. */
export function modelOf(gathered: Gathered, diagnostics: Diagnostic[]): readonly Tier[] {
  const common = gathered.said.platform_default;
  const base: Layers =
    common === undefined ? [] : [{ settings: common.value, topic: 'platform_default', node: common.node }];
  const teams = teamsByTier(gathered, diagnostics);
  const circles = new Set<string>();
  return [...gathered.tiers.values()].map((named) => {
    const name = named.name.value;
    const is = compare(attribute('tier'), '==', literal(name));
    const layers = [...tierLayers(named, gathered, circles, diagnostics), ...base];
    const own = (teams.get(name) ?? []).map((team) => teamOf(team, is, layers));
    return { name, span: named.name.span, is, layers, teams: own };
  });
}

function teamsByTier(
  { teams, tiers, whole }: Gathered,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, readonly Named<TeamDocument>[]> {
  const byTier = new Map<string, Named<TeamDocument>[]>();
  for (const name of tiers.keys()) byTier.set(name, []);
  for (const team of teams.values()) {
    const tier = team.document.value.tier;
    if (tier === undefined) continue;
    const list = byTier.get(tier.value);
    if (list !== undefined) list.push(team);
    // What a file that cannot be read would have said is not unknown; that there are no tiers at all is said once.
    else if (whole && tiers.size > 0) diagnostics.push(unknownTier(tier, tiers));
  }
  return byTier;
}

function unknownTier({ value, span, node }: Located<string>, tiers: Gathered['tiers']): Diagnostic {
  const names = [...tiers.keys()];
  const known =
    names.length === 0
      ? 'none'
      : names
          .slice(0, 10)
          .map((name) => `\`${name}\``)
          .join(', ');
  const better = nearest(value, names);
  return report('POL3140', span, { name: value, known }, node.kind === 'scalar' ? replaceWith(node, better) : {});
}

/**
 * The tier itself and those that it extends.
 *
 * @param circles the tiers of circles that were reported: each is met again from its other tiers
 */
function tierLayers(
  first: Named<TierDocument>,
  { tiers, whole }: Gathered,
  circles: Set<string>,
  diagnostics: Diagnostic[],
): readonly Layer[] {
  const layers: Layer[] = [];
  const names: string[] = [];
  for (let at: Named<TierDocument> | undefined = first; at !== undefined; ) {
    const name: string = at.name.value;
    names.push(name);
    layers.push({ settings: at.document.value, topic: `tiers.${name}`, node: at.document.node });
    const base: Located<string> | undefined = at.document.value.extends;
    if (base === undefined) break;
    if (names.includes(base.value)) {
      const circle = names.slice(names.indexOf(base.value));
      if (!circles.has(base.value)) {
        const shown = [...circle, base.value].map((each) => `\`${each}\``).join(' → ');
        diagnostics.push(report('POL5172', base.span, { circle: shown }));
      }
      for (const each of circle) circles.add(each);
      break;
    }
    at = tiers.get(base.value);
    if (at === undefined && whole && layers.length === 1) diagnostics.push(unknownTier(base, tiers));
  }
  return layers;
}

function teamOf({ name, document: { value } }: Named<TeamDocument>, tier: Predicate, below: Layers): Team {
  const { overrides } = value;
  const topic = `teams.${name.value}`;
  const layers =
    overrides === undefined
      ? below
      : [{ settings: overrides.value, topic: `${topic}.overrides`, node: overrides.node }, ...below];
  const users: User[] = [];
  for (const { key, value: user } of value.users?.value ?? []) {
    const own = user.value.overrides;
    if (own === undefined) continue;
    const layer = { settings: own.value, topic: `${topic}.users.${key.value}.overrides`, node: own.node };
    users.push({ name: key.value, span: key.span, layers: [layer, ...layers] });
  }
  return {
    name: name.value,
    span: name.span,
    of: [tier, compare(attribute('team'), '==', literal(name.value))],
    layers,
    special: overrides !== undefined || users.length > 0,
    users,
  };
}
