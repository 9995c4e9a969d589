import type { EC2Client, Image, Instance, InstanceStateName, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { AwsFailure } from '../aws/failure.ts';
import { type Pace, retried } from '../aws/retry.ts';
import { attempt, type ClientSettings, optional, orUndefined, pages } from '../aws/sdk-calls.ts';
import type { Cloud, CloudImage, CloudInstance, InstanceRequest, NewImage, Tag } from './cloud.ts';

type Ec2 = typeof import('@aws-sdk/client-ec2');
type Ssm = typeof import('@aws-sdk/client-ssm');

export interface CloudOptions {
  /** Milliseconds for one attempt of a call. */
  readonly timeout?: number;
  /** How often a call is tried that AWS throttled or that did not reach it. */
  readonly attempts?: number;
  /** How long the calls wait before they are tried again that the SDK must not repeat by itself. */
  readonly pace?: Pace;
}

const connectionTimeout = 3000;
/** How long a script may run, in seconds: SSM's own limit is 172,800, and its default an hour. */
const scriptSeconds = 3 * 3600;
/** The largest page that DescribeImages and its siblings give. */
const pageSize = 1000;
const gone = {
  image: /^InvalidAMIID\.(NotFound|Unavailable)$/,
  instance: /^InvalidInstanceID\.NotFound$/,
  snapshot: /^InvalidSnapshot\.NotFound$/,
  volume: /^InvalidVolume\.NotFound$/,
};
/** A terminated instance is still listed for about an hour. */
const living: InstanceStateName[] = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

/**
 * EC2 and SSM through the SDK, whose clients are loaded at the first call that needs them, one a region. Credentials and
 * endpoints come from where the SDK takes them: the environment (AWS_ENDPOINT_URL), its files, the instance.
 */
export function connectCloud({ timeout = 30_000, attempts = 5, pace }: CloudOptions = {}): Cloud {
  // On Node 20 the SDK prints that it will stop supporting it, when it is imported.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const settings = (region: string, maxAttempts: number): ClientSettings => ({
    region,
    maxAttempts,
    requestHandler: { connectionTimeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  });
  const ec2Clients = new Map<string, EC2Client>();
  const ssmClients = new Map<string, SSMClient>();

  async function ec2<T>(region: string, action: string, call: (sdk: Ec2, client: EC2Client) => Promise<T>): Promise<T> {
    const sdk = await import('@aws-sdk/client-ec2');
    const client = ec2Clients.get(region) ?? new sdk.EC2Client(settings(region, attempts));
    ec2Clients.set(region, client);
    return attempt(`ec2:${action}`, () => call(sdk, client));
  }
  async function ssm<T>(
    region: string,
    action: string,
    maxAttempts: number,
    call: (sdk: Ssm, client: SSMClient) => Promise<T>,
  ): Promise<T> {
    const sdk = await import('@aws-sdk/client-ssm');
    const key = `${region} ${maxAttempts}`;
    const client = ssmClients.get(key) ?? new sdk.SSMClient(settings(region, maxAttempts));
    ssmClients.set(key, client);
    return attempt(`ssm:${action}`, () => call(sdk, client));
  }

  return {
    async image(region, id) {
      const found = await unlessGone(
        gone.image,
        ec2(region, 'DescribeImages', (sdk, client) =>
          client.send(new sdk.DescribeImagesCommand({ ImageIds: [id], IncludeDeprecated: true })),
        ),
      );
      const image = found?.Images?.find(({ ImageId }) => ImageId === id);
      return image === undefined ? undefined : imageOf(image);
    },
    async images(region, { owner, name, tag, architecture }) {
      const Filters = [
        ...(name === undefined ? [] : [{ Name: 'name', Values: [name] }]),
        ...(tag === undefined ? [] : [filterOf(tag)]),
        ...(architecture === undefined ? [] : [{ Name: 'architecture', Values: [architecture] }]),
      ];
      const images = await pages((NextToken) =>
        ec2(region, 'DescribeImages', async (sdk, client) => {
          const input = { Owners: [owner], Filters, MaxResults: pageSize, ...optional({ NextToken }) };
          const page = await client.send(new sdk.DescribeImagesCommand(input));
          return { items: page.Images ?? [], next: page.NextToken };
        }),
      );
      return images.map(imageOf).filter(({ tags }) => tag === undefined || tags.get(tag[0]) === tag[1]);
    },
    parameter: (region, name) =>
      orUndefined(
        ssm(region, 'GetParameter', attempts, async (sdk, client) => {
          return (await client.send(new sdk.GetParameterCommand({ Name: name }))).Parameter?.Value;
        }),
      ),
    async runInstance(region, instance, dryRun) {
      const input = { ...instanceInput(instance), DryRun: dryRun };
      try {
        const started = await ec2(region, 'RunInstances', (sdk, client) =>
          client.send(new sdk.RunInstancesCommand(input)),
        );
        const [only] = started.Instances ?? [];
        if (only === undefined) {
          throw new AwsFailure('ec2:RunInstances', 'NoInstance', 'AWS named no instance', true, false);
        }
        return instanceOf(only);
      } catch (error) {
        // What AWS answers to a dry run that would have worked.
        if (dryRun && error instanceof AwsFailure && error.code === 'DryRunOperation') return undefined;
        throw error;
      }
    },
    async instances(region, tag) {
      const reservations = await pages((NextToken) =>
        ec2(region, 'DescribeInstances', async (sdk, client) => {
          const Filters = [filterOf(tag), { Name: 'instance-state-name', Values: living }];
          const page = await client.send(
            new sdk.DescribeInstancesCommand({ Filters, MaxResults: pageSize, ...optional({ NextToken }) }),
          );
          return { items: page.Reservations ?? [], next: page.NextToken };
        }),
      );
      return reservations
        .flatMap(({ Instances = [] }) => Instances)
        .map(instanceOf)
        .filter(({ tags, state }) => tags.get(tag[0]) === tag[1] && state !== 'terminated');
    },
    async stopInstance(region, id) {
      await ec2(region, 'StopInstances', (sdk, client) =>
        client.send(new sdk.StopInstancesCommand({ InstanceIds: [id] })),
      );
    },
    async terminateInstance(region, id) {
      await unlessGone(
        gone.instance,
        ec2(region, 'TerminateInstances', (sdk, client) =>
          client.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] })),
        ),
      );
    },
    async createImage(region, instance, { name, description, tags }) {
      const input = {
        InstanceId: instance,
        Name: name,
        ...optional({ Description: description }),
        TagSpecifications: [tagged('image', tags), tagged('snapshot', tags)],
      };
      return named(
        'ec2:CreateImage',
        (await ec2(region, 'CreateImage', (sdk, client) => client.send(new sdk.CreateImageCommand(input)))).ImageId,
      );
    },
    async copyImage(region, from, { name, description, tags, encrypted, key, clientToken }: NewImage) {
      const input = {
        SourceRegion: from.region,
        SourceImageId: from.image,
        Name: name,
        ...(encrypted === undefined ? {} : { Encrypted: encrypted }),
        ...optional({ Description: description, KmsKeyId: key, ClientToken: clientToken }),
        TagSpecifications: [tagged('image', tags), tagged('snapshot', tags)],
      };
      return named(
        'ec2:CopyImage',
        (await ec2(region, 'CopyImage', (sdk, client) => client.send(new sdk.CopyImageCommand(input)))).ImageId,
      );
    },
    async deregisterImage(region, id) {
      await unlessGone(
        gone.image,
        ec2(region, 'DeregisterImage', (sdk, client) => client.send(new sdk.DeregisterImageCommand({ ImageId: id }))),
      );
    },
    async tag(region, ids, tags) {
      await ec2(region, 'CreateTags', (sdk, client) =>
        client.send(new sdk.CreateTagsCommand({ Resources: [...ids], Tags: tags.map(tagOf) })),
      );
    },
    async snapshots(region, tag) {
      const found = await pages((NextToken) =>
        ec2(region, 'DescribeSnapshots', async (sdk, client) => {
          const input = {
            OwnerIds: ['self'],
            Filters: [filterOf(tag)],
            MaxResults: pageSize,
            ...optional({ NextToken }),
          };
          const page = await client.send(new sdk.DescribeSnapshotsCommand(input));
          return { items: page.Snapshots ?? [], next: page.NextToken };
        }),
      );
      return found.filter(({ Tags }) => tagMap(Tags).get(tag[0]) === tag[1]).map(({ SnapshotId = '' }) => SnapshotId);
    },
    async deleteSnapshot(region, id) {
      await unlessGone(
        gone.snapshot,
        ec2(region, 'DeleteSnapshot', (sdk, client) => client.send(new sdk.DeleteSnapshotCommand({ SnapshotId: id }))),
      );
    },
    async volumes(region, tag) {
      const found = await pages((NextToken) =>
        ec2(region, 'DescribeVolumes', async (sdk, client) => {
          const input = { Filters: [filterOf(tag)], MaxResults: pageSize, ...optional({ NextToken }) };
          const page = await client.send(new sdk.DescribeVolumesCommand(input));
          return { items: page.Volumes ?? [], next: page.NextToken };
        }),
      );
      return found.filter(({ Tags }) => tagMap(Tags).get(tag[0]) === tag[1]).map(({ VolumeId = '' }) => VolumeId);
    },
    async deleteVolume(region, id) {
      await unlessGone(
        gone.volume,
        ec2(region, 'DeleteVolume', (sdk, client) => client.send(new sdk.DeleteVolumeCommand({ VolumeId: id }))),
      );
    },
    async runScript(region, instance, script) {
      const parameters = { commands: [script], executionTimeout: [String(scriptSeconds)] };
      const send = () =>
        // A second request starts the script a second time, so only what AWS has refused to take is sent again.
        ssm(region, 'SendCommand', 1, (sdk, client) =>
          client.send(
            new sdk.SendCommandCommand({
              InstanceIds: [instance],
              DocumentName: 'AWS-RunShellScript',
              Parameters: parameters,
            }),
          ),
        );
      const sent = await unlessGone(
        /^InvalidInstanceId$/,
        retried(send, ({ code }) => /Throttl|TooManyRequests/.test(code), pace),
      );
      return sent === undefined ? undefined : named('ssm:SendCommand', sent.Command?.CommandId);
    },
    async scriptResult(region, instance, command) {
      // A command that was just sent is not found everywhere at once.
      const found = await unlessGone(
        /^InvocationDoesNotExist$/,
        ssm(region, 'GetCommandInvocation', attempts, (sdk, client) =>
          client.send(new sdk.GetCommandInvocationCommand({ InstanceId: instance, CommandId: command })),
        ),
      );
      const status = found?.Status ?? 'Pending';
      const output = [found?.StandardOutputContent, found?.StandardErrorContent].filter(Boolean).join('\n');
      if (status === 'Success') return { status: 'success', output };
      return { status: /^(Pending|InProgress|Delayed)$/.test(status) ? 'pending' : 'failed', output };
    },
  };
}

