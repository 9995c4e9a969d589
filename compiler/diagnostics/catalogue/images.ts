import { entries } from '../entry.ts';
import { templateExample } from './template-example.ts';

const compile = (more = '') => `{ enabled: true, regions: [us-west-2], architectures: [x86_64]${more} }`;
const good = templateExample({ compile: compile() });
const manyTags = Array.from({ length: 50 }, (_, index) => `tag-${index}: x`).join(', ');

/** What images that are built from templates do not carry. */
export const imageCoverage = entries({
  POL6100: {
    severity: 'error',
    message: 'no base image for {architecture} in {region} is known',
    help: 'name one under `ami_config.amis`, or build in fewer regions and for fewer architectures',
    explanation:
      'An image is built in each region of `compile_to_ami` for each of its architectures, from the base image there. A template that names its base images by their ids has to name one for each of these places, since an image id is of one region and architecture.',
    bad: templateExample({
      base: 'ami-based',
      compile: compile(),
      more: 'ami_config: { amis: { us-east-1: { x86_64: ami-0abc123def456789a } } }',
    }),
    good: templateExample({
      base: 'ami-based',
      compile: compile(),
      more: 'ami_config: { amis: { us-west-2: { x86_64: ami-0abc123def456789a } } }',
    }),
  },
  POL6101: {
    severity: 'error',
    message: 'what is known of `{template}` holds half of a character, which no tag can carry',
    help: 'write the character whole: an escape such as `"\\uD83D"` is half of one',
    explanation:
      'Images carry the policy in their tags, as JSON in UTF-8. Escapes of YAML can write half of a surrogate pair, which is no character and has no form in UTF-8.',
  },
  POL6102: {
    severity: 'error',
    message: '`{key}` cannot be a tag of an image: {reason}',
    help: 'rename the tag, or shorten it',
    explanation:
      'EC2 takes keys of 128 and values of 256 characters, and keeps keys with `aws:` for AWS. The tags with `polc:` carry the policy with the image, and whoever launches the image believes them.',
    bad: templateExample({ compile: compile(', build_tags: { "polc:template": other }') }),
    good: templateExample({ compile: compile(', build_tags: { template: other }') }),
  },
});

/** What is larger than EC2 or EC2 Image Builder takes. */
export const imageSizes = entries({
  POL7300: {
    severity: 'error',
    message: 'the script that builds the images has {bytes} bytes: EC2 takes {limit} as user data',
    help: 'move what is long into files that the script fetches',
    explanation:
      'The builder gets the script as its user data, of which EC2 takes 16 KB before it is encoded. Copy long files from S3 with `files`, or install them as packages.',
  },
  POL7301: {
    severity: 'hint',
    message: 'the component for EC2 Image Builder has {characters} characters, and is left out: {limit} are taken',
    help: 'shorten the script, or build by `plan.json`',
    explanation:
      'A component whose document is given with it has at most 16,000 characters; a longer one has to lie in S3. The plan and the tags are as they would be.',
  },
  POL7302: {
    severity: 'error',
    message: 'an image would have {count} tags: EC2 takes {limit}',
    help: 'drop some of the {own} tags of the template, or limits of which few are alike',
    explanation:
      'The policy goes into a tag for each 256 characters of its compressed form, beside tags that people and IAM read and those that the build adds: the name, its own id, the signature and the verdict of a scan. Long lists of instance types take most room, about nine tags for 770 of them.',
    bad: templateExample({ compile: compile(`, build_tags: { ${manyTags} }`) }),
    good,
  },
});
