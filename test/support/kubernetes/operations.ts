import { randomBytes, randomUUID } from 'node:crypto';
import { admit, normalise } from './admission.ts';
import { ApiFailure, alreadyExists, badRequest, type Cause, conflict, invalid, notFound } from './failure.ts';
import { at, equal, isObject, type Json, type JsonObject, listAt, objectAt, textAt, without } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { applyConfiguration, ownUpdate, type Writer } from './managed-fields.ts';
import { isNamedField, type Schema } from './schema.ts';
import { resourceKey, type Store } from './store.ts';
import { itemStep } from './typed-value.ts';
import { prune, unknownFields, violations, withDefaults } from './validate.ts';

/** Where an object is, or is to be. */
export interface Place {
  readonly kind: ResourceKind;
  readonly namespace: string;
  /** '' for a collection. */
  readonly name: string;
  /** `status`, or '' for the object itself. */
  readonly subresource: string;
}

export interface WriteOptions {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly validation: 'Strict' | 'Warn' | 'Ignore';
  /** Takes over the fields of other managers. */
  readonly force: boolean;
  /** Looks at what is to be written, and throws where it must not be. */
  readonly check?: (object: JsonObject) => void;
}

/** An object as it is after a write, and what the server warns of. */
export interface Written {
  readonly object: JsonObject;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** What etcd takes in one request by default. */
const mostBytes = 1_572_864;

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

export function create(store: Store, place: Place, sent: JsonObject, options: WriteOptions): Written {
  const { kind, namespace } = place;
  checkIdentity(place, sent);
  const metadata = objectAt(sent, 'metadata');
  const prefix = textAt(metadata, 'generateName');
  const name =
    textAt(metadata, 'name') || (prefix === '' ? '' : `${prefix}${randomBytes(4).toString('hex').slice(0, 5)}`);
  if (name === '') {
    const message = 'Required value: name or generateName is required';
    throw invalid(kind, '', [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }]);
  }
  if (textAt(metadata, 'resourceVersion') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  needNamespace(store, place);
  if (store.get(resourceKey(kind), namespace, name) !== undefined) throw alreadyExists(kind, name);
  const warnings = checkUnknown(kind, sent, options);
  const object = complete(kind, newborn(place, name, kind.status ? without(sent, 'status') : sent));
  const owned = ownUpdate(undefined, object, kind.schema, writer(place, options));
  return { object: persist(store, place, undefined, owned, options), created: true, warnings };
}

/** @param sent the whole object; without resourceVersion it replaces whatever is there */
export function update(store: Store, place: Place, sent: JsonObject, options: WriteOptions): Written {
  const { kind, namespace, name } = place;
  checkIdentity(place, sent);
  if (textAt(sent, 'metadata', 'name') !== name) {
    const found = textAt(sent, 'metadata', 'name');
    throw badRequest(`the name of the object (${found}) does not match the name on the URL (${name})`);
  }
  const live = store.get(resourceKey(kind), namespace, name);
  if (live === undefined) throw notFound(kind, name);
  if (kind.custom && textAt(sent, 'metadata', 'resourceVersion') === '') {
    const message = 'Invalid value: 0x0: must be specified for an update';
    throw invalid(kind, name, [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }]);
  }
  checkPreconditions(kind, live, objectAt(sent, 'metadata'));
  const warnings = checkUnknown(kind, sent, options);
  const object = complete(kind, inherited(place, live, sent));
  const owned = ownUpdate(live, object, kind.schema, writer(place, options));
  return { object: persist(store, place, live, owned, options), created: false, warnings };
}

