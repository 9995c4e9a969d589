import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import { amountText } from '../amount.ts';
import type { LimitName, Settings, TokenLimitName } from '../setting-fields.ts';
import {
  type EffectiveAmount,
  effective,
  effectiveNearBudget,
  effectivePerModel,
  effectivePerUser,
  isMisread,
  type Layers,
  limitedModels,
  usersIn,
} from '../settings.ts';
import { amountOf } from './bounds.ts';
import { budgetOf } from './budget.ts';
import type { Lowering } from './lowering.ts';

/** Reports what stands at one place once, whomever it holds for. */
export type Once = (span: Span, found: () => Diagnostic) => void;

const tokenNames: readonly TokenLimitName[] = ['token_limit_per_hour', 'token_limit_per_day', 'token_limit_per_month'];
const names: readonly LimitName[] = [...tokenNames, 'burst_limit'];

/** What one place says of limits, whatever else holds. */
export function checkSaidLimits(settings: Settings, { gathered, diagnostics }: Lowering): void {
  if (gathered.said.months_as_hours === undefined) {
    for (const month of monthsIn(settings)) diagnostics.push(report('POL5174', month.key ?? month.span, {}));
  }
  const near = settings.near_budget;
  if (near?.node.kind === 'map' && near.node.entries.length === 0) {
    diagnostics.push(report('POL5183', near.key ?? near.span, {}));
  }
}

function monthsIn(settings: Settings): readonly Located<unknown>[] {
  const { near_budget: near, per_model: models } = settings;
  return [
    settings.token_limit_per_month,
    near?.value.token_limit_per_month,
    ...[false, true].map((isNear) => usersIn(settings, isNear)?.token_limit_per_month),
    ...(models?.value ?? []).map(({ value }) => value.value.token_limit_per_month),
  ].filter((each) => each !== undefined);
}

/**
 * What the limits that hold for somebody say together: shares of what there is not, limits near the end of a budget that
 * nobody measures, and those that take the place of a lower one.
 */
export function checkLimits(layers: Layers, isSpendingWritten: boolean, once: Once): void {
  const usual = (name: LimitName) => effective(layers, name);
  for (const name of names) {
    const near = effectiveNearBudget(layers, name);
    const user = effectivePerUser(layers, name, false);
    const nearUser = effectivePerUser(layers, name, true);
    for (const found of [near, user, nearUser]) checkShare(layers, name, found, once);
    for (const found of [near, nearUser]) checkSpending(layers, found, isSpendingWritten, once);
    checkLower(layers, name, near, usual(name), once);
    checkLower(layers, name, user, usual(name), once);
    checkLower(layers, name, nearUser, user ?? near ?? usual(name), once);
  }
  for (const model of limitedModels(layers)) {
    for (const name of tokenNames) checkShare(layers, name, effectivePerModel(layers, model, name), once);
  }
}

function checkShare(layers: Layers, name: LimitName, found: EffectiveAmount | undefined, once: Once): void {
  if (found === undefined || amountOf(layers, name, found) !== undefined || isMisread(layers, name)) return;
  const { said, value } = found;
  once(said.span, () => report('POL5180', said.span, { share: amountText(value), field: name }));
}

function checkSpending(layers: Layers, found: EffectiveAmount | undefined, isWritten: boolean, once: Once): void {
  if (found === undefined || (isWritten && budgetOf(layers) !== undefined)) return;
  // Whoever is told not to be held to the budget is not held to what is left of it either.
  if (isWritten && effective(layers, 'enable_budget_enforcement')?.value === false) return;
  once(found.said.span, () => report('POL5181', found.said.key ?? found.said.span, {}));
}

function checkLower(
  layers: Layers,
  name: LimitName,
  found: EffectiveAmount | undefined,
  other: EffectiveAmount | undefined,
  once: Once,
): void {
  if (found === undefined || other === undefined) return;
  const amount = amountOf(layers, name, found);
  const most = amountOf(layers, name, other);
  if (amount === undefined || most === undefined || amount < most) return;
  const related = [{ span: other.said.span, label: 'the other limit' }];
  const values = { amount, field: other.topic, most };
  once(found.said.span, () => report('POL5182', found.said.span, values, { related }));
}
