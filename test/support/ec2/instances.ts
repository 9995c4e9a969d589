import { instanceType } from '../../../compiler/tables/instance-types.ts';
import { flag, groups, list, needed, passesFilters, tagSpecifications } from './parameters.ts';
import {
  type Ec2State,
  newId,
  type Parameters,
  refuse,
  type StoredImage,
  type StoredInstance,
  type StoredVolume,
} from './state.ts';
import { type Node, tagSet } from './xml.ts';

/** Bytes before base64 ("Run commands when you launch an EC2 instance", EC2 user guide). */
const userDataLimit = 16_384;

/** Everything that EC2 looks at before it starts something; gives what is to be started. */
export function checkRun(parameters: Parameters, region: string, state: Ec2State): () => StoredInstance {
  const image = launchable(needed(parameters, 'ImageId'), region, state);
  const type = parameters.get('InstanceType') ?? 'm1.small';
  const facts = instanceType(type);
  if (facts === undefined) refuse('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
  if (facts.architecture !== image.architecture) {
    refuse(
      'InvalidParameterValue',
      `The architecture '${facts.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  }
  for (const count of ['MinCount', 'MaxCount']) {
    if (needed(parameters, count) !== '1') refuse('InvalidParameterValue', `polc starts one instance, not ${count}`);
  }
  const userData = Buffer.from(parameters.get('UserData') ?? '', 'base64');
  if (userData.length > userDataLimit) {
    refuse('InvalidParameterValue', `User data is limited to ${userDataLimit} bytes`);
  }
  const token = parameters.get('ClientToken') ?? '';
  if (token.length > 64 || /[^\x20-\x7e]/.test(token)) {
    refuse('InvalidParameterValue', 'The client token may have up to 64 characters of ASCII');
  }
  checkExisting(parameters, state);
  const shutdown = parameters.get('InstanceInitiatedShutdownBehavior') ?? 'stop';
  if (shutdown !== 'stop' && shutdown !== 'terminate') {
    refuse('InvalidParameterValue', `Invalid value '${shutdown}' for InstanceInitiatedShutdownBehavior.`);
  }
  const given = tagSpecifications(parameters, ['instance', 'volume', 'network-interface']);
  const volumes = volumesOf(parameters, image);
  return () => {
    const instance: StoredInstance = {
      region,
      id: newId('i'),
      image: image.id,
      type,
      state: 'pending',
      tags: new Map(given.get('instance')),
      startedAt: state.settings.now(),
      userData: userData.toString(),
      clientToken: token,
      rootDevice: image.rootDevice,
      asked: new Map(parameters),
      changesAfter: state.settings.stateDescribes,
      agentAfter: state.settings.agentCalls,
    };
    state.instances.set(instance.id, instance);
    for (const volume of volumes) {
      const id = newId('vol');
      const tags = new Map(given.get('volume'));
      state.volumes.set(id, { ...volume, region, id, instance: instance.id, tags });
    }
    return instance;
  };
}

function launchable(id: string, region: string, state: Ec2State): StoredImage {
  if (!/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) refuse('InvalidAMIID.Malformed', `Invalid id: "${id}"`);
  const image = state.images.get(id);
  // Images are of their region: in another there is none of that id.
  if (image === undefined || image.region !== region) {
    refuse('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
  }
  if (image.state !== 'available') {
    refuse(
      'InvalidAMIID.Unavailable',
      `The image id '[${id}]' is not in a state from which an instance can be launched`,
    );
  }
  return image;
}

function checkExisting(parameters: Parameters, { settings }: Ec2State): void {
  const key = parameters.get('KeyName');
  if (key !== undefined && !settings.keyPairs.includes(key)) {
    refuse('InvalidKeyPair.NotFound', `The key pair '${key}' does not exist`);
  }
  const subnet = parameters.get('SubnetId');
  if (subnet !== undefined && !settings.subnets.includes(subnet)) {
    refuse('InvalidSubnetID.NotFound', `The subnet ID '${subnet}' does not exist`);
  }
  for (const group of list(parameters, 'SecurityGroupId')) {
    if (!settings.securityGroups.includes(group)) {
      refuse('InvalidGroup.NotFound', `The security group '${group}' does not exist`);
    }
  }
  const profile = parameters.get('IamInstanceProfile.Name');
  if (profile !== undefined && !settings.instanceProfiles.includes(profile)) {
    refuse('InvalidParameterValue', `Value (${profile}) for parameter iamInstanceProfile.name is invalid.`);
  }
}

type NewVolume = Omit<StoredVolume, 'region' | 'id' | 'instance' | 'tags'>;

function volumesOf(parameters: Parameters, image: StoredImage): readonly NewVolume[] {
  const volumes = new Map<string, NewVolume>(image.devices.map((each) => [each.device, { ...each, key: '' }]));
  for (const group of groups(parameters, 'BlockDeviceMapping')) {
    const device = needed(group, 'DeviceName');
    const from = volumes.get(device);
    const size = Number(group.get('Ebs.VolumeSize') ?? from?.size ?? Number.NaN);
    if (Number.isNaN(size)) {
      refuse('MissingParameter', 'The request must contain the parameter size or snapshotId');
    }
    if (from !== undefined && size < from.size) {
      refuse(
        'InvalidBlockDeviceMapping',
        `Volume of size ${size}GB is smaller than its snapshot, expect size >= ${from.size}GB`,
      );
    }
    const encrypted = group.has('Ebs.Encrypted') ? flag(group, 'Ebs.Encrypted') : (from?.encrypted ?? false);
    if (from?.encrypted && !encrypted) {
      refuse('InvalidParameter', 'A volume of an encrypted snapshot is encrypted');
    }
    const key = group.get('Ebs.KmsKeyId') ?? '';
    if (key !== '' && !encrypted) {
      refuse('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
    }
    const deleteOnTermination = group.has('Ebs.DeleteOnTermination')
      ? flag(group, 'Ebs.DeleteOnTermination')
      : (from?.deleteOnTermination ?? true);
    volumes.set(device, { device, size, encrypted, key, deleteOnTermination });
  }
  return [...volumes.values()];
}

export function describeInstances(parameters: Parameters, region: string, state: Ec2State): Node {
  const wanted = list(parameters, 'InstanceId');
  for (const id of wanted) found(id, region, state);
  const described: Node[] = [];
  for (const instance of state.instances.values()) {
    if (instance.region !== region || (wanted.length > 0 && !wanted.includes(instance.id))) continue;
    advance(instance, state);
    const fields = {
      'instance-state-name': instance.state,
      'image-id': instance.image,
      'instance-type': instance.type,
    };
    if (!passesFilters(parameters, fields, instance.tags)) continue;
    described.push({ reservationId: `r-${instance.id.slice(2)}`, instancesSet: [instanceNode(instance)] });
  }
  return { reservationSet: described };
}

function advance(instance: StoredInstance, state: Ec2State): void {
  if (!/^(pending|stopping|shutting-down)$/.test(instance.state)) return;
  if (instance.changesAfter-- > 0) return;
  if (instance.state === 'pending') instance.state = 'running';
  else if (instance.state === 'stopping') instance.state = 'stopped';
  else end(instance, state);
}

function end(instance: StoredInstance, state: Ec2State): void {
  instance.state = 'terminated';
  for (const volume of state.volumes.values()) {
    if (volume.instance !== instance.id) continue;
    volume.instance = '';
    if (volume.deleteOnTermination) state.volumes.delete(volume.id);
  }
}

export function instanceNode(instance: StoredInstance): Node {
  return {
    instanceId: instance.id,
    imageId: instance.image,
    instanceState: { code: 0, name: instance.state },
    instanceType: instance.type,
    launchTime: new Date(instance.startedAt).toISOString(),
    clientToken: instance.clientToken,
    rootDeviceName: instance.rootDevice,
    tagSet: tagSet(instance.tags),
  };
}

export function found(id: string, region: string, state: Ec2State): StoredInstance {
  if (!/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) refuse('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  const instance = state.instances.get(id);
  if (instance === undefined || instance.region !== region) {
    refuse('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  }
  return instance;
}

export function changeInstances(parameters: Parameters, region: string, state: Ec2State, to: 'stop' | 'end'): Node {
  const ids = list(parameters, 'InstanceId');
  if (ids.length === 0) refuse('MissingParameter', 'The request must contain the parameter InstanceId');
  const changed: Node[] = [];
  for (const instance of ids.map((id) => found(id, region, state))) {
    const before = instance.state;
    if (to === 'stop' && (before === 'terminated' || before === 'shutting-down')) {
      refuse(
        'IncorrectInstanceState',
        `This instance '${instance.id}' is not in a state from which it can be stopped.`,
      );
    }
    if (to === 'stop' && before !== 'stopped') instance.state = 'stopping';
    if (to === 'end' && before !== 'terminated') instance.state = 'shutting-down';
    instance.changesAfter = state.settings.stateDescribes;
    if (instance.state === 'shutting-down' && instance.changesAfter === 0) end(instance, state);
    changed.push({
      instanceId: instance.id,
      currentState: { code: 0, name: instance.state },
      previousState: { code: 0, name: before },
    });
  }
  return { instancesSet: changed };
}

export function describeVolumes(parameters: Parameters, region: string, state: Ec2State): Node {
  const volumes = [...state.volumes.values()].filter(
    (each) => each.region === region && passesFilters(parameters, { status: statusOf(each) }, each.tags),
  );
  return {
    volumeSet: volumes.map((each) => ({
      volumeId: each.id,
      status: statusOf(each),
      encrypted: each.encrypted,
      size: each.size,
      tagSet: tagSet(each.tags),
    })),
  };
}

const statusOf = ({ instance }: StoredVolume) => (instance === '' ? 'available' : 'in-use');

export function deleteVolume(parameters: Parameters, region: string, state: Ec2State): Node {
  const id = needed(parameters, 'VolumeId');
  const volume = state.volumes.get(id);
  if (volume === undefined || volume.region !== region) {
    refuse('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
  }
  if (volume.instance !== '') refuse('VolumeInUse', `Volume ${id} is currently attached to ${volume.instance}`);
  state.volumes.delete(id);
  return { return: true };
}
