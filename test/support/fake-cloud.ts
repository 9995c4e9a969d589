import { AwsFailure } from '../../runtime/aws/failure.ts';
import type {
  Cloud,
  CloudImage,
  CloudInstance,
  ImageFilter,
  InstanceRequest,
  Tag,
} from '../../runtime/launch/cloud.ts';

/** A call that a fake was asked for. */
export interface CloudCall {
  readonly method: keyof Cloud;
  readonly region: string;
  readonly on: string;
}

/** What happens at a call: it fails with an error before or after its effect. Undefined lets it pass. */
export type CloudFault = (
  call: CloudCall,
  index: number,
) => { readonly when: 'before' | 'after'; readonly error: Error } | undefined;

interface FakeInstance {
  readonly id: string;
  readonly region: string;
  readonly request: InstanceRequest;
  readonly startedAt: number;
  stoppedAt?: number;
  terminatedAt?: number;
  sealed: boolean;
}

interface FakeImage {
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly owner: string;
  readonly architecture: string;
  readonly madeAt: number;
  readonly availableAt: number;
  readonly encrypted: boolean;
  readonly tags: Map<string, string>;
  readonly snapshots: readonly string[];
  /** Copied of this one. */
  readonly of?: string;
  fails: boolean;
}

interface FakeStorage {
  readonly id: string;
  readonly region: string;
  readonly madeAt: number;
  readonly tags: ReadonlyMap<string, string>;
  /** Of a volume: its instance. */
  readonly instance?: string;
}

export interface FakeBuilder {
  /** Seconds of the script until each stage, by its titles; the script ends a stage later. */
  readonly secondsPerStage: number;
  /** The stage, counted from 0, in which it fails. */
  readonly failsAt?: number;
  /** It is killed there, and does not say its end. */
  readonly killed?: boolean;
  /** Its agent never answers. */
  readonly mute?: boolean;
}

const account = '123456789012';
const second = 1000;

/**
 * EC2 and SSM in memory, with a time of its own, strict where the real ones are: tokens that were used with another request,
 * names taken, what is in use, tags that are none; and late as they are: what was just made is not listed for some seconds.
 */
export class FakeCloud implements Cloud {
  /** Milliseconds since 1970. */
  time = Date.parse('2026-11-24T09:30:00Z');
  readonly calls: CloudCall[] = [];
  fault: CloudFault = () => undefined;
  /** Milliseconds before lists show what was made. */
  lag = 3 * second;
  builder: (request: InstanceRequest) => FakeBuilder = () => ({ secondsPerStage: 40 });
  /** Whether copies take tags for their snapshots; some accounts may not. */
  tagsCopiedSnapshots = true;
  /** Volumes that stay when their instance goes. */
  keepsVolumes = false;
  /** Images that fail while they are made, by name. */
  failsImage: (name: string) => boolean = () => false;
  readonly parameters = new Map<string, string>();
  readonly instanceList: FakeInstance[] = [];
  readonly imageList: FakeImage[] = [];
  readonly snapshotList: FakeStorage[] = [];
  readonly volumeList: FakeStorage[] = [];
  /** How often an instance was started, not counting repeated calls. */
  started = 0;
  readonly #tokens = new Map<string, { readonly request: string; readonly id: string }>();
  readonly #commands = new Map<string, { readonly instance: string; readonly script: string; readonly at: number }>();
  #count = 0;

  /** A base image, and the parameter that names it. */
  addBase(region: string, architecture: string, parameter?: string, name = 'base'): string {
    const id = this.#id('ami');
    this.imageList.push({
      id,
      region,
      name: `${name}-${id}`,
      owner: '099720109477',
      architecture,
      madeAt: this.time - 86_400_000,
      availableAt: 0,
      encrypted: false,
      tags: new Map(),
      snapshots: [],
      fails: false,
    });
    if (parameter !== undefined) this.parameters.set(`${region} ${parameter}`, id);
    return id;
  }

