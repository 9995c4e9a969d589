import { found } from './instances.ts';
import { checkTagCount, flag, list, needed, passesFilters, tagSpecifications, tags } from './parameters.ts';
import { type Device, type Ec2State, newId, type Parameters, refuse, type StoredImage } from './state.ts';
import { type Node, tagSet } from './xml.ts';

export function describeImages(parameters: Parameters, region: string, state: Ec2State): Node {
  const ids = list(parameters, 'ImageId');
  if (ids.length > 0 && parameters.has('MaxResults')) {
    refuse('InvalidParameterCombination', 'The parameter MaxResults cannot be used with the parameter ImageId');
  }
  const owners = list(parameters, 'Owner').map((owner) => (owner === 'self' ? state.settings.account : owner));
  for (const id of ids) {
    if (!/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) refuse('InvalidAMIID.Malformed', `Invalid id: "${id}"`);
    const image = state.images.get(id);
    if (image === undefined || image.region !== region || image.hiddenFor-- > 0) {
      refuse('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
    }
    if (image.state === 'deregistered') {
      refuse('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
    }
  }
  const described: Node[] = [];
  for (const image of state.images.values()) {
    if (image.region !== region || image.state === 'deregistered' || image.hiddenFor > 0) continue;
    if (ids.length > 0 && !ids.includes(image.id)) continue;
    if (owners.length > 0 && !owners.includes(image.owner)) continue;
    if (image.state === 'pending' && image.pendingFor-- <= 0) image.state = 'available';
    const fields = { name: image.name, architecture: image.architecture, state: image.state };
    // Tags are seen in the account only that they were written in.
    const seen = image.owner === state.settings.account ? image.tags : new Map<string, string>();
    if (passesFilters(parameters, fields, seen)) described.push(imageNode(image, seen));
  }
  return { imagesSet: described };
}

function imageNode(image: StoredImage, seen: ReadonlyMap<string, string>): Node {
  return {
    imageId: image.id,
    imageOwnerId: image.owner,
    imageState: image.state,
    name: image.name,
    description: image.description,
    architecture: image.architecture,
    creationDate: new Date(image.madeAt).toISOString(),
    ...(image.deprecatedAt === undefined ? {} : { deprecationTime: new Date(image.deprecatedAt).toISOString() }),
    rootDeviceName: image.rootDevice,
    rootDeviceType: 'ebs',
    blockDeviceMapping: image.devices.map((each) => ({
      deviceName: each.device,
      ebs: {
        snapshotId: each.snapshot,
        volumeSize: each.size,
        encrypted: each.encrypted,
        deleteOnTermination: each.deleteOnTermination,
      },
    })),
    tagSet: tagSet(seen),
  };
}

/** "AMI names must be between 3 and 128 characters long", and unique among those of an account in a region. */
function checkName(parameters: Parameters, region: string, state: Ec2State): string {
  const name = needed(parameters, 'Name');
  if (name.length < 3 || name.length > 128 || !/^[A-Za-z0-9()[\] ./\-'@_]+$/.test(name)) {
    refuse(
      'InvalidAMIName.Malformed',
      "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
    );
  }
  for (const image of state.images.values()) {
    const isOwn = image.owner === state.settings.account && image.region === region;
    if (isOwn && image.name === name && image.state !== 'deregistered') {
      refuse('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${image.id}`);
    }
  }
  const description = parameters.get('Description') ?? '';
  if (description.length > 255) refuse('InvalidParameterValue', 'The description may have up to 255 characters');
  return name;
}

export function createImage(parameters: Parameters, region: string, state: Ec2State): () => Node {
  const instance = found(needed(parameters, 'InstanceId'), region, state);
  const name = checkName(parameters, region, state);
  if (instance.state !== 'running' && instance.state !== 'stopped') {
    refuse(
      'IncorrectInstanceState',
      `Instance '${instance.id}' is in the state '${instance.state}'; an image is made of one that is running or stopped`,
    );
  }
  const original = state.images.get(instance.image);
  const given = tagSpecifications(parameters, ['image', 'snapshot']);
  return () => {
    const volumes = [...state.volumes.values()].filter((each) => each.instance === instance.id);
    const devices = volumes.map(({ device, size, encrypted, key, deleteOnTermination }) => {
      const snapshot = newSnapshot(state, region, { size, encrypted, key, tags: given.get('snapshot') });
      return { device, snapshot, size, encrypted, deleteOnTermination };
    });
    const image = addImage(state, {
      region,
      name,
      description: parameters.get('Description') ?? '',
      architecture: original?.architecture ?? 'x86_64',
      rootDevice: instance.rootDevice,
      devices,
      tags: given.get('image'),
    });
    return { imageId: image.id };
  };
}

export function copyImage(parameters: Parameters, region: string, state: Ec2State): () => StoredImage {
  const from = needed(parameters, 'SourceRegion');
  const source = state.images.get(needed(parameters, 'SourceImageId'));
  if (source === undefined || source.region !== from || source.state === 'deregistered') {
    refuse('InvalidAMIID.NotFound', `The image id '[${parameters.get('SourceImageId')}]' does not exist`);
  }
  if (source.state !== 'available') {
    refuse('InvalidAMIID.Unavailable', `The image ID '${source.id}' is not available to be copied`);
  }
  const name = checkName(parameters, region, state);
  const encrypted = parameters.has('Encrypted') ? flag(parameters, 'Encrypted') : false;
  const key = parameters.get('KmsKeyId') ?? '';
  if (key !== '' && !encrypted) {
    refuse('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
  }
  // A key that is named by its id is of the region that the copy is made in.
  const keyRegion = /^arn:aws[\w-]*:kms:([\w-]+):/.exec(key)?.[1];
  if (keyRegion !== undefined && keyRegion !== region) {
    refuse('InvalidParameterValue', `The key ${key} is not in the region ${region}`);
  }
  const given = tagSpecifications(parameters, ['image', 'snapshot']);
  return () =>
    addImage(state, {
      region,
      name,
      description: parameters.get('Description') ?? source.description,
      architecture: source.architecture,
      rootDevice: source.rootDevice,
      devices: source.devices.map((each) => {
        const isEncrypted = encrypted || each.encrypted;
        const { size } = each;
        const snapshot = newSnapshot(state, region, { size, encrypted: isEncrypted, key, tags: given.get('snapshot') });
        return { ...each, snapshot, encrypted: isEncrypted };
      }),
      tags: given.get('image'),
    });
}

function newSnapshot(
  state: Ec2State,
  region: string,
  snapshot: {
    readonly size: number;
    readonly encrypted: boolean;
    readonly key: string;
    readonly tags: ReadonlyMap<string, string> | undefined;
  },
): string {
  const id = newId('snap');
  const owner = state.settings.account;
  state.snapshots.set(id, { ...snapshot, region, id, owner, tags: new Map(snapshot.tags) });
  return id;
}

export function addImage(
  state: Ec2State,
  image: Pick<StoredImage, 'region' | 'name' | 'description' | 'architecture' | 'rootDevice'> & {
    readonly devices: readonly Device[];
    readonly tags: ReadonlyMap<string, string> | undefined;
  },
): StoredImage {
  const { account, pendingDescribes, hiddenDescribes, now } = state.settings;
  const added: StoredImage = {
    ...image,
    id: newId('ami'),
    owner: account,
    state: 'pending',
    tags: new Map(image.tags),
    madeAt: now(),
    pendingFor: pendingDescribes,
    hiddenFor: hiddenDescribes,
  };
  state.images.set(added.id, added);
  return added;
}

export function deregisterImage(parameters: Parameters, region: string, state: Ec2State): Node {
  const id = needed(parameters, 'ImageId');
  const image = state.images.get(id);
  if (image === undefined || image.region !== region) {
    refuse('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
  }
  if (image.owner !== state.settings.account) {
    refuse('AuthFailure', `Not authorized for image:${id}`, 403);
  }
  if (image.state === 'deregistered') {
    refuse('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
  }
  image.state = 'deregistered';
  return { return: true };
}

export function describeSnapshots(parameters: Parameters, region: string, state: Ec2State): Node {
  const owners = list(parameters, 'Owner').map((owner) => (owner === 'self' ? state.settings.account : owner));
  const snapshots = [...state.snapshots.values()].filter(
    (each) =>
      each.region === region &&
      (owners.length === 0 || owners.includes(each.owner)) &&
      passesFilters(parameters, { status: 'completed' }, each.tags),
  );
  return {
    snapshotSet: snapshots.map(({ id, owner, encrypted, size, tags: own }) => ({
      snapshotId: id,
      ownerId: owner,
      status: 'completed',
      encrypted,
      volumeSize: size,
      tagSet: tagSet(own),
    })),
  };
}

export function deleteSnapshot(parameters: Parameters, region: string, state: Ec2State): Node {
  const id = needed(parameters, 'SnapshotId');
  const snapshot = state.snapshots.get(id);
  if (snapshot === undefined || snapshot.region !== region) {
    refuse('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
  }
  for (const image of state.images.values()) {
    if (image.state !== 'deregistered' && image.devices.some((each) => each.snapshot === id)) {
      refuse('InvalidSnapshot.InUse', `The snapshot ${id} is currently in use by ${image.id}`);
    }
  }
  state.snapshots.delete(id);
  return { return: true };
}

export function createTags(parameters: Parameters, region: string, state: Ec2State): Node {
  const ids = list(parameters, 'ResourceId');
  if (ids.length === 0) refuse('MissingParameter', 'The request must contain the parameter resourceIdSet');
  const given = tags(parameters);
  if (given.size === 0) refuse('MissingParameter', 'The request must contain the parameter tagSet');
  const resources = ids.map((id) => resource(id, region, state));
  for (const { tags: own } of resources) checkTagCount(new Map([...own, ...given]));
  for (const { tags: own } of resources) for (const [key, value] of given) own.set(key, value);
  return { return: true };
}

function resource(id: string, region: string, state: Ec2State): { readonly tags: Map<string, string> } {
  const all = [state.images, state.instances, state.snapshots, state.volumes];
  const one = all.map((each) => each.get(id)).find((each) => each !== undefined);
  const kind = id.startsWith('ami-') ? 'InvalidAMIID' : id.startsWith('i-') ? 'InvalidInstanceID' : 'InvalidID';
  if (one === undefined || one.region !== region) refuse(`${kind}.NotFound`, `The ID '${id}' does not exist`);
  if (state.images.get(id)?.state === 'deregistered') refuse('InvalidAMIID.NotFound', `The ID '${id}' does not exist`);
  return one;
}
