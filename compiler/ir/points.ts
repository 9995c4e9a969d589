import type * as EveryHookField from '../tables/every-hook-field.ts';
import type { Point } from './policy.ts';

export type AttributeType = 'integer' | 'string' | 'boolean' | 'address' | 'path' | 'number';

export interface AttributeDeclaration {
  readonly type: AttributeType;
  readonly doc: string;
}

type Attributes = Readonly<Record<string, AttributeDeclaration>>;

/** The attributes that predicates may use at each point. The IR's verifier refuses any other. */
export const points: Readonly<Record<Point, Attributes>> = {
  syscall: {
    arch: { type: 'string', doc: 'the calling convention: x86_64, x86, x32, aarch64, arm, riscv64, or `other`' },
    syscall: { type: 'string', doc: 'the call by its name on that architecture; `#N` where the number has none' },
    newer: { type: 'boolean', doc: 'the number lies above every number the syscall table knows for that architecture' },
    arg0: { type: 'integer', doc: 'first argument, 64 bits' },
    arg1: { type: 'integer', doc: 'second argument, 64 bits' },
    arg2: { type: 'integer', doc: 'third argument, 64 bits' },
    arg3: { type: 'integer', doc: 'fourth argument, 64 bits' },
    arg4: { type: 'integer', doc: 'fifth argument, 64 bits' },
    arg5: { type: 'integer', doc: 'sixth argument, 64 bits' },
  },
  path: {
    path: { type: 'path', doc: 'the canonical absolute path' },
    right: { type: 'string', doc: 'one Landlock file-system right: execute, write_file, read_file, ...' },
  },
  socket: {
    operation: { type: 'string', doc: 'bind, connect, send' },
    protocol: { type: 'string', doc: 'tcp or udp, unix-abstract for the abstract name space' },
    address: { type: 'address', doc: 'the local address of a bind, the remote one otherwise' },
    port: { type: 'integer', doc: 'the port in host order' },
    outside: { type: 'boolean', doc: 'the peer is outside the sandbox (unix-abstract only)' },
  },
  signal: {
    outside: { type: 'boolean', doc: 'the receiver is outside the sandbox' },
  },
  capability: {
    capability: { type: 'string', doc: 'a capability of capabilities(7), in lower case without CAP_' },
  },
  hook: {
    hook: { type: 'string', doc: 'the LSM hook; what can be read there is in tables/hook-fields.ts' },
  },
  'cost-event': {
    source: { type: 'string', doc: 'budgets or anomaly' },
    account: { type: 'string', doc: 'the account that spends, 12 digits' },
    amount: { type: 'number', doc: 'US dollars: spent, forecast, or the impact of an anomaly' },
    service: { type: 'string', doc: 'the service by its name in Cost Explorer' },
    region: { type: 'string', doc: 'the region that the spending is in' },
    forecast: { type: 'boolean', doc: 'the amount is a forecast that exceeds the budget' },
    rate_change: { type: 'number', doc: 'percent by which the amount exceeds the mean of earlier periods' },
  },
  'aws-request': {
    action: { type: 'string', doc: 'the IAM action in lower case, since IAM ignores case: ec2:runinstances' },
    region: { type: 'string', doc: 'the region that the request is made in: aws:RequestedRegion' },
    resource: { type: 'string', doc: 'the ARN of the resource that the request is for' },
  },
  launch: {
    template: { type: 'string', doc: 'the source template by its name; unknown for an image that names none' },
    launched: { type: 'string', doc: 'what the launch names: a template, or an image by its id or name' },
    source: { type: 'string', doc: 'where the template was loaded from: institutional, departmental, pi_lab, ...' },
    signature: { type: 'string', doc: 'of the template, or of the image launched: valid, absent or invalid' },
    authority: { type: 'string', doc: 'whose key made the valid signature' },
    owner: { type: 'string', doc: 'the account that owns the image, 12 digits' },
    approved: { type: 'boolean', doc: 'an approval of the template or image is signed and has not expired' },
    lifecycle: { type: 'string', doc: 'active, deprecated or retired' },
    instance_type: { type: 'string', doc: 'the EC2 instance type' },
    architecture: { type: 'string', doc: 'the architecture that the image was built for: x86_64 or arm64' },
    region: { type: 'string', doc: 'the region that the instance is to run in' },
    encrypted: { type: 'boolean', doc: 'every volume of the instance and of its image is encrypted' },
    hourly_cost: { type: 'number', doc: 'US dollars an hour that the instance costs; unknown without a price' },
    hourly_spend: { type: 'number', doc: 'US dollars an hour of all that the profile runs, this instance included' },
    daily_spend: { type: 'number', doc: 'US dollars of this day (UTC), this instance until its end included' },
    monthly_spend: { type: 'number', doc: 'US dollars of this month (UTC), this instance until its end included' },
    classification: { type: 'integer', doc: '0 public, 1 internal, 2 confidential, 3 restricted' },
    clearance: { type: 'integer', doc: 'the highest classification that the person may use' },
    profile: { type: 'string', doc: 'the profile that the person launches with, by its name' },
    image_age: { type: 'number', doc: 'days since the image was made' },
    base_outdated: { type: 'boolean', doc: 'a newer base image exists than the one that the image was built from' },
    scan: { type: 'string', doc: 'the verdict of the last vulnerability scan of the image: passed, failed or absent' },
    invitation: { type: 'string', doc: 'of the token: valid, expired, used-up or other-device; absent without one' },
  },
  request: {
    team: { type: 'string', doc: 'the team that the API key belongs to; unknown without a valid key' },
    user: { type: 'string', doc: 'the user that the API key belongs to' },
    tier: { type: 'string', doc: 'the tier of the team' },
    model: { type: 'string', doc: 'the model that the request names' },
    spent: { type: 'number', doc: 'US dollars that the team has spent this month, as the usage pipeline wrote it' },
    budget: { type: 'number', doc: 'US dollars that the team may spend in a month' },
    spent_share: { type: 'number', doc: '`spent` divided by `budget`, from which the evaluator derives it' },
    method: { type: 'string', doc: 'the HTTP method' },
    host: { type: 'string', doc: 'the host name' },
    path: { type: 'string', doc: 'the path without the query' },
    gateway: { type: 'string', doc: 'the Gateway that it comes through, with its namespace: `llm/inference`' },
    listener: { type: 'string', doc: 'the listener of the Gateway' },
    route: { type: 'string', doc: 'the route that it takes, with its namespace' },
    rule: { type: 'string', doc: 'the rule of the route' },
    authenticated: { type: 'boolean', doc: 'an authentication rule that is in force accepts it' },
  },
};

