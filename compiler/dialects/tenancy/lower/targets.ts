import { report } from '../../../diagnostics/report.ts';
import type { Budget, EnforceAt } from '../../../ir/obligation.ts';
import type { Obligation } from '../../../ir/policy.ts';
import type { Tier } from '../model.ts';
import type { TargetDocument } from '../shape.ts';
import { budgetOf } from './budget.ts';
import type { Lowering } from './lowering.ts';

/** The names that seed 004 gives labels and annotations. */
const defaults = {
  labels: { team: 'maas/team-id', user: 'maas/user-id', tier: 'maas/tier' },
  annotations: { budget: 'maas/budget-usd', spent: 'maas/spend-current' },
  keys: [['kuadrant.io/apikeys-by', 'maas']],
} as const;

/** An obligation for each gateway and route at which requests are decided and counted. */
export function lowerTargets(lowering: Lowering): readonly Obligation[] {
  const { gathered, start, diagnostics, tiers, isPart, path } = lowering;
  if (gathered.targets.length === 0 && gathered.whole) {
    const file = path.split('/').at(-1) ?? path;
    const help = `write a policy with \`targets\`, \`teams\` and \`include: [${file}]\``;
    diagnostics.push(report('POL2100', start, {}, isPart ? { help } : {}));
  }
  const budgets = tiers.flatMap(budgetsOf);
  const seen = new Map<string, TargetDocument>();
  return gathered.targets.flatMap(({ value, span }, index): readonly Obligation[] => {
    const { gateway, route } = value;
    if (gateway !== undefined && route !== undefined) {
      const related = [{ span: gateway.key ?? gateway.span, label: 'the gateway' }];
      diagnostics.push(report('POL2101', route.key ?? route.span, {}, { related }));
      return [];
    }
    const place = (gateway ?? route)?.value;
    if (place?.namespace === undefined || place.name === undefined) return [];
    const at = gateway === undefined ? 'route' : 'gateway';
    const key = [at, place.namespace.value, place.name.value, place.section?.value ?? ''].join(' ');
    if (seen.has(key)) {
      diagnostics.push(report('POL2105', span, { kind: at, name: `${place.namespace.value}/${place.name.value}` }));
      return [];
    }
    seen.set(key, value);
    const body: EnforceAt = {
      kind: 'enforce-at',
      at,
      namespace: place.namespace.value,
      name: place.name.value,
      ...(place.section === undefined ? {} : { sectionName: place.section.value }),
      ...whoIsWho(lowering, place.namespace.value),
      budgets,
    };
    return [{ id: `target/${index}`, topic: `targets[${index}]`, origin: { span }, ...body }];
  });
}

function whoIsWho(
  { gathered: { said } }: Lowering,
  namespace: string,
): Pick<EnforceAt, 'keys' | 'labels' | 'annotations' | 'modelHeader'> {
  const { team, user, tier } = said.labels?.value ?? {};
  const { budget, spent } = said.annotations?.value ?? {};
  const { name, set_by: setBy } = said.model_header?.value ?? {};
  const chosen = said.keys?.value.labels?.value.map(({ key, value }) => [key.value, value.value] as const);
  return {
    keys: {
      namespace: said.keys?.value.namespace?.value ?? namespace,
      labels: [...(chosen ?? defaults.keys)].sort(([one], [other]) => (one < other ? -1 : 1)),
    },
    labels: {
      team: team?.value ?? defaults.labels.team,
      user: user?.value ?? defaults.labels.user,
      tier: tier?.value ?? defaults.labels.tier,
    },
    annotations: {
      budget: budget?.value ?? defaults.annotations.budget,
      spent: spent?.value ?? defaults.annotations.spent,
    },
    ...(name === undefined || setBy === undefined ? {} : { modelHeader: { name: name.value, setBy: setBy.value } }),
  };
}

/** What the keys of a tier are given as their budget, and those of the teams and users for whom something else holds. */
function budgetsOf({ name: tier, layers, teams }: Tier): readonly Budget[] {
  const common = budgetOf(layers)?.value;
  const budgets: Budget[] = common === undefined ? [] : [{ tier, dollars: common }];
  for (const { name: team, special, layers: own, users } of teams) {
    if (!special) continue;
    const dollars = budgetOf(own)?.value;
    if (dollars !== undefined && dollars !== common) budgets.push({ tier, team, dollars });
    for (const { name: user, layers: theirs } of users) {
      const amount = budgetOf(theirs)?.value;
      if (amount !== undefined && amount !== dollars) budgets.push({ tier, team, user, dollars: amount });
    }
  }
  return budgets;
}
