import type { Kind } from '../../backends/kuadrant/policies.ts';
import { differ } from './difference.ts';
import { listOf, mapOf, type Plain, textOf, textsOf } from './plain.ts';

export interface ReadLimit {
  readonly name: string;
  readonly rates: readonly { readonly limit: number; readonly windowMilliseconds: number }[];
  readonly when: readonly string[];
  readonly counters: readonly string[];
}

export interface ReadAuth {
  /** Labels that a Secret must have to be a key. */
  readonly selector: Readonly<Record<string, string>>;
  /** All must hold. */
  readonly predicates: readonly string[];
  /** What the gateway's filter gets of the identity: an expression, or a text. */
  readonly exports: Readonly<Record<string, { readonly expression: string } | { readonly value: string }>>;
}

/** The policies of one target. */
export interface ReadPlace {
  readonly target: string;
  readonly namespace: string;
  readonly names: readonly (readonly [kind: Kind, name: string])[];
  readonly auth: ReadAuth;
  readonly requests: readonly ReadLimit[];
  readonly tokens: readonly ReadLimit[];
}

const versions: Readonly<Record<Kind, string>> = {
  AuthPolicy: 'kuadrant.io/v1',
  RateLimitPolicy: 'kuadrant.io/v1',
  TokenRateLimitPolicy: 'kuadrant.io/v1alpha1',
};

/** Reads the policies by target, and refuses whatever the model of them does not know. */
export function readPolicies(documents: readonly Plain[]): readonly ReadPlace[] {
  const byTarget = new Map<
    string,
    Map<Kind, { name: string; namespace: string; spec: Readonly<Record<string, Plain>> }>
  >();
  for (const document of documents) {
    const object = mapOf(document, 'a document', ['apiVersion', 'kind', 'metadata', 'spec']);
    const kind = textOf(object.kind, 'kind');
    if (!isKind(kind)) return differ(`the kind ${kind}`);
    if (object.apiVersion !== versions[kind]) return differ(`${kind} of another version`);
    const metadata = mapOf(object.metadata, 'metadata', ['name', 'namespace', 'labels']);
    const [name, namespace] = [textOf(metadata.name, 'name'), textOf(metadata.namespace, 'namespace')];
    const spec = mapOf(object.spec, 'spec', kind === 'AuthPolicy' ? ['targetRef', 'rules'] : ['targetRef', 'limits']);
    const target = targetOf(spec.targetRef, namespace);
    const kinds = byTarget.get(target) ?? new Map();
    byTarget.set(target, kinds);
    // The newer of two policies of one kind and target takes the place of the other.
    if (kinds.has(kind)) return differ(`two policies of the kind ${kind} for ${target}`);
    kinds.set(kind, { name, namespace, spec });
  }
  return [...byTarget].map(([target, kinds]) => {
    const auth = kinds.get('AuthPolicy') ?? differ(`no AuthPolicy for ${target}`);
    const limitsOf = (kind: Kind) => {
      const spec = kinds.get(kind)?.spec;
      return spec === undefined ? [] : readLimits(spec.limits, kind);
    };
    return {
      target,
      namespace: auth.namespace,
      names: [...kinds].map(([kind, { name }]) => [kind, name] as const),
      auth: readAuth(auth.spec.rules),
      requests: limitsOf('RateLimitPolicy'),
      tokens: limitsOf('TokenRateLimitPolicy'),
    };
  });
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(versions, kind);
}

/** `Gateway llm/inference https`: kind, namespace and name, and the section where there is one. */
function targetOf(value: Plain | undefined, namespace: string): string {
  const reference = mapOf(value, 'targetRef', ['group', 'kind', 'name', 'sectionName']);
  if (reference.group !== 'gateway.networking.k8s.io') return differ('a target of another group');
  const section = reference.sectionName === undefined ? '' : ` ${textOf(reference.sectionName, 'sectionName')}`;
  return `${textOf(reference.kind, 'kind')} ${namespace}/${textOf(reference.name, 'name')}${section}`;
}

