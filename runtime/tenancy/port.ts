/**
 * Every call to the Kubernetes API that tenancies make, and no other. None of them rejects: what the API answers, and that
 * it does not answer, is a value.
 */
export interface Cluster {
  /** The URL of the API server: a journal belongs to one cluster. */
  readonly server: string;
  /** All objects of a kind in a namespace, or in all, that have these labels, in one request. */
  list(
    kind: ObjectKind,
    namespace: string | undefined,
    labels: Readonly<Record<string, string>>,
  ): Promise<Answer<readonly KubernetesObject[]>>;
  read(place: ObjectPlace): Promise<Answer<KubernetesObject>>;
  /**
   * Server-side apply in the name of `fieldManager`: the fields of `object` become as they are here, fields that an earlier
   * apply had and this one has not are removed, those of others stay. The object is created where there is none. With
   * `metadata.uid` only that very object is changed. Gives the object as it is then.
   */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<Answer<KubernetesObject>>;
  /** Deletes the object with this uid; one of the same name that was made since is a `conflict`. */
  delete(place: ObjectPlace, uid: string, options?: { readonly dryRun?: boolean }): Promise<Answer<void>>;
  createEvent(event: ClusterEvent): Promise<Answer<void>>;
}

/** Who owns the fields that polc applies: `metadata.managedFields[].manager`. */
export const fieldManager = 'polc';

/** Who owns the fields of others in an object that was deleted and is made again. */
export const restoringManager = 'polc-restored';

export interface ApplyOptions {
  /** The server checks and answers as if, and changes nothing. */
  readonly dryRun?: boolean;
  /** Takes fields over that others own; without it such a field is a `conflict`. */
  readonly force?: boolean;
  /** Who owns the fields then; `fieldManager` where it is absent. */
  readonly manager?: string;
}

/** A kind of objects in namespaces. */
export interface ObjectKind {
  /** `kuadrant.io/v1`; of the core group `v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in paths: `authpolicies`. */
  readonly plural: string;
}

export interface ObjectPlace {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
}

export type Json = null | boolean | number | string | readonly Json[] | JsonMap;

export interface JsonMap {
  readonly [key: string]: Json | undefined;
}

/** An object as the API has it. */
export interface KubernetesObject extends JsonMap {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
}

/** What of an object's metadata is read here; the server sets uid, generation and managedFields. */
export interface ObjectMetadata extends JsonMap {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Counts the changes of the specification. */
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly ManagedFields[];
}

/** Which fields a manager owns (Server-Side Apply, "Field management"). */
export interface ManagedFields extends JsonMap {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: JsonMap;
}

/** An Event of `events.k8s.io/v1`. */
export interface ClusterEvent {
  /** What it is about; the event lies in its namespace. */
  readonly regarding: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>;
  readonly type: 'Normal' | 'Warning';
  /** `PoliciesApplied` */
  readonly reason: string;
  /** What was done: `Apply`. */
  readonly action: string;
  /** At most 1 kB. */
  readonly note: string;
  /** RFC 3339 with microseconds, in UTC. */
  readonly time: string;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ClusterFailure };

/**
 * Why a call failed.
 * - `unauthorised`: 401, the credentials are not known. `forbidden`: 403, they do not suffice.
 * - `not-found`: 404. `conflict`: 409, others own fields, or the object is another one. `gone`: 410.
 * - `too-large`: 413, or etcd's own limit. `invalid`: 400, 405, 415 and 422.
 * - `throttled`: 429, also after the retries. `server-error`: 5xx.
 * - `unreachable`: no connection, or it was closed. `timed-out`: no answer in time.
 * - `unreadable`: the answer is not what the API says it would be.
 */
export type FailureKind =
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'too-large'
  | 'invalid'
  | 'throttled'
  | 'server-error'
  | 'unreachable'
  | 'timed-out'
  | 'unreadable';

export interface ClusterFailure {
  readonly kind: FailureKind;
  /** `patch AuthPolicy llm/platform-tiers` */
  readonly call: string;
  /** In the server's words where it gave some. */
  readonly message: string;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** Of `throttled` and `server-error`: how long the server asks to wait. */
  readonly retryAfterMilliseconds?: number;
  /** Of `conflict`: the fields that others own. */
  readonly conflicts?: readonly FieldConflict[];
}

export interface FieldConflict {
  /** `.spec.limits.tier-free.rates` */
  readonly field: string;
  /** `conflict with "kubectl-edit" using kuadrant.io/v1` */
  readonly message: string;
}
