import { anything, flag, integer, keyedBy, listOf, mapOf, oneOf, record, type Schema, setOf, text } from './schema.ts';

// The kinds of the API server itself, as far as tenancies meet them: fields, list types and bounds of Kubernetes 1.32.

export const metadata: Schema = record({
  name: text,
  generateName: text,
  namespace: text,
  labels: mapOf(text),
  annotations: mapOf(text),
  finalizers: setOf(text),
  ownerReferences: keyedBy(
    ['uid'],
    record(
      {
        apiVersion: text,
        kind: text,
        name: text,
        uid: text,
        controller: flag,
        blockOwnerDeletion: flag,
      },
      ['apiVersion', 'kind', 'name', 'uid'],
    ),
  ),
  uid: text,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: integer,
  selfLink: text,
  managedFields: listOf(anything),
});

type Fields = Record<string, Schema>;

const reference: Schema = {
  ...record({
    apiVersion: text,
    kind: text,
    name: text,
    namespace: text,
    uid: text,
    resourceVersion: text,
    fieldPath: text,
  }),
  atomic: true,
};

export const configMap: Fields = { data: mapOf(text), binaryData: mapOf(text), immutable: flag };
export const secret: Fields = {
  data: mapOf(text),
  stringData: mapOf(text),
  immutable: flag,
  type: { ...text, default: 'Opaque' },
};
export const namespace: Fields = { spec: record({ finalizers: listOf(text) }), status: anything };
export const serviceAccount: Fields = {
  secrets: keyedBy(['name'], reference),
  imagePullSecrets: listOf({ ...record({ name: text }), atomic: true }),
  automountServiceAccountToken: flag,
};
export const pod: Fields = {
  spec: {
    ...record({ containers: keyedBy(['name'], { ...record({ name: text, image: text }, ['name']), open: true }) }, [
      'containers',
    ]),
    open: true,
  },
  status: anything,
};

/** An event of the core group, the form in which both groups' events are held. */
export const event: Fields = {
  involvedObject: reference,
  reason: { ...text, maxLength: 128 },
  message: { ...text, maxLength: 1024 },
  type: oneOf('Normal', 'Warning'),
  action: { ...text, maxLength: 128 },
  eventTime: anything,
  firstTimestamp: anything,
  lastTimestamp: anything,
  count: integer,
  series: record({ count: integer, lastObservedTime: text }),
  source: record({ component: text, host: text }),
  related: reference,
  reportingComponent: text,
  reportingInstance: { ...text, maxLength: 128 },
};

const policyRule = record(
  {
    verbs: listOf(text),
    apiGroups: listOf(text),
    resources: listOf(text),
    resourceNames: listOf(text),
    nonResourceURLs: listOf(text),
  },
  ['verbs'],
);
export const role: Fields = { rules: listOf(policyRule) };
export const clusterRole: Fields = { ...role, aggregationRule: anything };
export const roleBinding: Fields = {
  subjects: listOf(record({ kind: text, name: text, namespace: text, apiGroup: text }, ['kind', 'name'])),
  roleRef: { ...record({ apiGroup: text, kind: text, name: text }, ['kind', 'name']), atomic: true },
};

/** The schemas within it are read by custom-resources.ts. */
export const customResourceDefinition: Fields = { spec: anything, status: anything };
