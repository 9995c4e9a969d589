import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  copyImage,
  createImage,
  createTags,
  deleteSnapshot,
  deregisterImage,
  describeImages,
  describeSnapshots,
} from './ec2/images.ts';
import {
  changeInstances,
  checkRun,
  deleteVolume,
  describeInstances,
  describeVolumes,
  instanceNode,
} from './ec2/instances.ts';
import { checkNames, flag } from './ec2/parameters.ts';
import { answerSsm } from './ec2/ssm.ts';
import {
  type Device,
  type Ec2Settings,
  type Ec2State,
  newId,
  type Parameters,
  Refusal,
  refuse,
  type StoredImage,
} from './ec2/state.ts';
import { type Node, xml } from './ec2/xml.ts';

/**
 * EC2 (Query protocol) and SSM (JSON protocol) on a port of the loopback interface, for the calls that launches and builds
 * make: as strict as the API references say. It knows nothing of `Cloud`.
 */
export interface StrictEc2 extends Ec2State {
  readonly url: string;
  /** What was asked, in order. Change `settings` and `faults` at any time. */
  readonly calls: Call[];
  readonly faults: Fault[];
  /** Told of every call before and after it has had its effect, before it is answered. */
  onCall: (call: Call, when: 'before' | 'after') => void;
  /** Asked of every call before it has an effect: those that it is true of have none, and no reply. */
  drops: (call: Call) => boolean;
  /** An image that exists, with one encrypted root volume of 8 GiB unless told. */
  addImage(image?: Partial<NewStoredImage>): StoredImage;
  close(): Promise<void>;
}

export interface Call {
  /** `ec2:RunInstances` */
  readonly action: string;
  readonly region: string;
  /** Of EC2, as the Query protocol has them; of SSM, the JSON under `body`. */
  readonly parameters: Parameters;
  readonly dryRun: boolean;
  /** The id of the access key that signed it: who asks. */
  readonly accessKey: string;
  /** `ok`, AWS's code, or what a fault did. */
  result: string;
}

export interface Fault {
  /** The call, from 1, of all that are made or of this action. Attempts of the SDK are calls of their own. */
  readonly at: number;
  readonly action?: string;
  /** How many calls from that on; 1 unless told. */
  readonly times?: number;
  /** `lost` has the effect and then no reply; `reset` has none. `error` answers `code`, or InternalError. */
  readonly kind: 'error' | 'throttle' | 'reset' | 'lost' | 'hang';
  readonly code?: string;
  readonly status?: number;
}

export interface NewStoredImage {
  readonly region: string;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly architecture: string;
  readonly madeAt: number;
  readonly deprecatedAt: number;
  readonly encrypted: boolean;
  /** GiB. */
  readonly size: number;
  readonly tags: ReadonlyMap<string, string>;
  readonly furtherDevices: readonly string[];
}

