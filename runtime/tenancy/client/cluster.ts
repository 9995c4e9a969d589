import { randomBytes } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { isObject } from '../desired.ts';
import { isList, isMap, under } from '../json.ts';
import { tenancyKinds } from '../kinds.ts';
import {
  type Answer,
  type Cluster,
  type ClusterEvent,
  fieldManager,
  type Json,
  type KubernetesObject,
  type ObjectKind,
  type ObjectPlace,
} from '../port.ts';
import { type Exchange, exchange } from './exchange.ts';
import { failureOf, readJson } from './failure.ts';
import { type Pace, retried } from './retry.ts';

type Call = Pick<Exchange, 'method' | 'contentType' | 'body'> & {
  readonly path: string;
  readonly query?: URLSearchParams;
};

/** @param credentials what authenticates a call, asked for each; may reject where a plugin of the configuration fails */
export function clusterOver(
  server: string,
  credentials: () => Promise<RequestOptions>,
  timeout: number,
  pace: Pace,
): Cluster {
  /** One attempt. */
  async function once<T>(call: string, made: Call, read: (body: Json) => T | undefined): Promise<Answer<T>> {
    const { method, path, query, contentType, body } = made;
    let options: RequestOptions;
    try {
      options = await credentials();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, failure: { kind: 'unauthorised', call, message } };
    }
    const url = new URL(`${server}${path}${query === undefined ? '' : `?${query}`}`);
    const reply = await exchange({
      method,
      url,
      options,
      timeout,
      ...(contentType === undefined ? {} : { contentType }),
      ...(body === undefined ? {} : { body }),
    });
    if (reply.kind !== 'answer' || reply.status < 200 || reply.status > 299) {
      return { ok: false, failure: failureOf(call, reply) };
    }
    const json = readJson(reply.body);
    const value = json === undefined ? undefined : read(json);
    if (value !== undefined) return { ok: true, value };
    const message = 'the answer is not what the API gives';
    return { ok: false, failure: { kind: 'unreadable', call, message, status: reply.status } };
  }

  const make = <T>(call: string, made: Call, read: (body: Json) => T | undefined) =>
    retried(() => once(call, made, read), pace);

  return {
    server,
    list(kind, namespace, labels) {
      const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      const query = new URLSearchParams({ labelSelector: selector.join(',') });
      return make(
        `list ${kind.plural}${namespace === undefined ? '' : ` ${namespace}`}`,
        { method: 'GET', path: pathOf(kind, namespace), query },
        (body) => {
          const items = under(body, 'items');
          // Items of a list say neither their kind nor its version.
          const { apiVersion, kind: name } = kind;
          const objects = (isList(items) ? items : undefined)?.map((item) =>
            objectIn(isMap(item) ? { ...item, apiVersion, kind: name } : item),
          );
          return objects?.every((each) => each !== undefined) ? objects : undefined;
        },
      );
    },
    read: (place) => make(callText('get', place), { method: 'GET', path: pathOfObject(place) }, objectIn),
    apply(object, { dryRun = false, force = false, manager = fieldManager } = {}) {
      const kind = knownKind(object);
      const place = { kind, namespace: object.metadata.namespace, name: object.metadata.name };
      const query = new URLSearchParams({ fieldManager: manager, fieldValidation: 'Strict', force: String(force) });
      if (dryRun) query.set('dryRun', 'All');
      const made: Call = {
        method: 'PATCH',
        path: pathOfObject(place),
        query,
        contentType: 'application/apply-patch+yaml',
        body: JSON.stringify(object),
      };
      return make(callText('patch', place), made, objectIn);
    },
    async delete(place, uid, { dryRun = false } = {}) {
      const body = JSON.stringify({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid },
        ...(dryRun ? { dryRun: ['All'] } : {}),
      });
      const made: Call = { method: 'DELETE', path: pathOfObject(place), contentType: 'application/json', body };
      const answer = await make(callText('delete', place), made, () => true);
      // Done already is done.
      return answer.ok || answer.failure.kind === 'not-found' ? { ok: true, value: undefined } : answer;
    },
    async createEvent(event) {
      const { namespace } = event.regarding.metadata;
      const made: Call = {
        method: 'POST',
        path: pathOf(events, namespace),
        query: new URLSearchParams({ fieldManager }),
        contentType: 'application/json',
        body: JSON.stringify(eventObject(event)),
      };
      const answer = await make(`create events ${namespace}`, made, () => true);
      // Its name was made for it, so that who has it is this very event.
      return answer.ok || answer.failure.kind === 'conflict' ? { ok: true, value: undefined } : answer;
    },
  };
}

const events: ObjectKind = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events' };

function callText(verb: string, { kind, namespace, name }: ObjectPlace): string {
  return `${verb} ${kind.plural} ${namespace}/${name}`;
}

function pathOf({ apiVersion, plural }: ObjectKind, namespace: string | undefined): string {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const within = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  return `${root}/${apiVersion}/${within}${plural}`;
}

function pathOfObject({ kind, namespace, name }: ObjectPlace): string {
  return `${pathOf(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** Kinds that are no tenancy's have the plural that English gives them. */
function knownKind({ apiVersion, kind }: KubernetesObject): ObjectKind {
  const known = tenancyKinds.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  return known ?? { apiVersion, kind, plural: `${kind.toLowerCase()}s` };
}

function objectIn(body: Json): KubernetesObject | undefined {
  return isObject(body) ? body : undefined;
}

/** The fields that `events.k8s.io/v1` requires. */
function eventObject({ regarding, type, reason, action, note, time }: ClusterEvent): Json {
  const { apiVersion, kind, metadata } = regarding;
  const { namespace, name, uid } = metadata;
  return {
    apiVersion: events.apiVersion,
    kind: events.kind,
    metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace },
    eventTime: time,
    reportingController: 'polc',
    reportingInstance: 'polc',
    type,
    reason,
    action,
    note,
    regarding: { apiVersion, kind, namespace, name, ...(uid === undefined ? {} : { uid }) },
  };
}
