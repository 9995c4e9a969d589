import { conditions } from './kuadrant-schemas.ts';
import { anything, integer, keyedBy, listOf, mapOf, oneOf, record, type Schema, text } from './schema.ts';

// Gateway and HTTPRoute of the Gateway API v1, standard channel, as far as policies meet them; filters, TLS and
// infrastructure may hold anything.

const kindName: Schema = { ...text, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$', minLength: 1, maxLength: 63 };
const objectName: Schema = { ...text, minLength: 1, maxLength: 253 };
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const sectionName: Schema = { ...objectName, pattern: `^${label}(\\.${label})*$` };
const hostname: Schema = { ...objectName, pattern: `^(\\*\\.)?${label}(\\.${label})*$` };
const port: Schema = { ...integer, minimum: 1, maximum: 65_535 };
const namespace: Schema = { ...text, pattern: `^${label}$`, minLength: 1, maxLength: 63 };

function group(normal: string): Schema {
  return { ...text, maxLength: 253, default: normal };
}

const samePlace = { from: 'Same' };
const everyPath = { type: 'PathPrefix', value: '/' };

const listener = record(
  {
    name: sectionName,
    hostname,
    port,
    protocol: { ...text, minLength: 1, maxLength: 255 },
    tls: anything,
    allowedRoutes: {
      ...record({
        namespaces: {
          ...record({
            from: { ...oneOf('All', 'Selector', 'Same'), default: 'Same' },
            selector: { type: 'object', open: true, atomic: true },
          }),
          default: samePlace,
        },
        kinds: {
          ...listOf(record({ group: group('gateway.networking.k8s.io'), kind: kindName }, ['kind'])),
          maxItems: 8,
        },
      }),
      default: { namespaces: samePlace },
    },
  },
  ['name', 'port', 'protocol'],
);

export const gateway: Record<string, Schema> = {
  spec: record(
    {
      gatewayClassName: objectName,
      listeners: { ...keyedBy(['name'], listener), maxItems: 64 },
      addresses: { ...listOf(record({ type: { ...text, default: 'IPAddress' }, value: text })), maxItems: 16 },
      infrastructure: anything,
      allowedListeners: anything,
      tls: anything,
    },
    ['gatewayClassName', 'listeners'],
  ),
  status: record({
    conditions,
    addresses: listOf(anything),
    listeners: keyedBy(['name'], { ...record({ conditions }), open: true }),
  }),
};

const condition = record(
  { name: objectName, type: { ...oneOf('Exact', 'RegularExpression'), default: 'Exact' }, value: text },
  ['name', 'value'],
);

const match = record({
  path: {
    ...record({
      type: { ...oneOf('Exact', 'PathPrefix', 'RegularExpression'), default: 'PathPrefix' },
      value: { ...text, maxLength: 1024, default: '/' },
    }),
    default: everyPath,
  },
  headers: { ...keyedBy(['name'], condition), maxItems: 16 },
  queryParams: { ...keyedBy(['name'], condition), maxItems: 16 },
  method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'),
});

const backend = record(
  {
    group: group(''),
    kind: { ...kindName, default: 'Service' },
    name: objectName,
    namespace,
    port,
    weight: { ...integer, minimum: 0, maximum: 1_000_000, default: 1 },
    filters: { ...listOf(anything), maxItems: 16 },
  },
  ['name'],
);

const parent = record(
  {
    group: group('gateway.networking.k8s.io'),
    kind: { ...kindName, default: 'Gateway' },
    name: objectName,
    namespace,
    port,
    sectionName,
  },
  ['name'],
);

export const httpRoute: Record<string, Schema> = {
  spec: record({
    parentRefs: { ...listOf(parent), maxItems: 32 },
    hostnames: { ...listOf(hostname), maxItems: 16 },
    rules: {
      ...listOf(
        record({
          name: sectionName,
          matches: { ...listOf(match), maxItems: 64, default: [{ path: everyPath }] },
          filters: { ...listOf(anything), maxItems: 16 },
          backendRefs: { ...listOf(backend), maxItems: 16 },
          timeouts: mapOf(text),
        }),
      ),
      maxItems: 16,
      default: [{ matches: [{ path: everyPath }] }],
    },
  }),
  status: record({ parents: listOf({ ...record({ conditions }), open: true }) }),
};