export async function startStrictEc2(changes: Partial<Ec2Settings> = {}): Promise<StrictEc2> {
  const settings: Ec2Settings = {
    account: '123456789012',
    regions: ['eu-west-1', 'us-east-1', 'us-west-2'],
    keyPairs: [],
    subnets: [],
    securityGroups: [],
    instanceProfiles: [],
    pendingDescribes: 0,
    hiddenDescribes: 0,
    stateDescribes: 0,
    agentCalls: 0,
    pendingCommands: 0,
    script: () => ({ success: true, output: '' }),
    now: Date.now,
    denies: () => false,
    ...changes,
  };
  const state: Ec2State = {
    images: new Map(),
    instances: new Map(),
    snapshots: new Map(),
    volumes: new Map(),
    parameters: new Map(),
    commands: new Map(),
    tokens: new Map(),
    settings,
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => void serve(request, response, ec2));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ec2: StrictEc2 = {
    ...state,
    url: `http://127.0.0.1:${port}`,
    calls: [],
    faults: [],
    onCall: () => undefined,
    drops: () => false,
    addImage: (image = {}) => existingImage(state, image),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return ec2;
}

function existingImage(state: Ec2State, image: Partial<NewStoredImage>): StoredImage {
  const { region = 'eu-west-1', encrypted = true, size = 8, owner = state.settings.account } = image;
  const devices = ['/dev/sda1', ...(image.furtherDevices ?? [])].map((device): Device => {
    const snapshot = newId('snap');
    state.snapshots.set(snapshot, { region, id: snapshot, owner, size, encrypted, key: '', tags: new Map() });
    return { device, snapshot, size, encrypted, deleteOnTermination: true };
  });
  const id = image.id ?? newId('ami');
  const added: StoredImage = {
    region,
    id,
    name: image.name ?? `image ${id}`,
    description: '',
    owner,
    architecture: image.architecture ?? 'x86_64',
    rootDevice: '/dev/sda1',
    devices,
    state: 'available',
    tags: new Map(image.tags),
    madeAt: image.madeAt ?? state.settings.now(),
    ...(image.deprecatedAt === undefined ? {} : { deprecatedAt: image.deprecatedAt }),
    pendingFor: 0,
    hiddenFor: 0,
  };
  state.images.set(id, added);
  return added;
}

async function serve(request: IncomingMessage, response: ServerResponse, ec2: StrictEc2): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  const target = request.headers['x-amz-target'];
  const isSsm = typeof target === 'string';
  const parameters: Parameters = isSsm ? new Map([['body', body]]) : new Map(new URLSearchParams(body));
  const [, accessKey = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/(\w+)\/aws4_request/.exec(request.headers.authorization ?? '') ?? [];
  const name = (isSsm ? target.split('.')[1] : parameters.get('Action')) ?? '';
  const call: Call = {
    action: `${isSsm ? 'ssm' : 'ec2'}:${name}`,
    region,
    parameters,
    dryRun: parameters.get('DryRun') === 'true',
    accessKey,
    result: 'ok',
  };
  ec2.calls.push(call);
  ec2.onCall(call, 'before');
  const fault = ec2.drops(call) ? ({ at: 0, kind: 'reset' } as const) : faultOf(call, ec2);
  const answered =
    fault === undefined || fault.kind === 'lost' ? answer(call, name, service, body, ec2) : faulty(fault);
  ec2.onCall(call, 'after');
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'lost' || fault?.kind === 'reset') {
    call.result = fault.kind;
    request.socket.destroy();
    return;
  }
  if (answered instanceof Refusal) {
    call.result = answered.code;
    const { status, code, message } = answered;
    if (isSsm) send(response, status, JSON.stringify({ __type: code, message }), 'application/x-amz-json-1.1');
    else {
      const errors = { Errors: { Error: { Code: code, Message: message } }, RequestID: 'a-request' };
      send(response, status, `<?xml version="1.0" encoding="UTF-8"?>${xml({ Response: errors })}`, 'text/xml');
    }
    return;
  }
  send(response, 200, answered, isSsm ? 'application/x-amz-json-1.1' : 'text/xml');
}

function send(response: ServerResponse, status: number, text: string, type: string): void {
  response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'a-request' }).end(text);
}

function faultOf(call: Call, { calls, faults }: StrictEc2): Fault | undefined {
  return faults.find(({ at, action, times = 1 }) => {
    if (action !== undefined && action !== call.action) return false;
    const number = action === undefined ? calls.length : calls.filter((each) => each.action === action).length;
    return number >= at && number < at + times;
  });
}

function faulty({ kind, code, status }: Fault): Refusal {
  if (kind === 'throttle') return new Refusal(code ?? 'RequestLimitExceeded', 'Request limit exceeded.', status ?? 503);
  return new Refusal(code ?? 'InternalError', 'An internal error has occurred', status ?? 500);
}