  /** Everything of this account that is there now, by kind. */
  get left(): readonly string[] {
    return [
      ...this.instanceList.filter((each) => this.#stateOf(each) !== 'terminated').map(({ id }) => id),
      ...this.imageList.filter(({ owner }) => owner === account).map(({ id }) => id),
      ...this.snapshotList.map(({ id }) => id),
      ...this.volumeList.filter((each) => this.#isVolumeThere(each)).map(({ id }) => id),
    ];
  }

  image(region: string, id: string): Promise<CloudImage | undefined> {
    return this.#call({ method: 'image', region, on: id }, 'ec2:DescribeImages', () => {
      const found = this.imageList.find((each) => each.region === region && each.id === id);
      return found === undefined || !this.#isShown(found.madeAt) ? undefined : this.#shown(found);
    });
  }

  images(region: string, { owner, name, tag, architecture }: ImageFilter): Promise<readonly CloudImage[]> {
    return this.#call({ method: 'images', region, on: name ?? tag?.[1] ?? '' }, 'ec2:DescribeImages', () => {
      const form =
        name === undefined ? /./ : new RegExp(`^${name.replace(/[.()[\]]/g, '\\$&').replaceAll('*', '.*')}$`);
      return this.imageList
        .filter((each) => each.region === region && each.owner === (owner === 'self' ? account : owner))
        .filter((each) => form.test(each.name) && (tag === undefined || each.tags.get(tag[0]) === tag[1]))
        .filter((each) => architecture === undefined || each.architecture === architecture)
        .filter((each) => this.#isShown(each.madeAt))
        .map((each) => this.#shown(each));
    });
  }

