import { windowMilliseconds } from '../../dialects/kuadrant/schema/window.ts';

/**
 * One rate of a limit as the rate limiter counts it. Limitador tells limits apart by namespace, window, conditions and
 * variables (limitador/src/limit.rs, `PartialEq`), and the one condition that Kuadrant gives a limit is a digest of the
 * policy's and the limit's name (kuadrant-operator, `LimitNameToLimitadorIdentifier`). So what was counted is kept where
 * the amount or `when` changes, and begins anew where anything changes that `id` holds.
 */
export interface LimitIdentity {
  /** Equal for two rates that have the same counters; also stable from one version of a policy to the next. */
  readonly id: string;
  readonly kind: 'RateLimitPolicy' | 'TokenRateLimitPolicy';
  readonly namespace: string;
  readonly policy: string;
  /** The name of the limit: what the rate limiter's metrics show as `limit_name`. */
  readonly limit: string;
  /** Whole seconds. */
  readonly seconds: number;
  /** Expressions whose values are counted apart, in the order of their texts. */
  readonly counters: readonly string[];
  /** Not part of the identity. */
  readonly amount: number;
  /** Predicates that must all hold. Not part of the identity. */
  readonly when: readonly string[];
}

/**
 * The identities of the limits of one object, as it stands in a file or in the cluster: of its own limits and of those
 * under `defaults` and `overrides`. Objects of other kinds have none, and what is not of the form of a limit is passed over.
 */
export function limitIdentities(object: unknown): readonly LimitIdentity[] {
  const { kind, metadata, spec } = fieldsOf(object);
  if (kind !== 'RateLimitPolicy' && kind !== 'TokenRateLimitPolicy') return [];
  const { namespace = '', name = '' } = fieldsOf(metadata);
  const { limits, defaults, overrides } = fieldsOf(spec);
  const all = [limits, fieldsOf(defaults).limits, fieldsOf(overrides).limits].flatMap((each) =>
    Object.entries(fieldsOf(each)),
  );
  return all.flatMap(([limit, value]) => {
    const { rates, when, counters } = fieldsOf(value);
    const counted = textsIn(counters, 'expression').sort();
    return itemsOf(rates).flatMap((rate): readonly LimitIdentity[] => {
      const { limit: amount, window } = fieldsOf(rate);
      const milliseconds = typeof window === 'string' ? windowMilliseconds(window) : undefined;
      if (typeof amount !== 'number' || milliseconds === undefined) return [];
      const seconds = Math.floor(milliseconds / 1000);
      return [
        {
          id: JSON.stringify([kind, String(namespace), String(name), limit, seconds, ...counted]),
          kind,
          namespace: String(namespace),
          policy: String(name),
          limit,
          seconds,
          counters: counted,
          amount,
          when: textsIn(when, 'predicate'),
        },
      ];
    });
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsIn(list: unknown, key: string): string[] {
  return itemsOf(list)
    .map((each) => fieldsOf(each)[key])
    .filter((each) => typeof each === 'string');
}