export function apply(store: Store, place: Place, sent: JsonObject, options: WriteOptions): Written {
  const { kind, namespace, name, subresource } = place;
  if (options.manager === '') {
    const message = 'Required value: is required for apply patch';
    const cause: Cause = { reason: 'FieldValueRequired', message, field: 'fieldManager' };
    throw new ApiFailure(422, 'Invalid', `PatchOptions.meta.k8s.io "" is invalid: fieldManager: ${message}`, {
      group: 'meta.k8s.io',
      kind: 'PatchOptions',
      causes: [cause],
    });
  }
  if (at(sent, 'metadata', 'managedFields') !== undefined) throw badRequest('metadata.managedFields must be nil');
  checkIdentity(place, sent);
  checkTyped(place, sent);
  const live = store.get(resourceKey(kind), namespace, name);
  if (live === undefined) {
    if (subresource !== '') throw notFound(kind, name);
    if (textAt(sent, 'metadata', 'uid') !== '') {
      throw conflict(kind, name, 'uid mismatch: the provided object specified uid, and no existing object was found');
    }
    needNamespace(store, place);
  } else checkPreconditions(kind, live, objectAt(sent, 'metadata'));
  const named = { ...sent, metadata: { ...without(objectAt(sent, 'metadata'), 'resourceVersion', 'uid'), name } };
  const configuration = normalise(kind, ownPart(place, named));
  const base = live ?? undefined;
  const applied = applyConfiguration(base, configuration, kind.schema, writer(place, options), options.force);
  if (applied.conflicts !== undefined) throw fieldConflict(applied.conflicts);
  const { object } = applied;
  const candidate = live === undefined ? newborn(place, name, object) : inherited(place, live, object);
  return {
    object: persist(store, place, live, complete(kind, candidate), options),
    created: live === undefined,
    warnings: [],
  };
}

