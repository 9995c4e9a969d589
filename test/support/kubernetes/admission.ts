import { type Cause, invalid } from './failure.ts';
import { at, equal, isObject, type JsonObject, listAt, objectAt, textAt, without } from './json.ts';
import type { ResourceKind } from './kinds.ts';

// What the API server demands of metadata and of its own kinds beyond their schemas (pkg/apis/*/validation).

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = new RegExp(`^${dnsLabel}(\\.${dnsLabel})*$`);
const label = new RegExp(`^${dnsLabel}$`);
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const mebibyte = 1_048_576;

/** What is done to an object of the API server's own kinds before it is looked at. */
export function normalise({ group, kind }: ResourceKind, object: JsonObject): JsonObject {
  if (group !== '' || kind !== 'Secret' || !isObject(object.stringData)) return object;
  const encoded = Object.entries(object.stringData).map(([name, value]) => [
    name,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...without(object, 'stringData'), data: { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) } };
}

/** Refuses an object that the API server would refuse. */
export function admit(kind: ResourceKind, live: JsonObject | undefined, object: JsonObject): void {
  const causes = [...metadataCauses(kind, object), ...ownCauses(kind, live, object)];
  if (causes.length > 0) throw invalid(kind, textAt(object, 'metadata', 'name'), causes);
}

function cause(field: string, message: string, reason = 'FieldValueInvalid'): Cause {
  return { reason, message, field };
}

function metadataCauses({ group, kind }: ResourceKind, object: JsonObject): readonly Cause[] {
  const found: Cause[] = [];
  const wrong = (field: string, value: string, why: string) =>
    found.push(cause(`metadata.${field}`, `Invalid value: ${JSON.stringify(value)}: ${why}`));
  const name = textAt(object, 'metadata', 'name');
  if (group === 'rbac.authorization.k8s.io') {
    if (/[/%]/.test(name) || name === '.' || name === '..') wrong('name', name, "may not contain '/' or '%'");
  } else if (
    kind === 'Namespace' ? !label.test(name) || name.length > 63 : !subdomain.test(name) || name.length > 253
  ) {
    wrong('name', name, `a lowercase RFC 1123 ${kind === 'Namespace' ? 'label' : 'subdomain'} is needed`);
  }
  for (const [key, value] of Object.entries(objectAt(object, 'metadata', 'labels'))) {
    checkKey('labels', key);
    if (typeof value === 'string' && (value.length > 63 || (value !== '' && !qualifiedName.test(value)))) {
      wrong('labels', value, 'a valid label must be an empty string or consist of alphanumeric characters');
    }
  }
  let size = 0;
  for (const [key, value] of Object.entries(objectAt(object, 'metadata', 'annotations'))) {
    checkKey('annotations', key);
    size += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  }
  if (size > 262_144) {
    found.push(cause('metadata.annotations', 'Too long: may not be more than 262144 bytes', 'FieldValueTooLong'));
  }
  for (const finalizer of listAt(object, 'metadata', 'finalizers')) checkKey('finalizers', String(finalizer));
  return found;

  function checkKey(field: string, key: string): void {
    const parts = key.split('/');
    const short = parts.at(-1) ?? '';
    const prefix = parts.length === 2 ? parts[0]! : undefined;
    const valid = parts.length <= 2 && short.length <= 63 && qualifiedName.test(short);
    if (!valid || (prefix !== undefined && (prefix.length > 253 || !subdomain.test(prefix)))) {
      wrong(field, key, 'name part must consist of alphanumeric characters');
    }
  }
}

function ownCauses({ group, kind }: ResourceKind, live: JsonObject | undefined, object: JsonObject): readonly Cause[] {
  if (group === '' && (kind === 'Secret' || kind === 'ConfigMap')) return dataCauses(kind, live, object);
  if (
    group === 'rbac.authorization.k8s.io' &&
    live !== undefined &&
    !equal(at(live, 'roleRef'), at(object, 'roleRef'))
  ) {
    return [cause('roleRef', `Invalid value: ${JSON.stringify(at(object, 'roleRef'))}: cannot change roleRef`)];
  }
  if (kind === 'Event' && (group === 'events.k8s.io' || at(object, 'eventTime') !== undefined))
    return eventCauses(object);
  return [];
}

function dataCauses(kind: string, live: JsonObject | undefined, object: JsonObject): readonly Cause[] {
  const found: Cause[] = [];
  let size = 0;
  for (const part of ['data', 'binaryData']) {
    for (const [key, value] of Object.entries(objectAt(object, part))) {
      const text = String(value);
      const encoded = kind === 'Secret' || part === 'binaryData';
      if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
        found.push(
          cause(
            `${part}[${key}]`,
            `Invalid value: ${JSON.stringify(key)}: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
          ),
        );
      }
      if (encoded && Buffer.from(text, 'base64').toString('base64') !== text) {
        found.push(cause(`${part}[${key}]`, 'Invalid value: illegal base64 data'));
      }
      size += encoded ? Buffer.from(text, 'base64').length : Buffer.byteLength(text);
    }
  }
  if (size > mebibyte) {
    found.push(
      cause(kind === 'Secret' ? 'data' : '', `Too long: may not be more than ${mebibyte} bytes`, 'FieldValueTooLong'),
    );
  }
  if (live === undefined) return found;
  if (kind === 'Secret' && at(live, 'type') !== at(object, 'type')) {
    found.push(cause('type', `Invalid value: ${JSON.stringify(at(object, 'type'))}: field is immutable`));
  }
  const changed = ['data', 'binaryData', 'immutable'].some((part) => !equal(at(live, part), at(object, part)));
  if (at(live, 'immutable') === true && changed) {
    found.push(cause('data', 'Forbidden: field is immutable when `immutable` is set', 'FieldValueForbidden'));
  }
  return found;
}

/** An event of events.k8s.io, in the form in which it is held (pkg/apis/core/validation/events.go). */
function eventCauses(object: JsonObject): readonly Cause[] {
  const required = ['eventTime', 'reportingComponent', 'reportingInstance', 'action', 'reason', 'type'];
  const shown: Readonly<Record<string, string>> = { reportingComponent: 'reportingController' };
  const found = required
    .filter((field) => textAt(object, field) === '')
    .map((field) => cause(shown[field] ?? field, 'Required value', 'FieldValueRequired'));
  const own = textAt(object, 'metadata', 'namespace');
  const of = textAt(object, 'involvedObject', 'namespace');
  if (of !== own && !(of === '' && (own === 'default' || own === 'kube-system'))) {
    found.push(
      cause('involvedObject.namespace', `Invalid value: ${JSON.stringify(of)}: does not match event.namespace`),
    );
  }
  return found;
}
