import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * IAM (Query protocol), SSM (JSON protocol) and SNS (Query protocol) on a port of the loopback interface, for the calls
 * that guardrails make: as strict as the API references say, with pages of two entries. It knows nothing of AwsPort.
 */
export interface AwsServer {
  readonly url: string;
  /** `iam:AttachRolePolicy`, one for each request. */
  readonly requests: string[];
  /** The region that each request was signed for. */
  readonly regions: string[];
  readonly roles: Map<string, StoredPrincipal>;
  readonly users: Map<string, StoredPrincipal>;
  readonly policies: Map<string, StoredPolicy>;
  readonly parameters: Map<string, { value: string; type: string }>;
  readonly published: Readonly<Record<string, string>>[];
  /** Answers a request in place of the server; asked first. */
  intercept: (action: string, parameters: ReadonlyMap<string, string>) => Refusal | 'hang' | undefined;
  attachmentQuota: number;
  close(): Promise<void>;
}

export interface StoredPrincipal {
  readonly arn: string;
  boundary?: string | undefined;
}

export interface StoredPolicy {
  readonly name: string;
  readonly path: string;
  versions: { readonly id: string; readonly document: string; isDefault: boolean }[];
  readonly tags: Map<string, string>;
  /** `Role/NAME` and `User/NAME`. */
  readonly attachedTo: Set<string>;
  nextVersion: number;
}

export class Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;

  constructor(status: number, code: string, message = code) {
    this.status = status;
    this.code = code;
    this.message = message;
  }
}

type Parameters = ReadonlyMap<string, string>;

const account = '123456789012';
const pageSize = 2;

