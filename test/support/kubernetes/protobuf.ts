import type { Json, JsonObject } from './json.ts';

// The wire format of protocol buffers, and the messages of Kubernetes that kubectl sends in it: what its `create` verbs
// make, and questions about access. Numbers of fields are those of k8s.io/api, generated.proto.

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A field of a message: its number and a text or a message. */
export function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

type Form = 'text' | 'texts' | 'flag' | 'map' | 'bytes by key' | { readonly one: Message } | { readonly many: Message };

/** A message: its fields by number. A number that is not here is left out. */
type Message = Readonly<Record<number, readonly [name: string, form: Form]>>;

const metadata: readonly [string, Form] = [
  'metadata',
  {
    one: {
      1: ['name', 'text'],
      2: ['generateName', 'text'],
      3: ['namespace', 'text'],
      11: ['labels', 'map'],
      12: ['annotations', 'map'],
    },
  },
];
const rules: Form = {
  many: {
    1: ['verbs', 'texts'],
    2: ['apiGroups', 'texts'],
    3: ['resources', 'texts'],
    4: ['resourceNames', 'texts'],
    5: ['nonResourceURLs', 'texts'],
  },
};
const subjects: Form = {
  many: { 1: ['kind', 'text'], 2: ['apiGroup', 'text'], 3: ['name', 'text'], 4: ['namespace', 'text'] },
};
const roleRef: Form = { one: { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] } };
const access: Form = {
  one: {
    1: ['namespace', 'text'],
    2: ['verb', 'text'],
    3: ['group', 'text'],
    4: ['version', 'text'],
    5: ['resource', 'text'],
    6: ['subresource', 'text'],
    7: ['name', 'text'],
  },
};

const messages: Readonly<Record<string, Message>> = {
  Namespace: { 1: metadata },
  ServiceAccount: { 1: metadata },
  ConfigMap: { 1: metadata, 2: ['data', 'map'], 3: ['binaryData', 'bytes by key'], 4: ['immutable', 'flag'] },
  Secret: {
    1: metadata,
    2: ['data', 'bytes by key'],
    3: ['type', 'text'],
    4: ['stringData', 'map'],
    5: ['immutable', 'flag'],
  },
  Role: { 1: metadata, 2: ['rules', rules] },
  ClusterRole: { 1: metadata, 2: ['rules', rules] },
  RoleBinding: { 1: metadata, 2: ['subjects', subjects], 3: ['roleRef', roleRef] },
  ClusterRoleBinding: { 1: metadata, 2: ['subjects', subjects], 3: ['roleRef', roleRef] },
  SelfSubjectAccessReview: { 2: ['spec', { one: { 1: ['resourceAttributes', access] } }] },
  SelfSubjectRulesReview: { 2: ['spec', { one: { 1: ['namespace', 'text'] } }] },
  DeleteOptions: { 4: ['propagationPolicy', 'text'], 5: ['dryRun', 'texts'] },
};

const envelope: Message = { 1: ['type', { one: { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] } }] };

/** An object in `application/vnd.kubernetes.protobuf`; undefined where it is of a kind that is not known here. */
export function readKubernetesProtobuf(body: Buffer): JsonObject | undefined {
  if (body.toString('latin1', 0, 4) !== 'k8s\0') return undefined;
  const { type } = decode(body.subarray(4), envelope);
  if (typeof type !== 'object' || type === null || Array.isArray(type)) return undefined;
  const of = messages[String(type.kind)];
  const raw = fieldsOf(body.subarray(4)).find(({ number }) => number === 2)?.bytes;
  return of === undefined || raw === undefined ? undefined : { ...type, ...decode(raw, of) };
}

interface Field {
  readonly number: number;
  /** Of a varint, its value. */
  readonly value: number;
  readonly bytes: Buffer;
}

function fieldsOf(body: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = body[offset] ?? 0;
      offset += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (offset < body.length) {
    const tag = next();
    const wire = tag % 8;
    const fixed = wire === 1 ? 8 : wire === 5 ? 4 : 0;
    const value = fixed > 0 ? fixed : next();
    const bytes = wire === 0 ? Buffer.alloc(0) : body.subarray(offset, offset + value);
    offset += bytes.length;
    fields.push({ number: Math.floor(tag / 8), value, bytes });
  }
  return fields;
}

function decode(body: Buffer, of: Message): JsonObject {
  const result: JsonObject = {};
  for (const each of fieldsOf(body)) {
    const [name, form] = of[each.number] ?? [];
    if (name === undefined || form === undefined) continue;
    const known: Json | undefined = result[name];
    const text = each.bytes.toString('utf8');
    if (form === 'text') {
      if (text !== '') result[name] = text;
    } else if (form === 'flag') result[name] = each.value !== 0;
    else if (form === 'texts') result[name] = [...(Array.isArray(known) ? known : []), text];
    else if (form === 'map' || form === 'bytes by key') {
      const [key, value] = [1, 2].map((number) => fieldsOf(each.bytes).find((part) => part.number === number)?.bytes);
      const entry = (value ?? Buffer.alloc(0)).toString(form === 'map' ? 'utf8' : 'base64');
      const entries = typeof known === 'object' && known !== null && !Array.isArray(known) ? known : {};
      result[name] = { ...entries, [(key ?? '').toString()]: entry };
    } else if ('one' in form) result[name] = decode(each.bytes, form.one);
    else result[name] = [...(Array.isArray(known) ? known : []), decode(each.bytes, form.many)];
  }
  return result;
}