type Family = readonly [prefix: string, AttributeDeclaration];

/**
 * Attributes whose names hold what they are about, each after its prefix: the tag `Environment` of what is spent on, the
 * wall-clock time of the event in an IANA zone, a compliance framework by its name, what expressions in CEL ask for.
 */
const families: Partial<Readonly<Record<Point, readonly Family[]>>> = {
  hook: [
    ['counter:', { type: 'integer', doc: 'the calls that this counter has counted in its window, this one included' }],
  ],
  'cost-event': [
    ['tag:', { type: 'string', doc: 'the value of this tag on what is spent on' }],
    ['weekday@', { type: 'integer', doc: 'the day of the week in this zone, 0 Monday to 6 Sunday' }],
    ['minute@', { type: 'integer', doc: 'the minute of the day in this zone, 0 to 1439' }],
  ],
  launch: [
    ['tag:', { type: 'string', doc: 'the value of this tag that the launch asks for' }],
    ['framework:', { type: 'boolean', doc: 'the template is made for this compliance framework' }],
    ['data:', { type: 'boolean', doc: 'the template promises this rule of handling data: no_phi' }],
  ],
  request: [
    ['header:', { type: 'string', doc: 'the header of this name, in small letters' }],
    ['request.', { type: 'string', doc: 'another well-known attribute of the request, a text' }],
    ['source.', { type: 'string', doc: 'a well-known attribute of who sends it, a text' }],
    ['auth.', { type: 'string', doc: 'what an AuthPolicy exports to the gateway' }],
    ['identity.', { type: 'string', doc: 'the identity, as the authoriser has it' }],
    ['condition:', { type: 'boolean', doc: 'this expression in CEL, of which no more is known than its value' }],
    ['value:', { type: 'string', doc: 'the value of this expression in CEL' }],
  ],
};

/** Only policies with hook programs need the table of hooks. */
const loadHookFields = (): typeof EveryHookField => require('../tables/every-hook-field.ts');

/** What a point says of an attribute; undefined where it has none of that name. */
export function attributeAt(point: Point, name: string): AttributeDeclaration | undefined {
  const attributes = points[point];
  if (Object.hasOwn(attributes, name)) return attributes[name];
  if (point === 'hook' && !name.startsWith('counter:')) return loadHookFields().everyHookField().get(name);
  return families[point]?.find(([prefix]) => name.startsWith(prefix) && name.length > prefix.length)?.[1];
}
