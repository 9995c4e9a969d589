import { type Parameters, refuse } from './state.ts';

/** What each action takes, besides `Action`, `Version` and `DryRun`; what stands before a number is a list. */
const known: Readonly<Record<string, readonly string[]>> = {
  DescribeImages: ['ImageId.', 'Owner.', 'Filter.', 'IncludeDeprecated', 'MaxResults', 'NextToken'],
  RunInstances: [
    ...['ImageId', 'InstanceType', 'MinCount', 'MaxCount', 'ClientToken', 'UserData', 'KeyName', 'SubnetId'],
    ...['SecurityGroupId.', 'TagSpecification.', 'BlockDeviceMapping.', 'IamInstanceProfile.Name'],
    'InstanceInitiatedShutdownBehavior',
  ],
  DescribeInstances: ['InstanceId.', 'Filter.', 'MaxResults', 'NextToken'],
  StopInstances: ['InstanceId.'],
  TerminateInstances: ['InstanceId.'],
  CreateImage: ['InstanceId', 'Name', 'Description', 'NoReboot', 'TagSpecification.'],
  CopyImage: [
    ...['SourceRegion', 'SourceImageId', 'Name', 'Description', 'Encrypted', 'KmsKeyId', 'ClientToken'],
    'TagSpecification.',
  ],
  DeregisterImage: ['ImageId'],
  CreateTags: ['ResourceId.', 'Tag.'],
  DescribeSnapshots: ['Owner.', 'Filter.', 'MaxResults', 'NextToken'],
  DeleteSnapshot: ['SnapshotId'],
  DescribeVolumes: ['Filter.', 'MaxResults', 'NextToken'],
  DeleteVolume: ['VolumeId'],
};

/** Refuses an action that polc does not make, and a parameter that the action does not take. */
export function checkNames(action: string, parameters: Parameters): void {
  const names = known[action];
  if (names === undefined) refuse('InvalidAction', `The action ${action} is not valid for this web service.`);
  for (const name of parameters.keys()) {
    if (name === 'Action' || name === 'Version' || name === 'DryRun') continue;
    if (!names.some((each) => (each.endsWith('.') ? name.startsWith(each) : name === each))) {
      refuse('UnknownParameter', `The parameter ${name} is not recognized`);
    }
  }
}

export function needed(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined || value === '') {
    refuse('MissingParameter', `The request must contain the parameter ${name}`);
  }
  return value;
}

/** `Owner.1`, `Owner.2`, ... */
export function list(parameters: Parameters, name: string): readonly string[] {
  const values: string[] = [];
  for (let n = 1; ; n++) {
    const value = parameters.get(`${name}.${n}`);
    if (value === undefined) return values;
    values.push(value);
  }
}

/** The fields of each of `Filter.1.Name`, `Filter.1.Value.1`, `Filter.2.Name`, ... without what stands before them. */
export function groups(parameters: Parameters, name: string): readonly Parameters[] {
  const found: Map<string, string>[] = [];
  for (const [key, value] of parameters) {
    const parts = new RegExp(`^${name.replaceAll('.', '\\.')}\\.(\\d+)\\.(.+)$`).exec(key);
    if (parts === null) continue;
    const index = Number(parts[1]) - 1;
    const group = found[index] ?? new Map<string, string>();
    found[index] = group;
    group.set(parts[2] ?? '', value);
  }
  return found;
}

/** Tags of `Tag.N`, refused where EC2 refuses them ("Tag restrictions", EC2 user guide). */
export function tags(parameters: Parameters, name = 'Tag'): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const group of groups(parameters, name)) {
    const key = group.get('Key') ?? '';
    const value = group.get('Value') ?? '';
    if (/^aws:/i.test(key)) {
      refuse('InvalidParameterValue', `Tag keys starting with 'aws:' are reserved for internal use`);
    }
    if (key === '') refuse('InvalidParameterValue', 'Tag keys must not be empty');
    // Counted in characters of Unicode, not in units of UTF-16.
    if ([...key].length > 128) refuse('InvalidParameterValue', 'Tag key exceeds the maximum length of 128 characters');
    if ([...value].length > 256)
      refuse('InvalidParameterValue', 'Tag value exceeds the maximum length of 256 characters');
    if (found.has(key)) refuse('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    found.set(key, value);
  }
  checkTagCount(found);
  return found;
}

export function checkTagCount(all: ReadonlyMap<string, string>): void {
  if (all.size > 50) refuse('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

/** The tags of each kind of resource. */
export function tagSpecifications(
  parameters: Parameters,
  kinds: readonly string[],
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const group of groups(parameters, 'TagSpecification')) {
    const kind = group.get('ResourceType') ?? '';
    if (!kinds.includes(kind)) {
      refuse('InvalidParameterValue', `'${kind}' is not a valid taggable resource type for this operation.`);
    }
    if (found.has(kind)) refuse('InvalidParameterValue', `Duplicate resource type '${kind}' in the tag specifications`);
    const given = tags(group);
    if (given.size === 0) refuse('InvalidParameterValue', 'Tag specification must have at least one tag');
    found.set(kind, given);
  }
  return found;
}

/** Whether all filters let a resource pass. `fields` are those that the resource has beside its tags. */
export function passesFilters(
  parameters: Parameters,
  fields: Readonly<Record<string, string>>,
  ownTags: ReadonlyMap<string, string>,
): boolean {
  return groups(parameters, 'Filter').every((filter) => {
    const name = filter.get('Name') ?? '';
    const value = name.startsWith('tag:') ? ownTags.get(name.slice('tag:'.length)) : fields[name];
    if (!name.startsWith('tag:') && !Object.hasOwn(fields, name)) {
      refuse('InvalidParameterValue', `The filter '${name}' is invalid`);
    }
    return value !== undefined && list(filter, 'Value').some((pattern) => glob(pattern, value));
  });
}

/** `*`, `?`, and a backslash before what is to be taken as it is. */
function glob(pattern: string, value: string): boolean {
  const expression = pattern.replace(/\\.|./gs, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    return (part.length === 2 ? part.slice(1) : part).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${expression}$`, 's').test(value);
}

export function flag(parameters: Parameters, name: string): boolean {
  const value = parameters.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') {
    refuse('InvalidParameterValue', `Invalid value '${value}' for boolean parameter ${name}`);
  }
  return value === 'true';
}
