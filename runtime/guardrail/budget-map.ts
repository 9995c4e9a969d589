import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { region } from '../../compiler/dialects/aws-region.ts';
import { accountId } from '../../compiler/dialects/guardrail/account-id.ts';
import { costService } from '../../compiler/dialects/guardrail/names.ts';
import { list, type MappingEntry, mapping, object, optional } from '../../compiler/schema/collections.ts';
import { text } from '../../compiler/schema/scalars.ts';
import type { Decoded, Located, Shape } from '../../compiler/schema/shape.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { Cause, CostEvent } from './cost-event.ts';
import { attributeOfCause } from './places.ts';
import { readYamlData } from './yaml-data.ts';

/** What budgets count that their notifications do not say, by the budget's name, or by `ACCOUNT:NAME`. */
export type BudgetMap = ReadonlyMap<string, MappedBudget>;

export interface MappedBudget {
  /** Each combination of account, service and region that the budget counts. */
  readonly causes: readonly Cause[];
  readonly tags: ReadonlyMap<string, string>;
  /** As in a CostEvent: where the map says it. */
  readonly places: ReadonlyMap<string, Span>;
}

/** A budget that counts more combinations is refused: each is evaluated by itself. */
const mostCauses = 4096;

const budgetName = text('a budget name', {
  source: '(?:[0-9]{12}:)?[^:\\\\\\u0000-\\u001f]{1,100}',
  doc: 'at most 100 characters without `:` and `\\`; `ACCOUNT:NAME` is the one of that account',
});

const budget = {
  services: optional(list(costService), 'The services that the budget counts. Absent: unknown.', '[Amazon EC2]'),
  regions: optional(list(region), 'The regions that the budget counts. Absent: unknown.', '[us-east-1]'),
  accounts: optional(
    list(accountId),
    'The accounts whose spending the budget counts. Absent: the account that has the budget.',
    '["123456789012"]',
  ),
  tags: optional(
    mapping(text('a tag key'), text('a tag value')),
    'The tags that the budget filters by. Absent: unknown.',
    '{ Environment: dev }',
  ),
};

const shape: Shape<readonly MappingEntry<string, Decoded<typeof budget>>[]> = mapping(budgetName, object(budget));

/** Reads a budget map: YAML or JSON, `BUDGET NAME: { services, regions, accounts, tags }`. Never throws. */
export function readBudgetMap(
  path: string,
  content: Uint8Array | string,
): { readonly map: BudgetMap | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readYamlData(path, content, shape);
  if (value === undefined || diagnostics.some(({ severity }) => severity === 'error')) {
    return { map: undefined, diagnostics };
  }
  const found = [...diagnostics];
  const map = new Map<string, MappedBudget>();
  for (const { key, value: entry } of value) {
    const combinations = (['accounts', 'services', 'regions'] as const).reduce(
      (product, name) => product * Math.max(1, entry.value[name]?.value.length ?? 0),
      1,
    );
    if (combinations > mostCauses) {
      found.push(report('POL5070', key.span, { name: key.value, number: combinations, limit: mostCauses }));
    } else map.set(key.value, mappedBudget(entry.value));
  }
  return { map: found.some(({ severity }) => severity === 'error') ? undefined : map, diagnostics: found };
}

function mappedBudget({ accounts, services, regions, tags }: Decoded<typeof budget>): MappedBudget {
  const causes: Cause[] = [];
  const places = new Map<string, Span>();
  for (const account of valuesOf(accounts)) {
    for (const service of valuesOf(services)) {
      for (const place of valuesOf(regions)) {
        const index = causes.length;
        if (account !== undefined) places.set(attributeOfCause('account', index), account.span);
        if (service !== undefined) places.set(attributeOfCause('service', index), service.span);
        if (place !== undefined) places.set(attributeOfCause('region', index), place.span);
        const name = service?.value.names[0];
        causes.push({
          ...(account === undefined ? {} : { account: account.value }),
          ...(name === undefined ? {} : { service: name }),
          ...(place === undefined ? {} : { region: place.value }),
        });
      }
    }
  }
  for (const { key, value } of tags?.value ?? []) places.set(`tag:${key.value}`, value.span);
  return {
    causes,
    tags: new Map((tags?.value ?? []).map(({ key, value }) => [key.value, value.value])),
    places,
  };
}

/** An absent or empty list leaves the attribute unknown. */
function valuesOf<T>(list: Located<readonly Located<T>[]> | undefined): readonly (Located<T> | undefined)[] {
  return list === undefined || list.value.length === 0 ? [undefined] : list.value;
}

/** A budget's event with what the map knows of the budget; any other as it is. */
export function withBudgetMap(event: CostEvent, map: BudgetMap): CostEvent {
  if (event.source !== 'budgets') return event;
  const budget = map.get(`${event.account}:${event.subject}`) ?? map.get(event.subject);
  if (budget === undefined) return event;
  return {
    ...event,
    // What the event says itself counts.
    causes: event.causes.flatMap((own) => budget.causes.map((cause) => ({ ...cause, ...own }))),
    tags: new Map([...budget.tags, ...event.tags]),
    places: new Map([...budget.places, ...event.places]),
  };
}
