import { list, mapping, object, optional, required } from '../../schema/collections.ts';
import { enumeration, flag, number, text } from '../../schema/scalars.ts';
import type { Decoded } from '../../schema/shape.ts';
import { region } from '../aws-region.ts';
import { architecture, classification, dataRule, imageId, instanceType, line, pricedThing } from './names.ts';

/** US dollars an hour: no instance costs as much. */
export const dollars = number({ integer: false, minimum: 0, maximum: 1_000_000 });

const tagKey = text('a tag key', {
  source: '(?![aA][wW][sS]:)[^\\u0000-\\u001f]{1,128}',
  doc: '1 to 128 characters that do not begin with `aws:`',
});

const tagValue = text('a tag value', { source: '[^\\u0000-\\u001f]{0,256}', doc: 'at most 256 characters' });

export const tags = mapping(tagKey, tagValue);

export const prices = mapping(pricedThing, dollars);

const identifier = text('a name', {
  source: '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}',
  doc: 'letters, digits, `.`, `-` and `_`, at most 128',
});

const limits = {
  max_instance_types: optional(
    list(instanceType),
    'The instance types that may be launched, and no others. `allowed_instance_types` is the same. Absent: any.',
    '[t3.medium, t3.large]',
  ),
  allowed_instance_types: optional(
    list(instanceType),
    'A clearer name for `max_instance_types`. Where both are written, a type has to be in both.',
    '[t3.medium, t3.large]',
  ),
  forbidden_regions: optional(
    list(region),
    'The regions in which nothing is launched. Absent: none.',
    '[us-gov-west-1]',
  ),
  max_hourly_cost: optional(
    dollars,
    'The most that an instance may cost, in US dollars an hour, itself included. Without a known price nothing is launched.',
    '0.20',
  ),
  required_tags: optional(
    list(tagKey),
    'The keys of the tags that a launch has to ask for, each with a value that is not empty.',
    '[Project, Owner]',
  ),
};

const metadata = {
  data_classification: optional(
    classification,
    'How confidential the data is that instances are made for. A person needs a clearance as high. `security_classification` is the same field.',
    'internal',
  ),
  security_classification: optional(
    classification,
    'Another name for `data_classification`: where both are written they have to agree.',
    'internal',
  ),
  compliance_frameworks: optional(
    list(line('a compliance framework')),
    'The frameworks that the template is made for, by the names under which the institution asks for them.',
    '[FERPA, university_policy]',
  ),
  data_handling: optional(
    list(dataRule),
    'The rules of handling data that the template keeps.',
    '[no_phi, encrypted_storage_required]',
  ),
  allowed_profiles: optional(
    list(identifier),
    'The profiles that may launch the template. Absent: every one.',
    '[cs101, chemistry-dept]',
  ),
  approval_required: optional(
    flag,
    'True: every launch needs a signed approval that has not expired (`polc template approve`). Default: false.',
    'true',
  ),
  requires_gpu: optional(flag, 'True: only instance types with a GPU are launched. Default: false.', 'true'),
  resource_limits: optional(
    object(limits),
    'What instances may be.',
    '{ max_instance_types: [t3.medium], max_hourly_cost: 0.20 }',
  ),
  cost_estimates: optional(
    prices,
    'The same as `instance_defaults.estimated_cost_per_hour`, in the place where images carry it.',
    '{ x86_64: 0.0464 }',
  ),
  suitable_for: optional(list(line('a purpose')), 'What the template is good for, for people to read.', '[teaching]'),
  source_template: optional(
    line('a template'),
    'The template whose name lists of allowed templates know: the template itself, or one that it inherits.',
    'python-ml',
  ),
  template_version: optional(line('a version'), 'The same as `version`.', '"2.1"'),
  compilation_id: optional(
    line('an id'),
    'The build that the images come from, as it was recorded. It is not read.',
    'c-17',
  ),
  compiled_at: optional(line('a time'), 'When that was, as it was recorded. It is not read.', '"2024-01-15T10:30:00Z"'),
};

export const policyMetadata = object(metadata);

const compilation = {
  enabled: required(flag, 'Whether images are built from the template.', 'true'),
  regions: required(list(region), 'The regions in which there is to be an image.', '[us-west-2, us-east-1]'),
  architectures: required(
    list(architecture),
    'The architectures for which there is to be an image.',
    '[x86_64, arm64]',
  ),
  build_instance: optional(
    instanceType,
    'The instance type on which an image is built. For an architecture that it does not have, and by default, one is chosen.',
    't3.large',
  ),
  custom_script: optional(
    text('a shell script'),
    'What the builder runs after all else. Instances that begin with the base image do not.',
    '"apt-get clean"',
  ),
  build_tags: optional(tags, 'Tags for the builders and their images, beside those of polc.', '{ CostCenter: "4711" }'),
  encrypted: optional(flag, 'Whether the images are encrypted. Default: false.', 'true'),
  kms_key: optional(
    text('a KMS key', {
      source:
        'alias/[A-Za-z0-9/_-]{1,250}|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]{1,250}|[0-9a-f-]{36}|mrk-[0-9a-f]{32}',
      doc: 'an alias, the id of a key, or an ARN',
    }),
    'The KMS key that encrypts the images. Default: that of the account for EBS.',
    'alias/images',
  ),
  unusable_architectures: optional(
    enumeration('what becomes of an architecture that no allowed instance type has', {
      refuse: 'it is an error',
      drop: 'no image is built for it',
    }),
    'What becomes of an architecture that no allowed instance type has. Default: `refuse`.',
    'drop',
  ),
};

export const compileToAmi = object(compilation);

/** Image ids by region and architecture. */
export const imagesByPlace = mapping(region, mapping(architecture, imageId));

export const signature = object({
  authority: required(line('an authority'), 'Who signed the template.', 'University IT Security'),
  public_key_id: required(identifier, 'The key that verifies it, by its id in the trust store.', 'univ-it-2024'),
  signature: required(
    text('a signature', {
      source: '[A-Za-z0-9+/]{86}(==)?|[A-Za-z0-9_-]{86}',
      doc: 'an ed25519 signature: 64 bytes in base64',
    }),
    'The signature itself, as `polc template sign` writes it. Comments and white space of the file are not signed.',
    '"z6m…Aw=="',
  ),
  signed_at: required(
    text('a time', {
      source: '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})',
      doc: 'a date and time with its zone, as RFC 3339 has it',
    }),
    'When it was signed.',
    '"2024-01-15T10:30:00Z"',
  ),
});

export type MetadataDocument = Decoded<typeof metadata>;
export type CompilationDocument = Decoded<typeof compilation>;
