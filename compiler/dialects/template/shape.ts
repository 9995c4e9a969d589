import { list, object, optional, required, requiredUnless } from '../../schema/collections.ts';
import { enumeration, text } from '../../schema/scalars.ts';
import type { Decoded, Located, Shape } from '../../schema/shape.ts';
import { acceptance } from '../acceptance.ts';
import { baseName, line } from './names.ts';
import { compileToAmi, imagesByPlace, policyMetadata, signature, tags } from './policy-fields.ts';
import { marketplace, presentation, researchUser } from './presentation-fields.ts';
import {
  amiConfig,
  files,
  idleDetection,
  instanceDefaults,
  packages,
  parameters,
  services,
  users,
  variables,
} from './setup-fields.ts';

const script = text('a shell script');

const template = {
  name: required(line('a name'), 'The name of the template, for people to read.', 'Python Machine Learning'),
  slug: optional(
    text('a short name', {
      source: '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}',
      doc: 'letters, digits, `.`, `-` and `_`, at most 128',
    }),
    'The name in lists of templates, on the command line and of the output. Default: that of the file.',
    'python-ml',
  ),
  version: optional(line('a version'), 'The version of the template.', '"1.0.0"'),
  base: requiredUnless('inherits', baseName, 'The image that everything begins with.', 'ubuntu-22.04'),
  inherits: optional(
    list(line('a template')),
    'The templates that this one builds on, each by its slug, its name or its file.',
    '[base-python]',
  ),
  service_type: optional(
    enumeration('a service', { ec2: 'instances of EC2' }),
    'What runs the template. Only instances of EC2 are decided upon here.',
    'ec2',
  ),
  ...presentation,
  package_manager: optional(
    enumeration(
      'a package manager',
      {
        auto: 'by the base image',
        apt: 'Debian and Ubuntu',
        dnf: 'Red Hat and Amazon Linux',
        conda: 'conda-forge, beside that of the base image',
        spack: 'Spack, beside that of the base image',
        pip: "Python's, beside that of the base image",
        ami: 'none: the images have everything',
      },
      { yum: 'dnf', deb: 'apt', rpm: 'dnf', mamba: 'conda', none: 'ami' },
    ),
    'What the packages are installed by. Each list of `packages` belongs to one; this has to agree with them.',
    'conda',
  ),
  packages: optional(packages, 'What is installed.', '{ system: [git], conda: [numpy] }'),
  users: optional(users, 'Users of the machine.', '[{ name: researcher, groups: [sudo] }]'),
  services: optional(services, 'Services of the machine.', '[{ name: jupyter, port: 8888 }]'),
  files: optional(
    files,
    'Files that are copied from S3.',
    '[{ s3_bucket: data, s3_key: val.zip, destination_path: /srv/val.zip }]',
  ),
  parameters: optional(
    parameters,
    'Values that scripts have by name: `{{.count}}`.',
    '{ count: { type: int, default: 2 } }',
  ),
  variables: optional(variables, 'The same without a form.', '{ GREETING: hello }'),
  post_install: optional(script, 'What runs when all is installed, also where an image is built.', '"echo done"'),
  user_data: optional(script, 'What runs after that.', '"echo started"'),
  ami_config: optional(
    amiConfig,
    'The images of a template with the base `ami-based`.',
    '{ amis: { us-east-1: { x86_64: ami-0abc123def456789a } } }',
  ),
  idle_detection: optional(
    idleDetection,
    'When an instance that nobody uses stops itself.',
    '{ enabled: true, hibernate_threshold_minutes: 60 }',
  ),
  instance_defaults: optional(instanceDefaults, 'What an instance is by default.', '{ type: t3.medium, ports: [22] }'),
  tags: optional(tags, 'Tags of instances and images, for people to read.', '{ purpose: teaching }'),
  research_user: optional(researchUser, 'A user of the institution, whom other tools make.', '{ auto_create: true }'),
  marketplace: optional(marketplace, 'How a catalogue lists the template.', '{ license: MIT }'),
  compile_to_ami: optional(
    compileToAmi,
    'Which images are built from the template.',
    '{ enabled: true, regions: [us-west-2], architectures: [x86_64] }',
  ),
  precompiled_amis: optional(
    imagesByPlace,
    'The images that were built, by region and architecture, as whoever builds them writes them down.',
    '{ us-west-2: { x86_64: ami-0abc123def456789a } }',
  ),
  policy_metadata: optional(
    policyMetadata,
    'Who may launch the template, where and on what.',
    '{ data_classification: internal }',
  ),
  signature: optional(
    signature,
    'Who vouches for the template, as `polc template sign` writes it.',
    '{ authority: University IT, public_key_id: univ-it-2024, signature: "…", signed_at: "2024-01-15T10:30:00Z" }',
  ),
  accept: optional(
    list(acceptance),
    'Rules that may stay unenforced on the target, each with a reason.',
    '[{ loss: required_tags, because: the tag editor adds them }]',
  ),
};

/** The shape of one file: a whole template, or with `inherits` what it adds to others. */
export const shape: Shape<Decoded<typeof template>> = object(template);

export type TemplateDocument = Decoded<typeof template>;
export type { Located };
