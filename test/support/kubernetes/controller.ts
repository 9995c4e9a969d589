import { at, type JsonObject, listAt, objectAt, textAt } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { ownUpdate } from './managed-fields.ts';
import { identityOf, resourceKey, type Store } from './store.ts';

export interface PolicyCondition {
  readonly type: 'Accepted' | 'Enforced';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What the operator says of a policy, and when. */
export interface PolicyOutcome {
  readonly conditions: readonly PolicyCondition[];
  /** After the policy was written. */
  readonly milliseconds?: number;
  /** Says it of the generation before: a status that lags. */
  readonly stale?: boolean;
}

const accepted: PolicyCondition = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'the policy has been accepted',
};

/** Accepted and enforced. */
export function enforced(milliseconds = 0): PolicyOutcome {
  const message = 'the policy has been successfully enforced';
  return { conditions: [accepted, { type: 'Enforced', status: 'True', reason: 'Enforced', message }], milliseconds };
}

/** Enforced on some of the routes only, which the message alone says. */
export function partlyEnforced(milliseconds = 0): PolicyOutcome {
  const message = 'the policy has been partially enforced';
  return { conditions: [accepted, { type: 'Enforced', status: 'True', reason: 'Enforced', message }], milliseconds };
}

/** Accepted, and replaced by another policy of the same target. */
export function overridden(milliseconds = 0): PolicyOutcome {
  const message = 'the policy is overridden by another one';
  return { conditions: [accepted, { type: 'Enforced', status: 'False', reason: 'Overridden', message }], milliseconds };
}

/** Not accepted: `TargetNotFound`, `Invalid`, `Conflicted`. */
export function refused(reason: string, message: string, milliseconds = 0): PolicyOutcome {
  return { conditions: [{ type: 'Accepted', status: 'False', reason, message }], milliseconds };
}

/** What the operator makes of a policy; undefined where it never looks at it. */
export type Controller = (policy: JsonObject) => PolicyOutcome | undefined;

/**
 * Runs the stand-in for Kuadrant's operator: each policy that is written gets a status of its generation.
 *
 * @returns what stops it
 */
export function runController(store: Store, kinds: readonly ResourceKind[], decide: () => Controller): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const policies = kinds.filter(({ group }) => group === 'kuadrant.io' || group === 'extensions.kuadrant.io');
  const stopListening = store.listen(({ type, resource, object, before }) => {
    const kind = policies.find((each) => resourceKey(each) === resource);
    const generation = at(object, 'metadata', 'generation');
    if (kind === undefined || type === 'DELETED' || generation === at(before, 'metadata', 'generation')) return;
    const outcome = decide()(object);
    if (outcome === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      report(store, kind, object, outcome);
    }, outcome.milliseconds ?? 0);
    timers.add(timer);
  });
  return () => {
    stopListening();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Writes the status of a policy, unless it has gone or changed meanwhile. */
function report(store: Store, kind: ResourceKind, policy: JsonObject, outcome: PolicyOutcome): void {
  const { namespace, name } = identityOf(policy);
  const live = store.get(resourceKey(kind), namespace, name);
  const generation = at(policy, 'metadata', 'generation');
  if (live === undefined || typeof generation !== 'number') return;
  if (textAt(live, 'metadata', 'uid') !== textAt(policy, 'metadata', 'uid')) return;
  if (at(live, 'metadata', 'generation') !== generation) return;
  const observedGeneration = outcome.stale === true ? generation - 1 : generation;
  const time = `${new Date().toISOString().slice(0, 19)}Z`;
  const conditions = outcome.conditions.map(({ type, status, reason, message }): JsonObject => {
    const before = listAt(live, 'status', 'conditions').find((each) => at(each, 'type') === type);
    const unchanged = at(before, 'status') === status;
    const lastTransitionTime = unchanged ? textAt(before, 'lastTransitionTime') : time;
    return { type, status, reason, message, observedGeneration, lastTransitionTime };
  });
  const after = { ...live, status: { ...objectAt(live, 'status'), conditions, observedGeneration } };
  const writer = { manager: 'kuadrant-operator', apiVersion: apiVersionOf(kind), subresource: 'status', time };
  store.put(resourceKey(kind), ownUpdate(live, after, kind.schema, writer));
}
