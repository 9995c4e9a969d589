import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { mapping, object, optional } from '../../compiler/schema/collections.ts';
import { number, text } from '../../compiler/schema/scalars.ts';
import type { Decoded, Shape } from '../../compiler/schema/shape.ts';
import type { CostEvent } from './cost-event.ts';
import { costServiceName } from './events/cost-service-name.ts';
import { readYamlData } from './yaml-data.ts';

/** What was spent before, by which `cost_rate_change` is measured. */
export interface History {
  /** The mean is over at most so many periods, the latest ones. */
  readonly periods: number;
  /** US dollars by period (`2022-08`), by the budget's name, or by `ACCOUNT:NAME`. */
  readonly budgets: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The same by what Cost Explorer calls the service. */
  readonly services: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const amounts = mapping(
  text('a period', { source: '[^\\u0000-\\u001f]{1,40}', doc: 'such as `2022-08`' }),
  number({ integer: false, minimum: 0, maximum: 1e15 }),
);
const byName = mapping(text('a name'), amounts);

const history = {
  periods: optional(
    number({ integer: true, minimum: 1, maximum: 1000 }),
    'Over how many of the latest periods the mean is taken. Absent: over all.',
    '3',
  ),
  budgets: optional(
    byName,
    'US dollars by budget and period; `ACCOUNT:NAME` is the budget of that account.',
    '{ ci: { "2022-08": 120 } }',
  ),
  services: optional(byName, 'US dollars by service and period.', '{ Amazon EC2: { "2022-08": 120 } }'),
};

const shape: Shape<Decoded<typeof history>> = object(history);

/** Reads a history: YAML or JSON, `{ periods, budgets: { NAME: { PERIOD: AMOUNT } }, services: … }`. Never throws. */
export function readHistory(
  path: string,
  content: Uint8Array | string,
): { readonly history: History | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readYamlData(path, content, shape);
  if (value === undefined || diagnostics.some(({ severity }) => severity === 'error')) {
    return { history: undefined, diagnostics };
  }
  const { periods, budgets, services } = value;
  return {
    history: {
      periods: periods?.value ?? Number.POSITIVE_INFINITY,
      budgets: tableOf(budgets?.value, (name) => name),
      services: tableOf(services?.value, (name) => costServiceName(name) ?? name),
    },
    diagnostics,
  };
}

type Table = NonNullable<Decoded<typeof history>['budgets']>['value'];

function tableOf(entries: Table | undefined, name: (written: string) => string): History['budgets'] {
  return new Map(
    (entries ?? []).map(({ key, value }) => [
      name(key.value),
      new Map(value.value.map((each) => [each.key.value, each.value.value])),
    ]),
  );
}

/**
 * The event with `rateChange`: by how many percent its amount exceeds the mean of the earlier periods of its budget or,
 * where it is an anomaly, of the one service of its causes. Without such periods it stays unknown.
 */
export function withHistory(event: CostEvent, { periods, budgets, services }: History): CostEvent {
  const own =
    event.source === 'budgets'
      ? (budgets.get(`${event.account}:${event.subject}`) ?? budgets.get(event.subject))
      : services.get(onlyService(event) ?? '');
  const earlier = [...(own ?? [])]
    // Periods of one kind are written alike, so that they are in order as texts.
    .filter(([period]) => kindOf(period) === kindOf(event.period) && period < event.period)
    .sort(([left], [right]) => (left < right ? 1 : -1))
    .slice(0, periods);
  if (earlier.length === 0) return event;
  const mean = earlier.reduce((sum, [, amount]) => sum + amount, 0) / earlier.length;
  if (mean === 0 && event.amount === 0) return { ...event, rateChange: 0 };
  return { ...event, rateChange: (event.amount / mean - 1) * 100 };
}

/** `2026-Q4` is as long as `2026-11`. */
function kindOf(period: string): string {
  return `${period.length}${period.includes('Q') ? 'Q' : ''}`;
}

function onlyService({ causes }: CostEvent): string | undefined {
  const [first, ...others] = new Set(causes.map(({ service }) => service));
  return others.length === 0 ? first : undefined;
}
