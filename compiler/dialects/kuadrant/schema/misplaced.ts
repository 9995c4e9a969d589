import type { Diagnostic, Fix } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { shorten } from '../../../schema/scalars.ts';
import type { SourceText } from '../../../source/text.ts';
import type { MapNode, ScalarNode, YamlNode } from '../../../source/tree.ts';
import { predicateOf, yamlScalar } from '../migrate/condition.ts';
import { joinEntries, removeEntry } from '../migrate/edits.ts';
import { fieldOf, textOf } from '../resource.ts';
import type { FieldPath } from './check.ts';
import { windowMilliseconds } from './window.ts';

/** A key that stands at a wrong place or is of an older version: what is said of it, and the field that was meant. */
export interface Misplaced {
  readonly diagnostic: Diagnostic | undefined;
  readonly meant: string | undefined;
}

/** What is known of a key that the schema does not have there; undefined where nothing is. */
export function reportMisplaced(
  map: MapNode,
  key: ScalarNode,
  value: YamlNode,
  path: FieldPath,
  fields: Readonly<Record<string, number>>,
  source: SourceText,
): Misplaced | undefined {
  const name = key.text;
  const parent = path.at(-1) ?? 'spec';
  if (conditionKeys.has(name) && Object.hasOwn(fields, 'predicate')) return oldCondition(map, key, source);
  if (rateKeys.has(name) && Object.hasOwn(fields, 'window')) return oldRate(map, key, source);
  if (name === 'namespace' && parent === 'targetRef') {
    const fixes: readonly Fix[] = [
      { title: 'remove `namespace`', certain: false, edits: [removeEntry(map, entryOf(map, key), source)] },
    ];
    return { diagnostic: report('POL2078', key.span, {}, { fixes }), meant: undefined };
  }
  if (credentialPlaces.has(name) && path.includes('authentication')) {
    return { diagnostic: report('POL2076', key.span, { key: name, place: 'credentials' }), meant: undefined };
  }
  const renamed = renames.find(([from, where]) => from === name && (where === parent || where === '*'));
  if (renamed !== undefined && Object.hasOwn(fields, renamed[2])) {
    const [, , to] = renamed;
    const fixes: readonly Fix[] = map.entries.some((entry) => entry.key.text === to)
      ? []
      : [{ title: `change to \`${to}\``, certain: true, edits: [{ span: key.span, newText: to }] }];
    return { diagnostic: report('POL2077', key.span, { key: name, now: to }, { fixes }), meant: to };
  }
  if (name === 'routeSelectors') return { diagnostic: report('POL2079', key.span, {}), meant: undefined };
  if (value.kind === 'map' || value.kind === 'scalar') return elsewhere(map, key, path);
  return undefined;
}

const conditionKeys = new Set(['selector', 'operator', 'value']);
const rateKeys = new Set(['duration', 'unit']);
const credentialPlaces = new Set(['authorizationHeader', 'customHeader', 'queryString', 'cookie']);

/** Keys of older versions: the key, the key around it, and what it is called today. Source: AuthPolicy v1beta1 to v1. */
const renames: readonly (readonly [from: string, parent: string, to: string])[] = [
  ['dynamicMetadata', 'success', 'filters'],
  ['identity', '*', 'authentication'],
  ['oidc', '*', 'jwt'],
];

/** Keys of `spec` that were written one level too deep or too high. */
function elsewhere(map: MapNode, key: ScalarNode, path: FieldPath): Misplaced | undefined {
  const place = Object.hasOwn(homes, key.text) ? homes[key.text] : undefined;
  if (place === undefined || path.at(-1) === place || map.entries.length === 0) return undefined;
  return { diagnostic: report('POL2076', key.span, { key: key.text, place }), meant: undefined };
}

const homes: Readonly<Record<string, string>> = {
  authentication: 'rules',
  authorization: 'rules',
  response: 'rules',
  callbacks: 'rules',
  rates: 'limits.NAME',
  counters: 'limits.NAME',
  matchLabels: 'selector',
  matchExpressions: 'selector',
  strategy: 'defaults',
  filters: 'response.success',
  defaults: 'spec',
  overrides: 'spec',
  targetRef: 'spec',
};

function entryOf(map: MapNode, key: ScalarNode) {
  return map.entries.find((entry) => entry.key === key)!;
}

/** One finding for the three keys of an old condition. */
function oldCondition(map: MapNode, key: ScalarNode, source: SourceText): Misplaced {
  const entries = map.entries.filter((entry) => conditionKeys.has(entry.key.text));
  if (entries[0]?.key !== key) return { diagnostic: undefined, meant: 'predicate' };
  const predicate = predicateOf({
    selector: textOf(fieldOf(map, 'selector')),
    operator: textOf(fieldOf(map, 'operator')),
    value: textOf(fieldOf(map, 'value')),
  });
  if (predicate === undefined || map.entries.some((entry) => entry.key.text === 'predicate')) {
    return { diagnostic: report('POL2075', key.span, {}), meant: 'predicate' };
  }
  const line = `predicate: ${yamlScalar(predicate)}`;
  const edits = joinEntries(map, entries, line, source);
  return {
    diagnostic: report(
      'POL2075',
      key.span,
      {},
      {
        help: `write \`${shorten(line)}\`; \`polc migrate\` rewrites whole files`,
        fixes: [{ title: 'write it in CEL', certain: true, edits }],
      },
    ),
    meant: 'predicate',
  };
}

/** Seconds by the unit of a rate in v1beta2. */
const unitSeconds: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

/** The window of a rate that was written as `duration` and `unit`; undefined where it is none. */
function windowOf(map: MapNode): string | undefined {
  const amount = fieldOf(map, 'duration');
  const seconds = unitSeconds[textOf(fieldOf(map, 'unit'))];
  if (amount?.kind !== 'scalar' || typeof amount.value !== 'number' || seconds === undefined) return undefined;
  const all = amount.value * seconds;
  if (!Number.isInteger(all) || all < 1) return undefined;
  const text = all % 3_600 === 0 ? `${all / 3_600}h` : all % 60 === 0 ? `${all / 60}m` : `${all}s`;
  return windowMilliseconds(text) === undefined ? undefined : text;
}

function oldRate(map: MapNode, key: ScalarNode, source: SourceText): Misplaced {
  const entries = map.entries.filter((entry) => rateKeys.has(entry.key.text));
  if (entries[0]?.key !== key) return { diagnostic: undefined, meant: 'window' };
  const window = windowOf(map);
  const edits = window === undefined ? [] : joinEntries(map, entries, `window: ${window}`, source);
  const fixes: readonly Fix[] =
    window === undefined ? [] : [{ title: `write \`window: ${window}\``, certain: true, edits }];
  return { diagnostic: report('POL2077', key.span, { key: key.text, now: 'window' }, { fixes }), meant: 'window' };
}