function instanceInput(instance: InstanceRequest): RunInstancesCommandInput {
  const { tags, userData, rootDevice, rootSize, encrypted, key, instanceProfile, subnet, securityGroups } = instance;
  const storage = {
    ...(encrypted ? { Encrypted: true, ...optional({ KmsKeyId: key }) } : {}),
    ...(instance.terminateOnShutdown ? { DeleteOnTermination: true } : {}),
  };
  const root = { ...storage, ...(rootSize === undefined ? {} : { VolumeSize: rootSize }) };
  const devices = [
    ...(rootDevice === undefined ? [] : [{ DeviceName: rootDevice, Ebs: root }]),
    ...(instance.furtherDevices ?? []).map((device) => ({ DeviceName: device, Ebs: storage })),
  ].filter(({ Ebs }) => Object.keys(Ebs).length > 0);
  return {
    ImageId: instance.image,
    // The list of types in the SDK is older than AWS's own; AWS refuses what it does not know.
    InstanceType: instance.instanceType as NonNullable<RunInstancesCommandInput['InstanceType']>,
    MinCount: 1,
    MaxCount: 1,
    ClientToken: instance.clientToken,
    TagSpecifications: tags.length === 0 ? [] : [tagged('instance', tags), tagged('volume', tags)],
    ...(userData === undefined ? {} : { UserData: Buffer.from(userData).toString('base64') }),
    ...(devices.length === 0 ? {} : { BlockDeviceMappings: devices }),
    ...(instanceProfile === undefined ? {} : { IamInstanceProfile: { Name: instanceProfile } }),
    ...(securityGroups === undefined ? {} : { SecurityGroupIds: [...securityGroups] }),
    ...optional({ SubnetId: subnet, KeyName: instance.keyPair }),
    ...(instance.terminateOnShutdown ? { InstanceInitiatedShutdownBehavior: 'terminate' } : {}),
  };
}