  parameter(region: string, name: string): Promise<string | undefined> {
    return this.#call({ method: 'parameter', region, on: name }, 'ssm:GetParameter', () =>
      this.parameters.get(`${region} ${name}`),
    );
  }

  runInstance(region: string, instance: InstanceRequest, dryRun: boolean): Promise<CloudInstance | undefined> {
    const action = 'ec2:RunInstances';
    return this.#call({ method: 'runInstance', region, on: instance.clientToken }, action, (fail) => {
      const { clientToken, userData = '', tags, encrypted, rootDevice, image } = instance;
      if (!/^[\x21-\x7e]{1,64}$/.test(clientToken)) fail('InvalidParameterValue', 'client token');
      if (Buffer.byteLength(userData) > 16_384) fail('InvalidParameterValue', 'user data is limited to 16384 bytes');
      if (encrypted && rootDevice === undefined) fail('InvalidParameterValue', 'encrypted without a device');
      if (!/^[a-z0-9-]+\.[a-z0-9-]+$/.test(instance.instanceType)) fail('InvalidParameterValue', 'instance type');
      checkTags(tags, fail);
      const base = this.imageList.find((each) => each.region === region && each.id === image);
      if (base === undefined) return fail('InvalidAMIID.NotFound', `The image id '[${image}]' does not exist`);
      const before = this.#token(`${region} run ${clientToken}`, instance, fail);
      const known = this.instanceList.find(({ id }) => id === before);
      if (known !== undefined && this.#stateOf(known) === 'terminated') {
        fail('IdempotentInstanceTerminated', `the instance of ${clientToken} has been terminated`);
      }
      if (known !== undefined) return this.#shownInstance(known);
      if (dryRun) return undefined;
      const id = this.#id('i');
      const made: FakeInstance = { id, region, request: instance, startedAt: this.time, sealed: false };
      this.instanceList.push(made);
      this.volumeList.push({ id: this.#id('vol'), region, madeAt: this.time, tags: new Map(tags), instance: id });
      this.#tokens.set(`${region} run ${clientToken}`, { request: JSON.stringify(instance), id });
      this.started += 1;
      return this.#shownInstance(made);
    });
  }

  instances(region: string, tag: Tag): Promise<readonly CloudInstance[]> {
    return this.#call({ method: 'instances', region, on: tag[1] }, 'ec2:DescribeInstances', () =>
      this.instanceList
        .filter((each) => each.region === region && this.#isShown(each.startedAt))
        .map((each) => this.#shownInstance(each))
        .filter(({ tags, state }) => tags.get(tag[0]) === tag[1] && state !== 'terminated'),
    );
  }

  stopInstance(region: string, id: string): Promise<void> {
    return this.#call({ method: 'stopInstance', region, on: id }, 'ec2:StopInstances', (fail) => {
      const found = this.#instance(region, id, fail);
      const state = this.#stateOf(found);
      if (/^(terminated|shutting-down|pending)$/.test(state)) fail('IncorrectInstanceState', `${id} is ${state}`);
      found.stoppedAt ??= this.time;
    });
  }

  terminateInstance(region: string, id: string): Promise<void> {
    return this.#call({ method: 'terminateInstance', region, on: id }, 'ec2:TerminateInstances', () => {
      const found = this.instanceList.find((each) => each.region === region && each.id === id);
      if (found !== undefined) found.terminatedAt ??= this.time;
    });
  }

  createImage(
    region: string,
    instance: string,
    { name, tags }: { readonly name: string; readonly tags: readonly Tag[] },
  ): Promise<string> {
    return this.#call({ method: 'createImage', region, on: name }, 'ec2:CreateImage', (fail) => {
      const found = this.#instance(region, instance, fail);
      const state = this.#stateOf(found);
      if (!/^(running|stopped)$/.test(state)) fail('IncorrectInstanceState', `${instance} is ${state}`);
      if (state === 'running' || !found.sealed) fail('Unclean', `${instance} is ${state}, sealed ${found.sealed}`);
      this.#checkName(region, name, fail);
      checkTags(tags, fail);
      const base = this.imageList.find(({ id }) => id === found.request.image);
      const encrypted = found.request.encrypted === true;
      return this.#addImage(region, name, base?.architecture ?? '', encrypted, tags, tags, {});
    });
  }

  copyImage(
    region: string,
    from: { readonly region: string; readonly image: string },
    copy: Parameters<Cloud['copyImage']>[2],
  ): Promise<string> {
    return this.#call({ method: 'copyImage', region, on: copy.name }, 'ec2:CopyImage', (fail) => {
      const found = this.imageList.find(({ id }) => id === from.image);
      if (found?.region !== from.region) return fail('InvalidAMIID.NotFound', from.image);
      if (found.availableAt > this.time) fail('InvalidAMIID.Unavailable', `${from.image} is pending`);
      const token = `${region} copy ${copy.clientToken}`;
      const before = copy.clientToken === undefined ? undefined : this.#token(token, { from, copy }, fail);
      if (before !== undefined) return before;
      this.#checkName(region, copy.name, fail);
      checkTags(copy.tags, fail);
      const encrypted = copy.encrypted === true || found.encrypted;
      const ofSnapshots = this.tagsCopiedSnapshots ? copy.tags : [];
      const of = { of: found.id };
      const id = this.#addImage(region, copy.name, found.architecture, encrypted, copy.tags, ofSnapshots, of);
      if (copy.clientToken !== undefined) this.#tokens.set(token, { request: JSON.stringify({ from, copy }), id });
      return id;
    });
  }

  deregisterImage(region: string, id: string): Promise<void> {
    return this.#call({ method: 'deregisterImage', region, on: id }, 'ec2:DeregisterImage', (fail) => {
      const index = this.imageList.findIndex((each) => each.region === region && each.id === id);
      if (this.imageList[index]?.owner !== account && index !== -1) fail('AuthFailure', `${id} is not yours`);
      if (index !== -1) this.imageList.splice(index, 1);
    });
  }

  tag(region: string, ids: readonly string[], tags: readonly Tag[]): Promise<void> {
    return this.#call({ method: 'tag', region, on: ids.join() }, 'ec2:CreateTags', (fail) => {
      for (const id of ids) {
        const found = this.imageList.find((each) => each.region === region && each.id === id);
        if (found === undefined) return fail('InvalidAMIID.NotFound', id);
        checkTags([...found.tags, ...tags], fail);
        for (const [key, value] of tags) found.tags.set(key, value);
      }
    });
  }

  snapshots(region: string, tag: Tag): Promise<readonly string[]> {
    return this.#call({ method: 'snapshots', region, on: tag[1] }, 'ec2:DescribeSnapshots', () =>
      this.snapshotList.filter((each) => this.#isListed(each, region, tag)).map(({ id }) => id),
    );
  }

  deleteSnapshot(region: string, id: string): Promise<void> {
    return this.#call({ method: 'deleteSnapshot', region, on: id }, 'ec2:DeleteSnapshot', (fail) => {
      const user = this.imageList.find((image) => image.region === region && image.snapshots.includes(id));
      if (user !== undefined) fail('InvalidSnapshot.InUse', `${id} is in use by ${user.id}`);
      const index = this.snapshotList.findIndex((each) => each.id === id);
      if (index !== -1) this.snapshotList.splice(index, 1);
    });
  }

  volumes(region: string, tag: Tag): Promise<readonly string[]> {
    return this.#call({ method: 'volumes', region, on: tag[1] }, 'ec2:DescribeVolumes', () =>
      this.volumeList
        .filter((each) => this.#isListed(each, region, tag) && this.#isVolumeThere(each))
        .map(({ id }) => id),
    );
  }

  deleteVolume(region: string, id: string): Promise<void> {
    return this.#call({ method: 'deleteVolume', region, on: id }, 'ec2:DeleteVolume', (fail) => {
      const index = this.volumeList.findIndex((each) => each.id === id);
      const instance = this.instanceList.find((each) => each.id === this.volumeList[index]?.instance);
      if (instance !== undefined && this.#stateOf(instance) !== 'terminated') fail('VolumeInUse', `${id} is in use`);
      if (index !== -1) this.volumeList.splice(index, 1);
    });
  }

  runScript(region: string, instance: string, script: string): Promise<string | undefined> {
    return this.#call({ method: 'runScript', region, on: instance }, 'ssm:SendCommand', (fail) => {
      const found = this.#instance(region, instance, fail);
      const isThere = this.#stateOf(found) === 'running' && this.time - found.startedAt > 45 * second;
      if (!isThere || this.builder(found.request).mute) return undefined;
      const id = this.#id('command');
      this.#commands.set(id, { instance, script, at: this.time });
      if (script.includes('cloud-init clean')) found.sealed = true;
      return id;
    });
  }

  scriptResult(region: string, instance: string, command: string): ReturnType<Cloud['scriptResult']> {
    return this.#call({ method: 'scriptResult', region, on: instance }, 'ssm:GetCommandInvocation', (fail) => {
      const sent = this.#commands.get(command);
      if (sent === undefined || sent.instance !== instance) return fail('InvocationDoesNotExist', command);
      if (this.time - sent.at < 2 * second) return { status: 'pending', output: '' };
      const found = this.#instance(region, instance, fail);
      const output = sent.script.includes('cloud-init clean') ? '' : this.#progress(found);
      return { status: 'success', output };
    });
  }

  /** What the script of a builder has written by now. */
  #progress({ request, startedAt }: FakeInstance): string {
    const stages = [...(request.userData ?? '').matchAll(/^polc_stage (\d+\/\d+) '?(.+?)'?$/gm)];
    const { secondsPerStage, failsAt, killed } = this.builder(request);
    const at = Math.floor((this.time - startedAt - 30 * second) / (secondsPerStage * second));
    const last = Math.min(failsAt ?? stages.length, stages.length);
    const reached = Math.min(at + 1, failsAt === undefined ? last : last + 1);
    const lines = stages.slice(0, Math.max(reached, 0)).map(([, place, title]) => `${place} ${title}`);
    const over = at >= last + (failsAt === undefined ? 0 : 1);
    if (over && !killed) lines.push(failsAt === undefined ? 'end 0 true' : 'end 100 apt-get install nonsense');
    const output =
      over && failsAt !== undefined ? 'E: Unable to locate package nonsense\n' : 'Reading package lists...\n';
    return `${lines.join('\n')}\n-- polc --\nstatus: ${over ? 'done' : 'running'}\n-- polc --\n${output}`;
  }

  #addImage(
    region: string,
    name: string,
    architecture: string,
    encrypted: boolean,
    tags: readonly Tag[],
    ofSnapshots: readonly Tag[],
    of: { readonly of?: string },
  ): string {
    const snapshot = this.#id('snap');
    this.snapshotList.push({ id: snapshot, region, madeAt: this.time, tags: new Map(ofSnapshots) });
    const id = this.#id('ami');
    this.imageList.push({
      id,
      region,
      name,
      owner: account,
      architecture,
      madeAt: this.time,
      availableAt: this.time + 60 * second,
      encrypted,
      tags: new Map(tags),
      snapshots: [snapshot],
      fails: this.failsImage(name),
      ...of,
    });
    return id;
  }

  #checkName(region: string, name: string, fail: Fail): void {
    if (!/^[A-Za-z0-9()[\] ./'@_-]{3,128}$/.test(name)) fail('InvalidAMIName.Malformed', name);
    const other = this.imageList.find((each) => each.region === region && each.owner === account && each.name === name);
    if (other !== undefined) fail('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${other.id}`);
  }

  #token(key: string, request: unknown, fail: Fail): string | undefined {
    const before = this.#tokens.get(key);
    if (before !== undefined && before.request !== JSON.stringify(request)) fail('IdempotentParameterMismatch', key);
    return before?.id;
  }

  #instance(region: string, id: string, fail: Fail): FakeInstance {
    const found = this.instanceList.find((each) => each.region === region && each.id === id);
    return found ?? fail('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  }

  #stateOf({ startedAt, stoppedAt, terminatedAt }: FakeInstance): string {
    const since = (at: number) => (this.time - at) / second;
    if (terminatedAt !== undefined) return since(terminatedAt) < 20 ? 'shutting-down' : 'terminated';
    if (stoppedAt !== undefined) return since(stoppedAt) < 15 ? 'stopping' : 'stopped';
    return since(startedAt) < 10 ? 'pending' : 'running';
  }

  #isVolumeThere({ instance }: FakeStorage): boolean {
    const of = this.instanceList.find(({ id }) => id === instance);
    return this.keepsVolumes || of === undefined || this.#stateOf(of) !== 'terminated';
  }

  #shownInstance(instance: FakeInstance): CloudInstance {
    const { id, request, startedAt } = instance;
    const { instanceType, image } = request;
    return { id, state: this.#stateOf(instance), instanceType, image, tags: new Map(request.tags), startedAt };
  }

  #shown({
    id,
    name,
    owner,
    architecture,
    madeAt,
    availableAt,
    encrypted,
    tags,
    snapshots,
    fails,
  }: FakeImage): CloudImage {
    const isPending = availableAt > this.time;
    const state = isPending ? 'pending' : fails ? 'failed' : 'available';
    return {
      id,
      name,
      owner,
      architecture,
      state,
      madeAt,
      tags: new Map(tags),
      encrypted,
      rootDevice: '/dev/sda1',
      rootSize: 8,
      snapshots: isPending ? [] : snapshots,
    };
  }

  #isListed({ region, tags, madeAt }: FakeStorage, wanted: string, [key, value]: Tag): boolean {
    return region === wanted && tags.get(key) === value && this.#isShown(madeAt);
  }

  #isShown(madeAt: number): boolean {
    return this.time - madeAt >= this.lag;
  }

  #id(kind: string): string {
    this.#count += 1;
    return `${kind}-${this.#count.toString(16).padStart(17, '0')}`;
  }

  async #call<T>(call: CloudCall, action: string, effect: (fail: Fail) => T): Promise<T> {
    const fault = this.fault(call, this.calls.length);
    this.calls.push(call);
    if (fault?.when === 'before') throw fault.error;
    const value = effect((code, message) => {
      throw new AwsFailure(action, code, message, false);
    });
    if (fault?.when === 'after') throw fault.error;
    return value;
  }
}

type Fail = (code: string, message: string) => never;

/** Source: "Tag your Amazon EC2 resources", EC2 user guide. */
function checkTags(tags: readonly Tag[], fail: Fail): void {
  const keys = new Set(tags.map(([key]) => key));
  if (keys.size > 50) fail('TagLimitExceeded', `${keys.size} tags`);
  for (const [key, value] of tags) {
    if (key === '' || key.length > 128 || /^aws:/i.test(key)) fail('InvalidParameterValue', `key ${key}`);
    if (value.length > 256) fail('InvalidParameterValue', `value ${value}`);
  }
}
