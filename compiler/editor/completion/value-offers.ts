import { codes, isCode, messageOf } from '../../diagnostics/catalogue.ts';
import { ageUnits } from '../../dialects/guardrail/quantities.ts';
import { anyRefusal, verdictDocs } from '../../dialects/sandbox/actions.ts';
import { byteUnits, timeUnits } from '../../dialects/sandbox/quantities.ts';
import type { Description, EnumerationValue } from '../../schema/shape.ts';
import { errnoNames, errnoValue } from '../../tables/errno.ts';
import { actionsMatching, actionsOf, iamAction, iamServices, isIamService } from '../../tables/iam-actions.ts';
import { explainValue, meaningOf } from '../meaning/explain.ts';
import { withoutHoles } from '../meaning/explanation.ts';
import type { OfferKind } from './offer.ts';

/** A value by its decoded text. */
export interface ValueOffer extends EnumerationValue {
  readonly kind: OfferKind;
  /** False for a text with which a value begins: the editor goes on from there. */
  readonly isWhole: boolean;
  readonly explain: (() => string | undefined) | undefined;
}

/** The values that a scalar of this description may have, as far as it says; those of a large table by what is typed. */
export function valueOffers(description: Description, typed: string): readonly ValueOffer[] {
  const means = meaningOf(description);
  const explain = (text: string) => () => explainValue(description, text)?.paragraphs.join('\n\n');
  const offer = (kind: OfferKind) => (value: EnumerationValue) => ({
    ...value,
    kind,
    isWhole: true,
    explain: means === undefined ? undefined : explain(value.name),
  });
  switch (description.kind) {
    case 'boolean':
      return ['true', 'false'].map((name) => offer('keyword')({ name, doc: '' }));
    case 'enumeration':
      if (means === 'iam-action') return actionOffers(typed, explain);
      return description.values().map((value) => offer(kindOf(means, value.name))(value));
    case 'quantity':
      switch (means) {
        case 'bytes':
          return withUnits(typed, Object.keys(byteUnits), description.example).map(offer('unit'));
        case 'duration':
        case 'window':
          return withUnits(typed, Object.keys(timeUnits), description.example).map(offer('unit'));
        case 'age':
          return withUnits(typed, Object.keys(ageUnits), description.example).map(offer('unit'));
        case 'verdict':
        case 'default-verdict':
          return verdicts(means === 'default-verdict').map(offer('value'));
        case 'expected-verdict':
          return [{ name: 'deny', doc: anyRefusal }, ...verdicts(false)].map(offer('value'));
        default:
          return [];
      }
    case 'string':
      if (means !== 'diagnostic-code') return [];
      return codes().map((name) =>
        offer('value')({ name, doc: isCode(name) ? withoutHoles(messageOf(name).message) : '' }),
      );
    default:
      return [];
  }
}

function kindOf(means: string | undefined, name: string): OfferKind {
  if (means !== 'syscall') return 'value';
  return name.startsWith('@') ? 'group' : 'function';
}

/** The number that is typed, with each unit; that of the example first. */
function withUnits(typed: string, units: readonly string[], example: string): readonly EnumerationValue[] {
  const amount = /^[0-9]+(?:\.[0-9]+)?/.exec(typed)?.[0];
  if (amount === undefined) return [];
  const usual = example.replace(/^[0-9.]+/, '');
  const sorted = [...units.filter((unit) => unit === usual), ...units.filter((unit) => unit !== usual)];
  return sorted.map((unit) => ({ name: `${amount}${unit}`, doc: '' }));
}

function verdicts(isDefault: boolean): readonly EnumerationValue[] {
  const words = Object.entries(verdictDocs).map(([name, doc]) => ({
    name: name === 'trap' || name === 'trace' ? `${name}(0)` : name,
    doc,
  }));
  return [
    ...(isDefault ? [{ name: 'deny', doc: 'the same as kill-process' }] : []),
    ...words,
    ...errnoNames().map((name) => ({ name: `errno(${name})`, doc: `the call fails with errno ${errnoValue(name)}` })),
  ];
}

/** So many letters are enough to look for an action in every service. */
const enoughLetters = 4;

/** Services until one is written, then its actions: all of them are some twenty thousand. */
function actionOffers(typed: string, explain: (text: string) => () => string | undefined): readonly ValueOffer[] {
  const colon = typed.indexOf(':');
  const whole = (name: string, doc: string): ValueOffer => ({
    name,
    doc,
    kind: 'value',
    isWhole: true,
    explain: explain(name),
  });
  if (colon >= 0) {
    const service = typed.slice(0, colon).toLowerCase();
    if (!isIamService(service)) return [];
    return [
      whole(`${service}:*`, 'every action of the service'),
      ...actionsOf(service).map((name) => whole(name, iamAction(name)?.access ?? '')),
    ];
  }
  const services = iamServices().map(
    (prefix): ValueOffer => ({
      name: `${prefix}:`,
      doc: 'a service',
      kind: 'group',
      isWhole: false,
      explain: undefined,
    }),
  );
  const isService = services.some(({ name }) => name.startsWith(typed.toLowerCase()));
  if (isService || typed.length < enoughLetters || /[^A-Za-z0-9]/.test(typed)) return services;
  return [...actionsMatching(`*:*${typed}*`).map((name) => whole(name, '')), ...services];
}