function imageOf(image: Image): CloudImage {
  const volumes = (image.BlockDeviceMappings ?? []).filter(({ Ebs }) => Ebs !== undefined);
  const rootSize = volumes.find(({ DeviceName }) => DeviceName === image.RootDeviceName)?.Ebs?.VolumeSize;
  const madeAt = image.CreationDate === undefined ? Number.NaN : Date.parse(image.CreationDate);
  return {
    id: image.ImageId ?? '',
    name: image.Name ?? '',
    owner: image.OwnerId ?? '',
    architecture: image.Architecture ?? '',
    state: image.State ?? '',
    ...(Number.isNaN(madeAt) ? {} : { madeAt }),
    ...(image.DeprecationTime === undefined ? {} : { deprecatedAt: Date.parse(image.DeprecationTime) }),
    tags: tagMap(image.Tags),
    encrypted: volumes.length > 0 && volumes.every(({ Ebs }) => Ebs?.Encrypted === true),
    ...(image.RootDeviceName === undefined ? {} : { rootDevice: image.RootDeviceName }),
    ...(rootSize === undefined ? {} : { rootSize }),
    furtherDevices: volumes.map(({ DeviceName = '' }) => DeviceName).filter((name) => name !== image.RootDeviceName),
    snapshots: volumes.map(({ Ebs }) => Ebs?.SnapshotId).filter((id) => id !== undefined),
  };
}

function instanceOf(instance: Instance): CloudInstance {
  return {
    id: instance.InstanceId ?? '',
    state: instance.State?.Name ?? '',
    ...optional({ instanceType: instance.InstanceType, image: instance.ImageId }),
    tags: tagMap(instance.Tags),
    ...(instance.LaunchTime === undefined ? {} : { startedAt: instance.LaunchTime.getTime() }),
  };
}

async function unlessGone<T>(codes: RegExp, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AwsFailure && codes.test(error.code)) return undefined;
    throw error;
  }
}

function named(action: string, id: string | undefined): string {
  if (id === undefined) throw new AwsFailure(action, 'NoId', 'AWS named nothing that it made', false);
  return id;
}

/** Filters take `*` and `?` for any characters, unless a backslash stands before them. */
function filterOf([key, value]: Tag): { Name: string; Values: string[] } {
  return { Name: `tag:${key}`, Values: [value.replace(/[\\*?]/g, '\\$&')] };
}

function tagOf([Key, Value]: Tag): { Key: string; Value: string } {
  return { Key, Value };
}

function tagged<R extends string>(ResourceType: R, tags: readonly Tag[]) {
  return { ResourceType, Tags: tags.map(tagOf) };
}

function tagMap(tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = []) {
  return new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
