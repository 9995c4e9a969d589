import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { MapEntry, MapNode } from '../../../source/tree.ts';
import type { SchemaFact, SchemaNode } from '../../../tables/kuadrant-schemas.ts';
import { fieldOf, isEmpty, isTemplated, valueAt } from '../resource.ts';

/**
 * Checks what the validation rules of the CustomResourceDefinition demand of an object.
 *
 * @param meant the fields that are there, misspelt ones by the name that was meant
 */
export function checkFacts(
  map: MapNode,
  { facts }: SchemaNode,
  meant: ReadonlySet<string>,
  diagnostics: Diagnostic[],
): void {
  if (facts === undefined) return;
  for (const fact of facts) {
    const found = violation(map, fact, meant);
    if (found !== undefined) diagnostics.push(found);
  }
}

function violation(map: MapNode, fact: SchemaFact, meant: ReadonlySet<string>): Diagnostic | undefined {
  switch (fact[0]) {
    case 'excludes':
    case 'excludes-filled': {
      const [kind, field, others] = fact;
      return together(map, [field], others, kind === 'excludes-filled');
    }
    case 'at-most-one': {
      const [, fields] = fact;
      return together(map, fields, fields, false);
    }
    case 'values': {
      const [, field, values] = fact;
      return valueAmong(map, field, values);
    }
    case 'some': {
      const [, field, paths] = fact;
      return some(map, field, paths, meant);
    }
    default: {
      const unreachable: never = fact;
      return unreachable;
    }
  }
}

function together(
  map: MapNode,
  fields: readonly string[],
  others: readonly string[],
  filled: boolean,
): Diagnostic | undefined {
  const stands = ({ key, value }: MapEntry, names: readonly string[]) =>
    names.includes(key.text) && !(filled && isEmpty(value));
  const first = map.entries.find((entry) => stands(entry, fields));
  if (first === undefined) return undefined;
  const second = map.entries.find((entry) => entry !== first && stands(entry, others));
  if (second === undefined) return undefined;
  const [earlier, later] = first.span.start < second.span.start ? [first, second] : [second, first];
  return report(
    'POL2072',
    later.key.span,
    { key: later.key.text, other: earlier.key.text },
    { related: [{ span: earlier.key.span, label: `\`${earlier.key.text}\` stands here` }] },
  );
}

function valueAmong(map: MapNode, field: string, values: readonly string[]): Diagnostic | undefined {
  const node = fieldOf(map, field);
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  if (values.includes(node.value) || isTemplated(node.value)) return undefined;
  const expected = values.map((value) => `\`${value}\``).join(', ');
  const only = values.length === 1 ? values[0] : nearest(node.value, values);
  return report(
    'POL3001',
    node.span,
    { value: shorten(node.value), noun: `a ${field} that this policy can target`, expected },
    replaceWith(node, only),
  );
}

function some(
  map: MapNode,
  field: string,
  paths: readonly string[],
  meant: ReadonlySet<string>,
): Diagnostic | undefined {
  const under = field === '' ? map : fieldOf(map, field);
  if (under === undefined) return undefined;
  const isSet = (name: string) => map.entries.some(({ key }) => key.text === name);
  // Of a misspelt key that has been said, and what stands below it counts.
  if (paths.some((path) => isMisspelt(path.split(/[.+]/)[0] ?? ''))) return undefined;
  if (field === '' && (isSet('defaults') || isSet('overrides'))) return undefined;
  function isMisspelt(name: string): boolean {
    return field === '' && meant.has(name) && !isSet(name);
  }
  const met = paths.some((path) => {
    const node = valueAt(under, ...path.replace(/\+$/, '').split('.'));
    return path.endsWith('+') ? !isEmpty(node) : node !== undefined;
  });
  if (met) return undefined;
  const entry = map.entries.find(({ key }) => key.text === field);
  const at = entry?.key.span ?? map.entries[0]?.key.span ?? map.span;
  const [wanted = ''] = (paths[0] ?? '').split(/[.+]/);
  return report('POL2073', at, { place: field === '' ? 'spec' : field, wanted });
}