export async function startAwsServer(): Promise<AwsServer> {
  const state: Omit<AwsServer, 'url' | 'close'> = {
    requests: [],
    regions: [],
    roles: new Map(),
    users: new Map(),
    policies: new Map(),
    parameters: new Map(),
    published: [],
    intercept: () => undefined,
    attachmentQuota: 10,
  };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const target = request.headers['x-amz-target'];
    const isJson = typeof target === 'string';
    const parameters = isJson ? jsonParameters(body) : new Map(new URLSearchParams(body));
    const [, region = '', service = 'unsigned'] =
      /Credential=[^/]+\/\d+\/([^/]+)\/(\w+)\//.exec(request.headers.authorization ?? '') ?? [];
    const action = `${service}:${isJson ? target.split('.')[1] : parameters.get('Action')}`;
    state.requests.push(action);
    state.regions.push(region);
    const send = (status: number, text: string) => {
      const type = isJson ? 'application/x-amz-json-1.1' : 'text/xml';
      response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'a-request' }).end(text);
    };
    try {
      const refusal = state.intercept(action, parameters);
      if (refusal === 'hang') return;
      if (refusal !== undefined) throw refusal;
      if (isJson) send(200, JSON.stringify(answerSsm(action, parameters, state)));
      else {
        const result = action === 'sns:Publish' ? publish(parameters, state) : answerIam(action, parameters, state);
        const name = parameters.get('Action');
        send(200, `<${name}Response><${name}Result>${result}</${name}Result></${name}Response>`);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message } = error;
      if (isJson) send(status, JSON.stringify({ __type: code, message }));
      else
        send(
          status,
          `<ErrorResponse><Error><Type>Sender</Type>${tag('Code', code)}${tag('Message', message)}</Error></ErrorResponse>`,
        );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

type State = Omit<AwsServer, 'url' | 'close'>;

function answerIam(action: string, parameters: Parameters, state: State): string {
  const get = (name: string) => parameters.get(name) ?? refuse(400, 'ValidationError', `${name} is missing`);
  const policy = () => state.policies.get(get('PolicyArn')) ?? refuse(404, 'NoSuchEntity', 'no such policy');
  const kind = action.includes('Role') ? 'Role' : 'User';
  const principal = () => {
    const name = get(`${kind}Name`);
    if (!/^[\w+=,.@-]{1,64}$/.test(name)) refuse(400, 'ValidationError', `name ${name}`);
    return (kind === 'Role' ? state.roles : state.users).get(name) ?? refuse(404, 'NoSuchEntity', `no ${kind} ${name}`);
  };
  switch (action.slice('iam:'.length)) {
    case 'CreatePolicy': {
      const name = get('PolicyName');
      const path = parameters.get('Path') ?? '/';
      if (!/^[\w+=,.@-]{1,128}$/.test(name)) refuse(400, 'ValidationError', `name ${name}`);
      if ((parameters.get('Description') ?? '').length > 1000) refuse(400, 'ValidationError', 'description');
      if (/[^\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]/u.test(parameters.get('Description') ?? ''))
        refuse(400, 'ValidationError', 'description');
      checkDocument(get('PolicyDocument'));
      if ([...state.policies.values()].some((other) => other.name === name))
        refuse(409, 'EntityAlreadyExists', `A policy called ${name} already exists.`);
      const tags = tagsOf(parameters);
      checkTags(tags);
      const versions = [{ id: 'v1', document: get('PolicyDocument'), isDefault: true }];
      const arn = `arn:aws:iam::${account}:policy${path}${name}`;
      state.policies.set(arn, { name, path, versions, tags, attachedTo: new Set(), nextVersion: 2 });
      return policyXml(arn, state.policies.get(arn)!, false);
    }
    case 'ListPolicies': {
      if (get('Scope') !== 'Local') refuse(400, 'ValidationError', 'the policies of AWS are thousands');
      const found = [...state.policies].filter(([, { path }]) => path.startsWith(get('PathPrefix')));
      return paged(found, parameters, 'Policies', ([arn, each]) => policyXml(arn, each, false, 'member'));
    }
    case 'ListPolicyTags':
      return paged([...policy().tags], parameters, 'Tags', ([key, value]) =>
        tag('member', tag('Key', key) + tag('Value', value), true),
      );
    case 'GetPolicy':
      return policyXml(get('PolicyArn'), policy(), true);
    case 'GetPolicyVersion': {
      const version =
        policy().versions.find(({ id }) => id === get('VersionId')) ?? refuse(404, 'NoSuchEntity', 'no such version');
      return tag('PolicyVersion', versionXml(version) + tag('Document', rfc3986(version.document)), true);
    }
    case 'ListPolicyVersions':
      return paged([...policy().versions].reverse(), parameters, 'Versions', (each) =>
        tag('member', versionXml(each), true),
      );
    case 'CreatePolicyVersion': {
      const found = policy();
      checkDocument(get('PolicyDocument'));
      if (found.versions.length >= 5) refuse(409, 'LimitExceeded', 'A managed policy can have up to 5 versions.');
      if (get('SetAsDefault') === 'true') for (const each of found.versions) each.isDefault = false;
      found.versions.push({
        id: `v${found.nextVersion++}`,
        document: get('PolicyDocument'),
        isDefault: get('SetAsDefault') === 'true',
      });
      return '';
    }
    case 'DeletePolicyVersion': {
      const found = policy();
      const version = found.versions.find(({ id }) => id === get('VersionId')) ?? refuse(404, 'NoSuchEntity');
      if (version.isDefault) refuse(409, 'DeleteConflict', 'Cannot delete the default version of a policy.');
      found.versions = found.versions.filter((each) => each !== version);
      return '';
    }
    case 'TagPolicy': {
      const all = new Map([...policy().tags, ...tagsOf(parameters)]);
      checkTags(all);
      for (const [key, value] of all) policy().tags.set(key, value);
      return '';
    }
    case 'DeletePolicy': {
      const { versions, attachedTo } = policy();
      if (attachedTo.size > 0) refuse(409, 'DeleteConflict', 'Cannot delete a policy attached to entities.');
      if (versions.length > 1) refuse(409, 'DeleteConflict', 'This policy has more than one version.');
      state.policies.delete(get('PolicyArn'));
      return '';
    }
    case 'ListEntitiesForPolicy': {
      if (parameters.get('PolicyUsageFilter') !== 'PermissionsPolicy')
        refuse(400, 'ValidationError', 'boundaries are asked for too');
      const start = Number(parameters.get('Marker') ?? 0);
      const all = [...policy().attachedTo];
      const page = all.slice(start, start + pageSize);
      const ofKind = (each: string) =>
        tag(
          `Policy${each}s`,
          page
            .filter((entity) => entity.startsWith(`${each}/`))
            .map((entity) => tag('member', tag(`${each}Name`, entity.slice(5)), true))
            .join(''),
          true,
        );
      return ofKind('Role') + ofKind('User') + more(start + pageSize, all.length);
    }
    case 'AttachRolePolicy':
    case 'AttachUserPolicy': {
      principal();
      const entity = `${kind}/${get(`${kind}Name`)}`;
      const count = [...state.policies.values()].filter(({ attachedTo }) => attachedTo.has(entity)).length;
      if (!policy().attachedTo.has(entity) && count >= state.attachmentQuota) {
        refuse(409, 'LimitExceeded', `Cannot exceed quota for PoliciesPer${kind}: ${state.attachmentQuota}`);
      }
      policy().attachedTo.add(entity);
      return '';
    }
    case 'DetachRolePolicy':
    case 'DetachUserPolicy':
      principal();
      if (!policy().attachedTo.delete(`${kind}/${get(`${kind}Name`)}`)) refuse(404, 'NoSuchEntity', 'not attached');
      return '';
    case 'GetRole':
    case 'GetUser': {
      const { arn, boundary } = principal();
      const limit =
        boundary === undefined
          ? ''
          : tag(
              'PermissionsBoundary',
              tag('PermissionsBoundaryType', 'Policy') + tag('PermissionsBoundaryArn', boundary),
              true,
            );
      return tag(kind, tag(`${kind}Name`, get(`${kind}Name`)) + tag('Arn', arn) + limit, true);
    }
    case 'PutRolePermissionsBoundary':
    case 'PutUserPermissionsBoundary':
      principal().boundary = get('PermissionsBoundary');
      return '';
    case 'DeleteRolePermissionsBoundary':
    case 'DeleteUserPermissionsBoundary':
      if (principal().boundary === undefined) refuse(404, 'NoSuchEntity', 'no boundary');
      principal().boundary = undefined;
      return '';
    default:
      return refuse(400, 'InvalidAction', `no action ${action}`);
  }
}

function answerSsm(action: string, parameters: Parameters, state: State): unknown {
  const name = parameters.get('Name') ?? '';
  switch (action.slice('ssm:'.length)) {
    case 'GetParameter': {
      const { value, type } = state.parameters.get(name) ?? refuse(400, 'ParameterNotFound', '');
      return {
        Parameter: {
          Name: name,
          Value: type === 'String' || parameters.get('WithDecryption') === 'true' ? value : 'encrypted',
        },
      };
    }
    case 'GetParametersByPath': {
      const path = `${parameters.get('Path')}/`;
      const start = Number(parameters.get('NextToken') ?? 0);
      const all = [...state.parameters].filter(
        ([each]) =>
          each.startsWith(path) && (parameters.get('Recursive') === 'true' || !each.slice(path.length).includes('/')),
      );
      const page = all.slice(start, start + pageSize).map(([Name, { value }]) => ({ Name, Value: value }));
      return { Parameters: page, ...(start + pageSize < all.length ? { NextToken: String(start + pageSize) } : {}) };
    }
    case 'PutParameter': {
      const value = parameters.get('Value') ?? '';
      if (!/^(\/[\w.-]+){1,15}$/.test(name) || name.length > 1011) refuse(400, 'ValidationException', `name ${name}`);
      if (value === '' || Buffer.byteLength(value) > 4096)
        refuse(400, 'ValidationException', 'standard parameters have up to 4096 bytes');
      if (parameters.get('Overwrite') !== 'true' && state.parameters.has(name))
        refuse(400, 'ParameterAlreadyExists', 'The parameter already exists.');
      state.parameters.set(name, { value, type: parameters.get('Type') ?? refuse(400, 'ValidationException', 'type') });
      return { Version: 1 };
    }
    case 'DeleteParameter':
      if (!state.parameters.delete(name)) refuse(400, 'ParameterNotFound', '');
      return {};
    default:
      return refuse(400, 'InvalidAction', action);
  }
}

function publish(parameters: Parameters, state: State): string {
  if (!/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(parameters.get('Subject') ?? ''))
    refuse(400, 'InvalidParameter', 'Subject');
  state.published.push(Object.fromEntries(parameters));
  return tag('MessageId', 'a-message');
}

function refuse(status: number, code: string, message?: string): never {
  throw new Refusal(status, code, message);
}

/** Source: "IAM and AWS STS quotas", IAM user guide. */
function checkDocument(document: string): void {
  if (document.replace(/\s/g, '').length > 6144)
    refuse(409, 'LimitExceeded', 'Cannot exceed quota for PolicySize: 6144');
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    refuse(400, 'MalformedPolicyDocument', 'Syntax errors in policy.');
  }
  if (typeof value !== 'object' || value === null || !('Statement' in value))
    refuse(400, 'MalformedPolicyDocument', 'Missing Statement');
}