function fieldConflict(conflicts: readonly { readonly owner: string; readonly field: string }[]): ApiFailure {
  const owners = [...new Set(conflicts.map(({ owner }) => owner))].sort();
  const texts = owners.map((owner) => {
    const fields = conflicts.filter((each) => each.owner === owner).map(({ field }) => field);
    if (fields.length === 1) return `conflict with ${owner}: ${fields[0]}`;
    return `conflicts with ${owner}:\n- ${fields.join('\n- ')}`;
  });
  const count = `${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`;
  return new ApiFailure(409, 'Conflict', `Apply failed with ${count}: ${texts.join('\n')}`, {
    causes: conflicts.map(({ owner, field }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${owner}`,
      field,
    })),
  });
}

function writer({ kind, subresource }: Place, { manager }: WriteOptions): Writer {
  return { manager, apiVersion: apiVersionOf(kind), subresource, time: now() };
}

function checkIdentity({ kind, namespace, name }: Place, sent: JsonObject): void {
  const version = apiVersionOf(kind);
  if (textAt(sent, 'kind') !== kind.kind || textAt(sent, 'apiVersion') !== version) {
    const given = `${textAt(sent, 'apiVersion')}, Kind=${textAt(sent, 'kind')}`;
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): found ${given}`);
  }
  const own = textAt(sent, 'metadata', 'namespace');
  if (own !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const given = textAt(sent, 'metadata', 'name');
  if (name !== '' && given !== '' && given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
}

function needNamespace(store: Store, { kind, namespace }: Place): void {
  if (kind.namespaced && store.get('/namespaces', '', namespace) === undefined) {
    throw new ApiFailure(404, 'NotFound', `namespaces "${namespace}" not found`, {
      name: namespace,
      kind: 'namespaces',
    });
  }
}

function checkPreconditions(kind: ResourceKind, live: JsonObject, metadata: JsonObject): void {
  const name = textAt(live, 'metadata', 'name');
  const version = textAt(metadata, 'resourceVersion');
  const uid = textAt(metadata, 'uid');
  if (uid !== '' && uid !== textAt(live, 'metadata', 'uid')) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${textAt(live, 'metadata', 'uid')}`,
    );
  }
  if (version !== '' && version !== textAt(live, 'metadata', 'resourceVersion')) {
    const why = 'the object has been modified; please apply your changes to the latest version and try again';
    throw conflict(kind, name, why);
  }
}

function checkUnknown(kind: ResourceKind, sent: JsonObject, { validation }: WriteOptions): readonly string[] {
  if (validation === 'Ignore') return [];
  const unknown = unknownFields(sent, kind.schema).map((path) => `unknown field ${JSON.stringify(path)}`);
  if (unknown.length === 0 || validation === 'Warn') return unknown;
  const { kind: name, version } = kind;
  throw badRequest(
    `${name} in version "${version}" cannot be handled as a ${name}: strict decoding error: ${unknown.join(', ')}`,
  );
}

/** A configuration to apply must fit its type whatever the validation that was asked for. */
function checkTyped({ kind, namespace, name }: Place, sent: JsonObject): void {
  const [unknown] = unknownFields(sent, kind.schema);
  const fault = unknown === undefined ? duplicate(sent, kind.schema, '') : `.${unknown}: field not declared in schema`;
  if (fault === undefined) return;
  const what = `${namespace}/${name}; ${apiVersionOf(kind)}, Kind=${kind.kind}`;
  throw new ApiFailure(500, '', `failed to create typed patch object (${what}): ${fault}`);
}

function duplicate(value: Json, schema: Schema, path: string): string | undefined {
  if (Array.isArray(value) && schema.list !== undefined) {
    const steps = value.map((item) => itemStep(schema, item));
    const twice = steps.find((step, index) => steps.indexOf(step) < index);
    if (twice !== undefined) return `${path}: duplicate entries for key ${twice.slice(2)}`;
  }
  if (!isObject(value)) return undefined;
  for (const [name, each] of Object.entries(value)) {
    const field = isNamedField(schema, name) ? schema.fields?.[name] : schema.values;
    const found = field === undefined ? undefined : duplicate(each, field, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a write to the place is about: to the status nothing else, to the object all but the status. */
function ownPart({ kind, subresource }: Place, sent: JsonObject): JsonObject {
  if (subresource === '') return kind.status ? without(sent, 'status') : sent;
  const { apiVersion = '', kind: name = '', metadata, status } = sent;
  const identity: JsonObject = { name: textAt(metadata, 'name') };
  return { apiVersion, kind: name, metadata: identity, ...(status === undefined ? {} : { status }) };
}

function newborn({ kind, namespace }: Place, name: string, sent: JsonObject): JsonObject {
  const metadata: JsonObject = {
    ...without(objectAt(sent, 'metadata'), 'deletionTimestamp', 'generation', 'resourceVersion', 'selfLink'),
    name,
    ...(kind.namespaced ? { namespace } : {}),
    uid: randomUUID(),
    creationTimestamp: now(),
    ...(kind.generation ? { generation: 1 } : {}),
  };
  return { ...sent, metadata };
}

const kept = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
];

/** The object that is sent with what a write cannot change taken from the one that is there. */
function inherited({ kind, subresource }: Place, live: JsonObject, sent: JsonObject): JsonObject {
  const before = objectAt(live, 'metadata');
  const fixed = Object.fromEntries(Object.entries(before).filter(([name]) => kept.includes(name)));
  const { managedFields } = objectAt(sent, 'metadata');
  if (subresource === 'status') {
    const metadata = { ...before, ...(managedFields === undefined ? {} : { managedFields }) };
    const rest = without(live, 'status');
    return { ...rest, metadata, ...(sent.status === undefined ? {} : { status: sent.status }) };
  }
  const metadata = { ...without(objectAt(sent, 'metadata'), ...kept), ...fixed };
  if (!kind.status) return { ...sent, metadata };
  const { status } = live;
  return { ...without(sent, 'status'), metadata, ...(status === undefined ? {} : { status }) };
}

function complete(kind: ResourceKind, object: JsonObject): JsonObject {
  const known = kind.custom ? prune(object, kind.schema) : object;
  const whole = withDefaults(normalise(kind, isObject(known) ? known : {}), kind.schema);
  return isObject(whole) ? whole : {};
}

/** Checks the object and writes it, unless nothing changed or the run is dry. */
function persist(
  store: Store,
  place: Place,
  live: JsonObject | undefined,
  object: JsonObject,
  { dryRun, check }: WriteOptions,
): JsonObject {
  const { kind, namespace } = place;
  const name = textAt(object, 'metadata', 'name');
  const causes = violations(object, kind.schema, '');
  if (causes.length > 0) throw invalid(kind, name, causes);
  admit(kind, live, object);
  check?.(object);
  const counted = live === undefined ? object : withGeneration(kind, live, object);
  if (live !== undefined && equal(live, counted)) return live;
  if (Buffer.byteLength(JSON.stringify(counted)) > mostBytes) {
    throw new ApiFailure(500, '', 'etcdserver: request is too large');
  }
  if (dryRun) return counted;
  const leaving = at(counted, 'metadata', 'deletionTimestamp') !== undefined;
  if (leaving && listAt(counted, 'metadata', 'finalizers').length === 0) {
    return store.remove(resourceKey(kind), namespace, name) ?? counted;
  }
  return store.put(resourceKey(kind), counted);
}

function withGeneration({ generation }: ResourceKind, live: JsonObject, object: JsonObject): JsonObject {
  if (!generation || equal(without(live, 'metadata', 'status'), without(object, 'metadata', 'status'))) return object;
  const before = at(live, 'metadata', 'generation');
  const metadata = { ...objectAt(object, 'metadata'), generation: (typeof before === 'number' ? before : 0) + 1 };
  return { ...object, metadata };
}
