import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { Uint, type Value } from '../../../expressions/cel/value.ts';
import { mapping, object, optional, required } from '../../../schema/collections.ts';
import { number, text } from '../../../schema/scalars.ts';
import type { Fields, Shape } from '../../../schema/shape.ts';
import { parseYaml } from '../../../source/parse-yaml.ts';
import type { SourceText } from '../../../source/text.ts';
import type { KeySecret } from '../model.ts';
import { type Plain, plainOf } from '../plain.ts';

/** A request as its author describes it; what is absent is unknown, but for headers, of which there are none then. */
export interface GivenRequest {
  readonly method: string;
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  /** Without the `?`; empty where there is none. */
  readonly query: string;
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Plain;
  /** The Secret of the API key that comes with it. */
  readonly key?: KeySecret;
  /** What the authoriser makes of a token, as `auth.identity`. */
  readonly identity?: Plain;
  readonly source?: Plain;
  /** `namespace/name` or a name, where several would do. */
  readonly gateway?: string;
  readonly listener?: string;
  readonly route?: string;
  /** What its answer takes. */
  readonly tokens: number;
}

const anything: Shape<Plain> = { description: { kind: 'object', fields: {} }, decode: (node) => plainOf(node) };
const texts = mapping(text('a name'), text('text'));

const fields = {
  method: optional(text('a method'), 'The HTTP method; `GET` where it is left out.', 'POST'),
  host: required(text('a host name'), 'The host that the request is for.', 'api.example.com'),
  path: optional(text('a path'), 'The path, with the query.', '/v1/chat/completions'),
  headers: optional(texts, 'The headers besides those that are named here.', '{ x-team: blue }'),
  body: optional(anything, 'The body, as JSON.', '{ model: large }'),
  key: optional(
    object({
      namespace: optional(text('a namespace'), 'Where the Secret lies.', 'kuadrant-system'),
      labels: optional(texts, 'Its labels.', '{ app: llm }'),
      annotations: optional(texts, 'Its annotations.', '{ secret.kuadrant.io/user-id: alice }'),
    }),
    'The Secret of the API key that comes with the request.',
    '{ labels: { app: llm } }',
  ),
  identity: optional(anything, 'What the authoriser makes of the token: `auth.identity`.', '{ sub: alice }'),
  source: optional(anything, 'The attributes of who sends it.', '{ address: 192.0.2.1 }'),
  gateway: optional(text('a gateway'), 'The Gateway, where several would take the request.', 'llm/inference'),
  listener: optional(text('a listener'), 'The listener of it.', 'https'),
  route: optional(text('a route'), 'The route, where the files have none.', 'llm/models'),
  tokens: optional(number({ integer: true, minimum: 1 }), 'The tokens that its answer takes.', '120'),
} satisfies Fields;

const shape = object(fields);

/** Reads a request from YAML or JSON; undefined where it cannot be used. */
export function readRequest(source: SourceText): {
  readonly request: GivenRequest | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { root, diagnostics: found } = parseYaml(source);
  const diagnostics = [...found];
  const decoded = root === undefined ? undefined : shape.decode(root, { diagnostics });
  if (decoded?.host === undefined || diagnostics.some(({ severity }) => severity === 'error')) {
    return { request: undefined, diagnostics };
  }
  const { method, host, path, headers, body, key, identity, source: from, gateway, listener, route, tokens } = decoded;
  const [before = '', query = ''] = split(path?.value ?? '/');
  const record = (entries: typeof headers) =>
    Object.fromEntries((entries?.value ?? []).map((entry) => [entry.key.value, entry.value.value]));
  const request: GivenRequest = {
    method: method?.value ?? 'GET',
    host: host.value,
    path: before,
    query,
    headers: Object.fromEntries(Object.entries(record(headers)).map(([name, value]) => [name.toLowerCase(), value])),
    tokens: tokens?.value ?? 1,
    ...(body === undefined ? {} : { body: body.value }),
    ...(key === undefined
      ? {}
      : {
          key: {
            namespace: key.value.namespace?.value ?? '',
            labels: record(key.value.labels),
            annotations: record(key.value.annotations),
          },
        }),
    ...(identity === undefined ? {} : { identity: identity.value }),
    ...(from === undefined ? {} : { source: from.value }),
    ...(gateway === undefined ? {} : { gateway: gateway.value }),
    ...(listener === undefined ? {} : { listener: listener.value }),
    ...(route === undefined ? {} : { route: route.value }),
  };
  return { request, diagnostics };
}

function split(path: string): readonly string[] {
  const at = path.indexOf('?');
  return at === -1 ? [path] : [path.slice(0, at), path.slice(at + 1)];
}

/** A value of JSON in CEL: the authoriser has doubles for numbers, the filter `uint` for whole ones. */
export function celValue(plain: Plain, numbers: 'authoriser' | 'filter'): Value {
  if (plain === null || typeof plain === 'string' || typeof plain === 'boolean') return plain;
  if (typeof plain === 'number' || typeof plain === 'bigint') {
    if (numbers === 'authoriser') return Number(plain);
    const whole = typeof plain === 'bigint' || Number.isSafeInteger(plain);
    if (!whole) return plain;
    return plain >= 0 ? new Uint(BigInt(plain)) : BigInt(plain);
  }
  if (isList(plain)) return plain.map((each) => celValue(each, numbers));
  return Object.fromEntries(Object.entries(plain).map(([name, each]) => [name, celValue(each, numbers)]));
}

function isList(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain);
}

/** Every value of a body by its JSON pointer (RFC 6901). */
export function pointersOf(body: Plain): Readonly<Record<string, Value>> {
  const found: Record<string, Value> = {};
  const add = (plain: Plain, pointer: string) => {
    found[pointer] = celValue(plain, 'filter');
    if (typeof plain !== 'object' || plain === null) return;
    for (const [name, each] of Object.entries(plain)) {
      add(each, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  };
  add(body, '');
  return found;
}
