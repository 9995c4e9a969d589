import { list, mapping, object, oneOf, optional, required } from '../../schema/collections.ts';
import { enumeration, flag, number, text } from '../../schema/scalars.ts';
import type { Decoded } from '../../schema/shape.ts';
import { region } from '../aws-region.ts';
import { anyScalar, architecture, imageId, instanceType, line } from './names.ts';
import { prices } from './policy-fields.ts';

/** A package as its manager has it, with a version where one is written: `python=3.11`, `transformers==4.40`. */
const packageName = text('a package', {
  source: '[A-Za-z0-9@][A-Za-z0-9@._+:/~^=<>!,*\\[\\]%-]{0,199}',
  doc: 'a name, with a version where one is needed: `python=3.11`',
});

export const packages = object({
  system: optional(list(packageName), 'Packages of the distribution, by apt or dnf.', '[git, htop]'),
  conda: optional(list(packageName), 'Packages of conda-forge, installed in `/opt/conda`.', '["python=3.11", numpy]'),
  pip: optional(list(packageName), 'Python packages, installed by the pip of conda where there is one.', '[streamlit]'),
  spack: optional(list(packageName), 'Packages of Spack, installed in `/opt/spack`.', '["openmpi@4.1"]'),
});

/** The characters that useradd(8) takes. */
const accountName = text('the name of a user or group', {
  source: '[a-z_][a-z0-9_-]{0,31}',
  doc: 'small letters, digits, `_` and `-`, at most 32',
});

const absolutePath = text('a path', { source: '/[^\\u0000-\\u001f]{0,1023}', doc: 'a path from the root on one line' });

const user = {
  name: required(accountName, 'The name of the user, who is made where there is none.', 'researcher'),
  groups: optional(list(accountName), 'The groups that the user belongs to besides.', '[sudo, docker]'),
  shell: optional(absolutePath, 'The shell. Default: `/bin/bash`.', '/bin/bash'),
};

export const users = list(object(user));

/** 1 to 65535; 0 stands for no port in C. */
export const port = number({ integer: true, minimum: 1, maximum: 65_535 });

const service = {
  name: required(
    text('a service', { source: '[A-Za-z0-9@_.-]{1,200}', doc: 'the name of a systemd unit' }),
    'The systemd unit, without `.service`.',
    'jupyter',
  ),
  description: optional(line('a description'), 'What it is, for people to read.', 'notebooks'),
  port: optional(port, 'The TCP port that it listens on.', '8888'),
  config: optional(
    list(text('a line of configuration')),
    'Lines that are added to `/etc/NAME/NAME.conf`. `{{.WebInterfaceBindIP}}` is the address to listen on.',
    '["c.ServerApp.ip = \'{{.WebInterfaceBindIP}}\'"]',
  ),
  enable: optional(flag, 'Whether it is started, now and with the machine. Default: true.', 'true'),
};

export const services = list(object(service));

const file = {
  s3_bucket: required(
    text('a bucket', { source: '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]', doc: 'the name of an S3 bucket' }),
    'The bucket that the file lies in.',
    'ml-datasets',
  ),
  s3_key: required(
    text('a key', { source: '[^\\u0000-\\u001f]{1,1024}', doc: 'at most 1024 characters on one line' }),
    'Its key there.',
    'coco/val.zip',
  ),
  destination_path: required(absolutePath, 'Where it is copied to.', '/home/ubuntu/val.zip'),
  description: optional(line('a description'), 'What it is, for people to read.', 'COCO 2017'),
  owner: optional(accountName, 'Who owns the copy. Default: root.', 'ubuntu'),
  group: optional(accountName, 'The group of the copy. Default: root.', 'ubuntu'),
  permissions: optional(
    text('permissions', { source: '[0-7]{3,4}', doc: 'three or four octal digits in quotes' }),
    'The permissions of the copy. Default: `"0644"`.',
    '"0644"',
  ),
  checksum: optional(flag, 'Whether the checksum that S3 keeps is compared. Default: false.', 'true'),
  required: optional(flag, 'Whether the set-up fails where the file cannot be copied. Default: true.', 'false'),
  auto_cleanup: optional(flag, 'Whether the file is removed from S3 once it is copied. Default: false.', 'false'),
  only_if: optional(
    text('a condition', { source: "arch == '(x86_64|arm64)'", doc: "`arch == 'x86_64'` or `arch == 'arm64'`" }),
    'On which architecture only the file is copied.',
    '"arch == \'x86_64\'"',
  ),
};

