import type { JsonObject } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { field, message } from './protobuf.ts';

// OpenAPI documents that say what clients look up before they write: which kinds can be patched, and with which
// parameters. Their schemas are left out, so that validation is the server's alone.

const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'];

function pathOf(kind: ResourceKind): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
  return `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}/{name}`;
}

/** The document of one group and version, OpenAPI 3. */
export function openApi3(kinds: readonly ResourceKind[]): JsonObject {
  const paths = kinds.map((kind): [string, JsonObject] => {
    const operation = {
      parameters: parameters.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
      responses: {},
      'x-kubernetes-group-version-kind': { group: kind.group, version: kind.version, kind: kind.kind },
    };
    return [pathOf(kind), { patch: operation }];
  });
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.32.0' }, paths: Object.fromEntries(paths) };
}

/** Where the documents of the groups are. */
export function openApi3Index(kinds: readonly ResourceKind[]): JsonObject {
  const roots = kinds.map((kind) => (kind.group === '' ? `api/${kind.version}` : `apis/${apiVersionOf(kind)}`));
  const paths = [...new Set(roots)].map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}?hash=1` }]);
  return { paths: Object.fromEntries(paths) };
}

/**
 * The same of all kinds in OpenAPI 2, encoded as the messages of github.com/google/gnostic OpenAPIv2.proto, the only form
 * in which kubectl reads it.
 */
export function openApi2(kinds: readonly ResourceKind[]): Buffer {
  const info = message(field(1, 'Kubernetes'), field(2, 'v1.32.0'));
  const paths = kinds.map((kind) => field(2, message(field(1, pathOf(kind)), field(2, field(8, operationOf(kind))))));
  return message(field(1, '2.0'), field(2, info), field(8, message(...paths)));
}

function operationOf({ group, version, kind }: ResourceKind): Buffer {
  const about = `group: "${group}"\nversion: "${version}"\nkind: "${kind}"\n`;
  const extension = message(field(1, 'x-kubernetes-group-version-kind'), field(2, field(2, about)));
  // Parameter, then not of the body, then of the query: its fields `in` and `name`.
  const query = parameters.map((name) =>
    field(8, field(1, field(2, field(3, message(field(2, 'query'), field(4, name)))))),
  );
  return message(...query, field(13, extension));
}
