import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { matchesGlob } from '../../../expressions/glob.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import { type Effective, effective, type Layers } from '../settings.ts';
import type { Settings } from '../shape.ts';
import { isPattern } from './bounds.ts';
import { budgetOf } from './budget.ts';
import { checkLimits, checkSaidLimits, type Once } from './limit-checks.ts';
import type { Lowering } from './lowering.ts';

/** Reports what is well written and cannot work, or cannot be meant; each field once, whomever it holds for. */
export function checkTenancy(lowering: Lowering): void {
  const { gathered, tiers, start, diagnostics } = lowering;
  if (gathered.tiers.size === 0 && gathered.whole) {
    diagnostics.push(report('POL2002', start, { key: 'tiers', example: 'tiers: { standard: { burst_limit: 100 } }' }));
  }
  const said = saidSettings(lowering);
  for (const each of said) {
    checkEmpty(each, diagnostics);
    checkSaidLimits(each, lowering);
  }
  checkModels(said, lowering);
  const reported = new Set<Span>();
  const check = (layers: Layers) => checkLayers(layers, lowering, reported);
  for (const { layers, teams } of tiers) {
    check(layers);
    for (const team of teams) {
      if (!team.special) continue;
      check(team.layers);
      for (const user of team.users) check(user.layers);
    }
  }
}

/** Every place that says settings, in the order of tiers, teams and users. */
function saidSettings({ gathered }: Lowering): readonly Settings[] {
  const { platform_default: common } = gathered.said;
  const said: Settings[] = common === undefined ? [] : [common.value];
  for (const { document } of gathered.tiers.values()) said.push(document.value);
  for (const { document } of gathered.teams.values()) {
    const { overrides, users } = document.value;
    if (overrides !== undefined) said.push(overrides.value);
    for (const { value } of users?.value ?? []) {
      if (value.value.overrides !== undefined) said.push(value.value.overrides.value);
    }
  }
  return said;
}

/** A list that was written empty allows nothing, which nobody means who keeps a team. */
function checkEmpty({ models_allowed: models }: Settings, diagnostics: Diagnostic[]): void {
  if (models?.node.kind === 'sequence' && models.node.items.length === 0) {
    diagnostics.push(report('POL5178', models.span, {}));
  }
}

/** Looks for each model among those that the platform serves, or else among those of the tiers. */
function checkModels(said: readonly Settings[], { gathered, diagnostics, tiers }: Lowering): void {
  const served = gathered.said.models?.value.map(({ value }) => value);
  const common = gathered.said.platform_default?.value;
  const ofTiers = [...gathered.tiers.values()].map(({ document }): Settings => document.value);
  const shared = common === undefined ? ofTiers : [common, ...ofTiers];
  const everything = tiers.some(({ layers }) => effective(layers, 'models_allowed') === undefined);
  const allowed = shared.flatMap(({ models_allowed: models }) => models?.value ?? []);
  if (served !== undefined) {
    const known = new Set(served);
    for (const { models_allowed: models, per_model: limited } of said) {
      for (const model of [...(models?.value ?? []), ...(limited?.value ?? []).map(({ key }) => key)]) {
        if (!isAmong(model.value, known)) diagnostics.push(unknownModel(model, known, 'POL3144'));
      }
    }
    if (everything) return;
    const patterns = said.flatMap(({ models_allowed: models }) => models?.value ?? []).map(({ value }) => value);
    const own = new Set(patterns);
    const globs = patterns.filter(isPattern);
    for (const { value, span } of gathered.said.models?.value ?? []) {
      const used = own.has(value) || globs.some((pattern) => matchesGlob(value, pattern));
      if (!used) diagnostics.push(report('POL5179', span, { model: shorten(value) }));
    }
    return;
  }
  if (everything || allowed.length === 0) return;
  const known = new Set(allowed.map(({ value }) => value));
  const globs = [...known].filter(isPattern);
  for (const settings of said) {
    if (shared.includes(settings)) continue;
    for (const model of settings.models_allowed?.value ?? []) {
      if (isAmong(model.value, known) || globs.some((pattern) => matchesGlob(model.value, pattern))) continue;
      diagnostics.push(unknownModel(model, known, 'POL3142'));
    }
  }
}

function isAmong(model: string, known: ReadonlySet<string>): boolean {
  if (known.has(model)) return true;
  return isPattern(model) && [...known].some((each) => matchesGlob(each, model));
}

function unknownModel(
  { value, span, node }: Located<string>,
  known: ReadonlySet<string>,
  code: 'POL3142' | 'POL3144',
): Diagnostic {
  const better = nearest(value, known);
  return report(code, span, { model: shorten(value) }, node.kind === 'scalar' ? replaceWith(node, better) : {});
}

/** What the settings that hold for somebody say together. */
function checkLayers(layers: Layers, { gathered, accepted, diagnostics }: Lowering, reported: Set<Span>): void {
  const once: Once = (span, found) => {
    if (reported.has(span)) return;
    reported.add(span);
    diagnostics.push(found());
  };
  const hour = effective(layers, 'token_limit_per_hour');
  const day = effective(layers, 'token_limit_per_day');
  const month = effective(layers, 'token_limit_per_month');
  const hours = gathered.said.months_as_hours?.value ?? 0;
  for (const [shorter, longer, longerHours] of [
    [hour, day, 24],
    [hour, month, hours],
    [day, month, hours],
  ] as const) {
    const least = shorter === day ? 24 : 1;
    if (shorter === undefined || longer === undefined || longerHours <= least || longer.value >= shorter.value)
      continue;
    once(longer.said.span, () => neverReached(shorter, longer));
  }
  const window = effective(layers, 'rate_limit_window');
  if (window !== undefined && effective(layers, 'burst_limit') === undefined) {
    once(window.said.span, () => report('POL5175', window.said.key ?? window.said.span, {}));
  }
  const enforced = effective(layers, 'enable_budget_enforcement');
  if (enforced?.value === true && effective(layers, 'budget_usd_monthly') === undefined) {
    once(enforced.said.span, () => report('POL5176', enforced.said.key ?? enforced.said.span, {}));
  }
  checkLimits(layers, gathered.said.spend_writer !== undefined, once);
  const budget = budgetOf(layers);
  if (budget === undefined || gathered.said.spend_writer !== undefined) return;
  if (accepted.some(({ loss }) => isOf(loss, budget.topic))) return;
  once(budget.said.span, () => report('POL5170', budget.said.key ?? budget.said.span, {}));
}

function neverReached(shorter: Effective<number>, longer: Effective<number>): Diagnostic {
  const related = [{ span: shorter.said.span, label: 'the limit of the shorter window' }];
  return report('POL5173', longer.said.span, { field: shorter.topic, amount: shorter.value }, { related });
}

/** Whether an acceptance names the field: its last components. */
function isOf(loss: string, topic: string): boolean {
  return topic === loss || topic.endsWith(`.${loss}`);
}
