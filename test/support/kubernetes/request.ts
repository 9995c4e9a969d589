import { parse } from 'yaml';
import { ApiFailure, badRequest } from './failure.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { readKubernetesProtobuf } from './protobuf.ts';

/** A request as it comes over HTTP. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a path of the API names. */
export interface ApiPath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
}

/** Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined where the path names no resource. */
export function parsePath(path: string): ApiPath | undefined {
  const [root, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const group = root === 'apis' ? parts.shift() : '';
  const version = parts.shift();
  if ((root !== 'api' && root !== 'apis') || group === undefined || version === undefined) return undefined;
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize';
  const namespace = inNamespace ? parts[1]! : '';
  const [plural, name = '', subresource = '', ...rest] = inNamespace ? parts.slice(2) : parts;
  if (plural === undefined || rest.length > 0) return undefined;
  return { group, version, namespace, plural, name, subresource };
}

/** The verb by which a role allows the request; undefined of a method that the API does not know. */
export function verbOf({ method, query }: ApiRequest, named: boolean): string | undefined {
  switch (method) {
    case 'GET':
      if (query.get('watch') === 'true' || query.get('watch') === '1') return 'watch';
      return named ? 'get' : 'list';
    case 'POST':
      return named ? undefined : 'create';
    case 'PUT':
      return named ? 'update' : undefined;
    case 'PATCH':
      return named ? 'patch' : undefined;
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

/** The body as JSON or YAML; undefined where it is empty. */
export function bodyOf({ headers, body }: ApiRequest): Json | undefined {
  if (body.length === 0) return undefined;
  const type = headers['content-type'] ?? 'application/json';
  if (type.startsWith('application/vnd.kubernetes.protobuf')) {
    const object = readKubernetesProtobuf(body);
    if (object !== undefined) return object;
  }
  if (!/json|yaml/.test(type)) {
    const message =
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';
    throw new ApiFailure(415, 'UnsupportedMediaType', message);
  }
  const text = body.toString('utf8');
  try {
    const value: Json = text.trimStart().startsWith('{') || !type.includes('yaml') ? JSON.parse(text) : parse(text);
    return value;
  } catch (error) {
    throw badRequest(`error decoding the body: ${error instanceof Error ? error.message : ''}`);
  }
}

export function objectBody(request: ApiRequest): JsonObject {
  const body = bodyOf(request);
  if (!isObject(body)) throw badRequest('the body of the request is no object');
  return body;
}
