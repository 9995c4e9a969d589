import { attribute, compare, inSet, literal, never, not, type Predicate } from '../../../expressions/predicate.ts';
import type { Quota } from '../../../ir/policy.ts';
import type { Span } from '../../../source/span.ts';
import { shareOf } from '../amount.ts';
import type { LimitName, Settings, TokenLimitName } from '../setting-fields.ts';
import {
  type EffectiveAmount,
  effective,
  effectiveNearBudget,
  effectivePerModel,
  effectivePerUser,
  type Layers,
  limitedModels,
  nearFrom,
} from '../settings.ts';
import { budgetOf } from './budget.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What one limit says of somebody. */
export interface Bound {
  readonly amount: number;
  readonly windowMilliseconds: number;
  readonly topic: string;
  readonly span: Span;
  /** What a request must be besides being of somebody; equal ones are one object. */
  readonly conditions: readonly Predicate[];
  /** Equal for bounds by which two may be counted in common, also where they bind nobody, as without a budget its end. */
  readonly key: string;
}

/** One of the limits that a policy may say of everybody: of a team, of each of its users, of a model, near a budget's end. */
export interface LimitKind {
  /** The path of the field below a tier, with the model in brackets. */
  readonly path: string;
  readonly resource: Quota['resource'];
  /** Attributes that are counted apart besides the team. */
  readonly counters: Quota['counters'];
  /**
   * @param own what a user says of itself: whoever has a limit of its own has no share of the team's
   */
  boundOf(layers: Layers, own?: Settings): Bound | undefined;
}

/**
 * The kinds of limits that the layers of a policy say.
 *
 * @param monthHours the length of a month; absent, months are not counted
 * @param enforcesBudgets whether it is known what is spent
 * @param all every tier's, team's and user's layers
 */
export function limitKinds(
  monthHours: number | undefined,
  enforcesBudgets: boolean,
  all: readonly Layers[],
): readonly LimitKind[] {
  const conditions = new SharedConditions();
  const tokenNames: TokenLimitName[] = ['token_limit_per_hour', 'token_limit_per_day'];
  if (monthHours !== undefined) tokenNames.push('token_limit_per_month');
  const names: readonly LimitName[] = [...tokenNames, 'burst_limit'];
  const lengths = {
    token_limit_per_hour: HOUR,
    token_limit_per_day: 24 * HOUR,
    token_limit_per_month: (monthHours ?? 0) * HOUR,
  };
  const lengthOf = (layers: Layers, name: LimitName) =>
    name === 'burst_limit' ? (effective(layers, 'rate_limit_window')?.value ?? MINUTE) : lengths[name];

  const isNearKnown = (layers: Layers) => enforcesBudgets && budgetOf(layers) !== undefined;
  /** That less than so much of the budget is spent, where something else holds from there on. */
  const before = (layers: Layers, later: EffectiveAmount | undefined): readonly Predicate[] =>
    later === undefined || !isNearKnown(layers) ? [] : [conditions.before(nearFrom(layers))];
  const bound = (
    layers: Layers,
    name: LimitName,
    found: EffectiveAmount | undefined,
    own: readonly Predicate[],
  ): Bound | undefined => {
    if (found === undefined) return undefined;
    const amount = amountOf(layers, name, found);
    if (amount === undefined) return undefined;
    const windowMilliseconds = lengthOf(layers, name);
    const { topic, said } = found;
    const key = [topic, amount, windowMilliseconds, ...own.map((each) => conditions.number(each))].join(' ');
    return { amount, windowMilliseconds, topic, span: said.span, conditions: own, key };
  };

  const models = [...new Set(all.flatMap(limitedModels))];
  const modelsApart = (layers: Layers, name: LimitName): readonly Predicate[] => {
    if (models.length === 0 || name === 'burst_limit') return [];
    const apart = models.filter((model) => effectivePerModel(layers, model, name) !== undefined);
    return apart.map((model) => conditions.notOf(model));
  };

  const kinds: LimitKind[] = [];
  const add = (path: string, name: LimitName, counters: Quota['counters'], boundOf: LimitKind['boundOf']) =>
    kinds.push({ path, resource: name === 'burst_limit' ? 'requests' : 'tokens', counters, boundOf });
  for (const name of names) {
    add(name, name, none, (layers) =>
      bound(layers, name, effective(layers, name), [
        ...modelsApart(layers, name),
        ...before(layers, effectiveNearBudget(layers, name)),
      ]),
    );
  }
  for (const model of models) {
    for (const name of tokenNames) {
      add(`per_model[${model}].${name}`, name, isPattern(model) ? byModel : none, (layers) =>
        bound(layers, name, effectivePerModel(layers, model, name), [
          conditions.of(model),
          ...before(layers, effectiveNearBudget(layers, name)),
        ]),
      );
    }
  }
  for (const name of names) {
    add(`per_user.${name}`, name, byUser, (layers, own) =>
      own?.[name] !== undefined
        ? undefined
        : bound(
            layers,
            name,
            effectivePerUser(layers, name, false),
            before(layers, effectivePerUser(layers, name, true)),
          ),
    );
  }
  if (!enforcesBudgets) return kinds;
  const near = (layers: Layers, name: LimitName, found: EffectiveAmount | undefined) =>
    bound(layers, name, found, [isNearKnown(layers) ? conditions.from(nearFrom(layers)) : never]);
  for (const name of names) {
    add(`near_budget.${name}`, name, none, (layers) => near(layers, name, effectiveNearBudget(layers, name)));
    add(`near_budget.per_user.${name}`, name, byUser, (layers) =>
      near(layers, name, effectivePerUser(layers, name, true)),
    );
  }
  return kinds;
}

/** A number as it is, a share as a part of what the team has; undefined where the team has no such limit. */
export function amountOf(layers: Layers, name: LimitName, { value }: EffectiveAmount): number | undefined {
  if (typeof value === 'number') return value;
  const whole = effective(layers, name)?.value;
  return whole === undefined ? undefined : shareOf(value, whole);
}

export function isPattern(model: string): boolean {
  return /[*?]/.test(model);
}

const none: Quota['counters'] = [];
const byUser: Quota['counters'] = [attribute('user')];
const byModel: Quota['counters'] = [attribute('model')];

/** Conditions by what they say: thousands of quotas share each. */
class SharedConditions {
  readonly #known = new Map<string, Predicate>();
  readonly #numbers = new Map<Predicate, number>();

  of(model: string): Predicate {
    return this.#shared(`model ${model}`, () =>
      isPattern(model)
        ? { kind: 'glob', term: attribute('model'), pattern: model }
        : compare(attribute('model'), '==', literal(model)),
    );
  }

  notOf(model: string): Predicate {
    return this.#shared(`not ${model}`, () =>
      not(isPattern(model) ? this.of(model) : inSet(attribute('model'), [model])),
    );
  }

  from(percent: number): Predicate {
    return this.#shared(`from ${percent}`, () => compare(attribute('spent_share'), '>=', literal(percent / 100)));
  }

  before(percent: number): Predicate {
    return this.#shared(`before ${percent}`, () => compare(attribute('spent_share'), '<', literal(percent / 100)));
  }

  /** The same for the same condition. */
  number(condition: Predicate): number {
    return this.#numbers.get(condition) ?? 0;
  }

  #shared(name: string, make: () => Predicate): Predicate {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(name, made);
    this.#numbers.set(made, this.#numbers.size + 1);
    return made;
  }
}