function readAuth(value: Plain | undefined): ReadAuth {
  const rules = mapOf(value, 'rules', ['authentication', 'authorization', 'response']);
  const identities = Object.values(mapOf(rules.authentication, 'authentication'));
  if (identities.length !== 1) return differ(`${identities.length} identities`);
  const identity = mapOf(identities[0], 'the identity', ['apiKey', 'credentials']);
  const apiKey = mapOf(identity.apiKey, 'apiKey', ['allNamespaces', 'selector']);
  if (apiKey.allNamespaces !== true) return differ('keys of one namespace only');
  const selector = textsOf(mapOf(apiKey.selector, 'selector', ['matchLabels']).matchLabels, 'matchLabels');
  const header = mapOf(
    mapOf(identity.credentials, 'credentials', ['authorizationHeader']).authorizationHeader,
    'header',
    ['prefix'],
  );
  textOf(header.prefix, 'prefix');
  const predicates = Object.entries(mapOf(rules.authorization ?? {}, 'authorization')).flatMap(([name, each]) => {
    const { patterns } = mapOf(mapOf(each, name, ['patternMatching']).patternMatching, name, ['patterns']);
    return predicatesOf(patterns, name);
  });
  return { selector, predicates, exports: rules.response === undefined ? {} : readExports(rules.response) };
}

function readExports(value: Plain): ReadAuth['exports'] {
  const success = mapOf(mapOf(value, 'response', ['success']).success, 'success', ['filters']);
  const identity = mapOf(mapOf(success.filters, 'filters', ['identity']).identity, 'identity', ['json']);
  const properties = mapOf(mapOf(identity.json, 'json', ['properties']).properties, 'properties');
  return Object.fromEntries(
    Object.entries(properties).map(([name, each]) => {
      const property = mapOf(each, name, ['expression', 'value']);
      if ((property.expression === undefined) === (property.value === undefined)) return differ(`the property ${name}`);
      return [
        name,
        property.expression === undefined
          ? { value: textOf(property.value, name) }
          : { expression: textOf(property.expression, name) },
      ];
    }),
  );
}

function readLimits(value: Plain | undefined, kind: Kind): readonly ReadLimit[] {
  const limits = Object.entries(mapOf(value, `limits of the ${kind}`));
  if (limits.length === 0) return differ(`the ${kind} has no limits`);
  return limits.map(([name, each]) => {
    const limit = mapOf(each, name, ['rates', 'when', 'counters']);
    const rates = listOf(limit.rates, `rates of ${name}`).map((rate) => {
      const { limit: amount, window } = mapOf(rate, `a rate of ${name}`, ['limit', 'window']);
      if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 0)
        return differ(`the limit of ${name}`);
      return { limit: amount, windowMilliseconds: windowOf(textOf(window, `window of ${name}`)) };
    });
    if (rates.length === 0) return differ(`${name} has no rates`);
    // To the rate limiter they would be one (Limitador, limit.rs, PartialEq).
    if (new Set(rates.map(({ windowMilliseconds }) => windowMilliseconds)).size < rates.length)
      return differ(`${name} has two rates in one window`);
    return {
      name,
      rates,
      when: predicatesOf(limit.when, name),
      counters: listOf(limit.counters, name).map((counter) => {
        const text = textOf(mapOf(counter, name, ['expression']).expression, name);
        // The operator copies it between double quotes, without escaping.
        return text.includes('"') ? differ(`a counter of ${name} has a double quote`) : text;
      }),
    };
  });
}

function predicatesOf(value: Plain | undefined, place: string): readonly string[] {
  return listOf(value, place).map((each) => textOf(mapOf(each, place, ['predicate']).predicate, place));
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Limitador cuts a window to whole seconds. */
function windowOf(text: string): number {
  if (!/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(text)) return differ(`the window ${text}`);
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(h|ms|m|s)/g)) sum += Number(amount) * units[unit!]!;
  return Math.floor(sum / 1000) * 1000;
}