export const files = list(object(file));

const minutes = number({ integer: true, minimum: 1, maximum: 10_080 });

const idle = {
  enabled: required(flag, 'Whether an idle instance is stopped.', 'true'),
  idle_threshold_minutes: optional(minutes, 'From when on an instance counts as idle. Default: 15.', '15'),
  hibernate_threshold_minutes: optional(
    minutes,
    'How long nobody is logged in and no work is done before the instance stops. Default: 60.',
    '60',
  ),
  check_interval_minutes: optional(minutes, 'How often that is looked at. Default: 5.', '5'),
};

export const idleDetection = object(idle);

const amis = {
  amis: required(
    mapping(region, mapping(architecture, imageId)),
    'The images by region and architecture, where `base` is `ami-based`.',
    '{ us-east-1: { x86_64: ami-0abc123def456789a } }',
  ),
  instance_types: optional(
    mapping(architecture, instanceType),
    'The instance type for each architecture where a launch names none, and `instance_defaults.type` does not either.',
    '{ x86_64: g4dn.xlarge }',
  ),
  ssh_user: optional(accountName, 'The user that instances of the images are logged in to with.', 'ubuntu'),
  user_data_script: optional(
    text('a shell script'),
    'What an instance runs after all that `user_data` does.',
    '"dnf update -y"',
  ),
};

export const amiConfig = object(amis);

const defaults = {
  type: optional(instanceType, 'The instance type where a launch names none.', 't3.medium'),
  ports: optional(list(port), 'The TCP ports that are open to whoever uses the instance.', '[22, 8888]'),
  root_volume_gb: optional(
    number({ integer: true, minimum: 1, maximum: 16_384 }),
    'The least size of the root volume in GiB. Absent: that of the image.',
    '100',
  ),
  estimated_cost_per_hour: optional(
    prices,
    'What an instance costs in US dollars an hour, for each architecture or instance type. A price file has precedence.',
    '{ x86_64: 0.0464, arm64: 0.0371 }',
  ),
  instance_type_preference: optional(
    list(instanceType),
    'Instance types that are good for the template, the best first. The first is the default where `type` is absent.',
    '[m5.xlarge, c5.2xlarge]',
  ),
};

export const instanceDefaults = object(defaults);

const parameter = {
  name: optional(line('a name'), 'The same name as the key.', 'count'),
  display_name: optional(line('a title'), 'What a form calls it.', 'Count'),
  description: optional(text('a description'), 'What it is for, for people to read.', 'how many'),
  type: optional(
    enumeration('a type of parameter', {
      string: 'a text',
      int: 'a whole number',
      bool: '`true` or `false`',
      choice: 'one of `choices`',
      list: 'several texts, which scripts have with blanks between them',
    }),
    'What values it may have. Default: `string`.',
    'int',
  ),
  default: optional(oneOf(anyScalar, list(anyScalar)), 'The value that scripts have in its place.', '42'),
  choices: optional(list(anyScalar), 'Of `choice`: the values that it may have.', '[small, large]'),
  min: optional(number({ integer: false }), 'Of `int`: the least value.', '1'),
  max: optional(number({ integer: false }), 'Of `int`: the greatest value.', '64'),
  pattern: optional(
    text('a pattern'),
    'Of `string`: the regular expression that forms hold values against.',
    '"^[a-z]+$"',
  ),
  required: optional(flag, 'Whether a form asks for it.', 'false'),
  hidden: optional(flag, 'Whether forms leave it out.', 'false'),
  group: optional(line('a group'), 'Under which title forms show it.', 'Basic'),
  order: optional(number({ integer: true }), 'At which place there.', '1'),
  conditional: optional(line('a condition'), 'When forms show it.', 'test_count'),
  impact: optional(line('an impact'), 'What it weighs on: cost, performance, security.', 'cost'),
};

const parameterName = text('the name of a parameter', {
  source: '[A-Za-z_][A-Za-z0-9_]{0,63}',
  doc: 'letters, digits and `_`',
});

export const parameters = mapping(parameterName, object(parameter));
export const variables = mapping(parameterName, anyScalar);

export type ParameterDocument = Decoded<typeof parameter>;