function tagsOf(parameters: Parameters): Map<string, string> {
  const tags = new Map<string, string>();
  for (let index = 1; parameters.has(`Tags.member.${index}.Key`); index++) {
    tags.set(
      parameters.get(`Tags.member.${index}.Key`)!,
      parameters.get(`Tags.member.${index}.Value`) ?? refuse(400, 'ValidationError', 'a tag without a value'),
    );
  }
  return tags;
}

/** Source: "Tags for IAM resources", IAM user guide. */
function checkTags(tags: ReadonlyMap<string, string>): void {
  const text = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  if (tags.size > 50) refuse(409, 'LimitExceeded', 'Cannot exceed quota for TagsPerPolicy: 50');
  for (const [key, value] of tags) {
    if (key === '' || key.length > 128 || !text.test(key) || /^aws:/i.test(key))
      refuse(400, 'InvalidInput', `key ${key}`);
    if (value.length > 256 || !text.test(value)) refuse(400, 'InvalidInput', `value ${value}`);
  }
}

function policyXml(arn: string, policy: StoredPolicy, withTags: boolean, element = 'Policy'): string {
  const id = policy.versions.find(({ isDefault }) => isDefault)!.id;
  const tags = [...policy.tags]
    .map(([key, value]) => tag('member', tag('Key', key) + tag('Value', value), true))
    .join('');
  const fields =
    tag('PolicyName', policy.name) + tag('Arn', arn) + tag('Path', policy.path) + tag('DefaultVersionId', id);
  return tag(element, fields + (withTags ? tag('Tags', tags, true) : ''), true);
}

function versionXml({ id, isDefault }: { readonly id: string; readonly isDefault: boolean }): string {
  return tag('VersionId', id) + tag('IsDefaultVersion', String(isDefault));
}

function paged<T>(all: readonly T[], parameters: Parameters, list: string, xml: (each: T) => string): string {
  const start = Number(parameters.get('Marker') ?? 0);
  return (
    tag(
      list,
      all
        .slice(start, start + pageSize)
        .map(xml)
        .join(''),
      true,
    ) + more(start + pageSize, all.length)
  );
}

function more(next: number, count: number): string {
  return next < count ? tag('IsTruncated', 'true') + tag('Marker', String(next)) : tag('IsTruncated', 'false');
}

function tag(name: string, content: string, isXml = false): string {
  const text = isXml ? content : content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${text}</${name}>`;
}

function rfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function jsonParameters(body: string): Map<string, string> {
  const value: Readonly<Record<string, unknown>> = { ...JSON.parse(body) };
  return new Map(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  return body;
}