function answer(call: Call, name: string, service: string, body: string, ec2: StrictEc2): string | Refusal {
  try {
    const { region, action, parameters } = call;
    if (service === '') refuse('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
    if (!action.startsWith(`${service}:`)) refuse('InvalidAction', `${action} was signed for ${service}`);
    if (!ec2.settings.regions.includes(region)) {
      refuse('AuthFailure', `The region ${region} is not enabled for this account`, 401);
    }
    if (ec2.settings.denies(action, parameters, region)) {
      if (service === 'ssm') refuse('AccessDeniedException', `not authorized to perform: ${action}`);
      refuse('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
    }
    if (service === 'ssm') return JSON.stringify(answerSsm(name, JSON.parse(body), region, ec2));
    checkNames(name, parameters);
    const node = act(name, call, ec2);
    const content = typeof node === 'object' && !Array.isArray(node) ? { requestId: 'a-request', ...node } : node;
    return `<?xml version="1.0" encoding="UTF-8"?>${xml({ [`${name}Response`]: content })}`;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** What has an effect is looked at as a whole first, since a dry run ends there. */
function act(name: string, { parameters, region }: Call, ec2: StrictEc2): Node {
  const dryRun = flag(parameters, 'DryRun');
  const once = <T extends { readonly id: string }>(make: () => T, all: ReadonlyMap<string, T>): T => {
    const token = parameters.get('ClientToken') ?? '';
    const request = JSON.stringify([...parameters].filter(([key]) => key !== 'DryRun').sort());
    const before = token === '' ? undefined : ec2.tokens.get(`${name} ${region} ${token}`);
    if (before !== undefined && before.request !== request) {
      refuse('IdempotentParameterMismatch', 'The client token was used with other parameters.');
    }
    const existing = before === undefined ? undefined : all.get(before.made);
    if (ec2.instances.get(existing?.id ?? '')?.state === 'terminated') {
      refuse('IdempotentInstanceTerminated', 'The instance of this client token has been terminated.');
    }
    if (dryRun) wouldHave();
    const made = existing ?? make();
    if (token !== '') ec2.tokens.set(`${name} ${region} ${token}`, { request, made: made.id });
    return made;
  };
  switch (name) {
    case 'RunInstances': {
      // A request that was served is answered again, whatever has become of its image.
      const isRepeated = ec2.tokens.has(`RunInstances ${region} ${parameters.get('ClientToken') ?? ''}`);
      const make = isRepeated ? () => refuse('InternalError', 'gone') : checkRun(parameters, region, ec2);
      const instance = once(make, ec2.instances);
      return { reservationId: `r-${instance.id.slice(2)}`, instancesSet: [instanceNode(instance)] };
    }
    case 'CopyImage': {
      const isRepeated = ec2.tokens.has(`CopyImage ${region} ${parameters.get('ClientToken') ?? ''}`);
      const make = isRepeated ? () => refuse('InternalError', 'gone') : copyImage(parameters, region, ec2);
      return { imageId: once(make, ec2.images).id };
    }
    case 'CreateImage': {
      const make = createImage(parameters, region, ec2);
      return dryRun ? wouldHave() : make();
    }
  }
  if (dryRun) wouldHave();
  switch (name) {
    case 'DescribeImages':
      return describeImages(parameters, region, ec2);
    case 'DescribeInstances':
      return describeInstances(parameters, region, ec2);
    case 'StopInstances':
      return changeInstances(parameters, region, ec2, 'stop');
    case 'TerminateInstances':
      return changeInstances(parameters, region, ec2, 'end');
    case 'DeregisterImage':
      return deregisterImage(parameters, region, ec2);
    case 'CreateTags':
      return createTags(parameters, region, ec2);
    case 'DescribeSnapshots':
      return describeSnapshots(parameters, region, ec2);
    case 'DeleteSnapshot':
      return deleteSnapshot(parameters, region, ec2);
    case 'DescribeVolumes':
      return describeVolumes(parameters, region, ec2);
    default:
      return deleteVolume(parameters, region, ec2);
  }
}

function wouldHave(): never {
  refuse('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}
