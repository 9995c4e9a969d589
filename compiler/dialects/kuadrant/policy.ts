import type { Span } from '../../source/span.ts';
import type { MapNode, ScalarNode, YamlNode } from '../../source/tree.ts';
import type { PolicyKind } from '../../tables/kuadrant-schemas.ts';
import { entriesOf, fieldOf, itemsOf, type Resource, textOf, valueAt } from './resource.ts';
import { windowMilliseconds } from './schema/window.ts';

/** What a policy applies to. */
export interface TargetReference {
  readonly kind: string;
  readonly name: string;
  /** Empty where the whole object is meant. */
  readonly section: string;
  readonly nameNode: YamlNode;
  readonly sectionNode: YamlNode | undefined;
}

/** How the rules of a policy stand to those of others: bare rules are defaults. */
export type Level = 'defaults' | 'overrides';

/** A policy of Kuadrant as far as it could be read: rules across policies look at this. */
export interface KuadrantPolicy {
  readonly kind: PolicyKind;
  readonly resource: Resource;
  readonly file: string;
  readonly spec: MapNode;
  readonly target: TargetReference | undefined;
  readonly level: Level;
  readonly strategy: 'atomic' | 'merge';
  /** What holds `limits`, `rules` and `when`: the spec itself, its defaults or its overrides. */
  readonly body: MapNode;
}

export interface Rate {
  readonly limit: number;
  readonly limitNode: YamlNode;
  readonly windowMilliseconds: number | undefined;
}

/** A limit of a RateLimitPolicy or TokenRateLimitPolicy. */
export interface RateLimit {
  readonly name: string;
  readonly key: Span;
  /** Those that could be read. */
  readonly rates: readonly Rate[];
  /** True where one is written, whether or not it could be read. */
  readonly hasRates: boolean;
  readonly when: readonly ScalarNode[];
  readonly counters: readonly ScalarNode[];
}

export function readPolicy(kind: PolicyKind, resource: Resource): KuadrantPolicy | undefined {
  const spec = fieldOf(resource.node, 'spec');
  if (spec?.kind !== 'map') return undefined;
  const overrides = fieldOf(spec, 'overrides');
  const defaults = fieldOf(spec, 'defaults');
  const body = overrides?.kind === 'map' ? overrides : defaults?.kind === 'map' ? defaults : spec;
  return {
    kind,
    resource,
    file: resource.node.span.file,
    spec,
    target: readTarget(fieldOf(spec, 'targetRef')),
    level: overrides?.kind === 'map' ? 'overrides' : 'defaults',
    strategy: textOf(fieldOf(body, 'strategy')) === 'merge' ? 'merge' : 'atomic',
    body,
  };
}

function readTarget(node: YamlNode | undefined): TargetReference | undefined {
  const nameNode = fieldOf(node, 'name');
  const kind = textOf(fieldOf(node, 'kind'));
  const name = textOf(nameNode);
  if (nameNode === undefined || name === '' || kind === '') return undefined;
  const sectionNode = fieldOf(node, 'sectionName');
  return { kind, name, section: textOf(sectionNode), nameNode, sectionNode };
}

export function limitsOf({ body }: KuadrantPolicy): readonly RateLimit[] {
  return entriesOf(fieldOf(body, 'limits')).map(({ key, value }) => ({
    name: key.text,
    key: key.span,
    rates: itemsOf(fieldOf(value, 'rates')).flatMap((rate): readonly Rate[] => {
      const limitNode = fieldOf(rate, 'limit');
      if (limitNode?.kind !== 'scalar' || typeof limitNode.value !== 'number') return [];
      const window = textOf(fieldOf(rate, 'window'));
      return [{ limit: limitNode.value, limitNode, windowMilliseconds: windowMilliseconds(window) }];
    }),
    hasRates: itemsOf(fieldOf(value, 'rates')).length > 0,
    when: expressionsIn(fieldOf(value, 'when'), 'predicate'),
    counters: expressionsIn(fieldOf(value, 'counters'), 'expression'),
  }));
}

/** The conditions of the whole policy. */
export function conditionsOf({ body }: KuadrantPolicy): readonly ScalarNode[] {
  return expressionsIn(fieldOf(body, 'when'), 'predicate');
}

function expressionsIn(node: YamlNode | undefined, field: string): readonly ScalarNode[] {
  return itemsOf(node).flatMap((item) => {
    const found = fieldOf(item, field);
    return found?.kind === 'scalar' && found.text !== '' ? [found] : [];
  });
}

/** The items by which an AuthPolicy exports values to the gateway: `response.success.filters`. */
export function filtersOf({ body }: KuadrantPolicy): MapNode['entries'] {
  return entriesOf(valueAt(body, 'rules', 'response', 'success', 'filters'));
}
