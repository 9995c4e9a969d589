import { entries } from '../entry.ts';
import { templateExample } from './template-example.ts';

const good = templateExample();
const compile = (more: string, architectures = '[x86_64]') =>
  `{ enabled: true, regions: [us-west-2], architectures: ${architectures}${more} }`;
const images = '{ us-east-1: { x86_64: ami-0abc123def456789a } }';
const withImages = (of: string, more = '') => `ami_config: { amis: ${of}${more} }`;

/** What a template means, and what it cannot. */
export const templateMeaning = entries({
  POL5300: {
    severity: 'error',
    message: '`{key}` is an empty list, which nothing fits',
    help: 'fill the list, or remove the key',
    explanation:
      'No list is no limit, and an empty list is one that no launch keeps: nothing could be launched, or built. That is never meant.',
    bad: templateExample({ types: '[]' }),
    good,
  },
  POL5301: {
    severity: 'error',
    message: 'a limit of 0 dollars an hour lets nothing be launched',
    help: 'write the most that an instance may cost, or remove the key: absent is no limit',
    explanation: 'Some tools take 0 for no limit. Here it would mean what it says.',
    bad: templateExample({ limits: 'max_hourly_cost: 0' }),
    good: templateExample({ limits: 'max_hourly_cost: 0.2', defaults: 'estimated_cost_per_hour: { x86_64: 0.05 }' }),
  },
  POL5302: {
    severity: 'error',
    message: 'no instance type is left: before, {types} may be launched, and none of them here',
    help: 'allow a type that the other lists allow too',
    explanation:
      'A type has to be in every list of the template and of what it inherits, and have a GPU where one is asked for.',
    bad: templateExample({ limits: 'allowed_instance_types: [m5.large]' }),
    good: templateExample({ limits: 'allowed_instance_types: [t3.medium]' }),
  },
  POL5303: {
    severity: 'error',
    message: 'two names of one field say `{first}` and `{second}`',
    help: 'keep one of `data_classification` and `security_classification`',
    explanation: 'Both say how confidential the data is. Which of the two was meant is not guessed.',
    bad: templateExample({ metadata: 'data_classification: internal\n  security_classification: restricted' }),
    good: templateExample({ metadata: 'data_classification: internal' }),
  },
  POL5304: {
    severity: 'warning',
    message: '`{written}` is wider than what `{parent}` allows, which stays in force: {limit}',
    help: 'remove it here, or change the template that is inherited',
    explanation:
      'The limits of all templates that are inherited hold together: what is written here can narrow them and never widen them.',
  },
  POL5305: {
    severity: 'warning',
    message: '`{region}` is of the partition `{partition}`, where nothing of `{target}` is launched anyway',
    help: 'remove the region, unless the template is used in both partitions',
    explanation:
      'Accounts, images and regions belong to one partition: the commercial one, that of China, or that of the government of the USA.',
    bad: templateExample({ limits: 'forbidden_regions: [us-gov-west-1]' }),
    good: templateExample({ limits: 'forbidden_regions: [eu-south-1]' }),
  },
  POL5306: {
    severity: 'error',
    message: 'an image is wanted in `{region}`, where nothing may be launched',
    help: 'remove the region from one of the two lists',
    explanation: 'An image that is built where its template forbids every launch costs money and is never used.',
    bad: templateExample({ limits: 'forbidden_regions: [us-west-2]', compile: compile('') }),
    good: templateExample({ limits: 'forbidden_regions: [us-east-1]', compile: compile('') }),
  },
  POL5307: {
    severity: 'error',
    message: '`{name}` is neither this template nor one that it inherits',
    help: 'remove `source_template`, or name a template under `inherits`',
    explanation:
      'Lists of allowed templates know a template by this name. A template that could name any other would be on every list.',
    bad: templateExample({ metadata: 'source_template: another' }),
    good: templateExample({ metadata: 'source_template: Python' }),
  },
  POL5308: {
    severity: 'error',
    message: 'an hour of `{of}` costs {price} here and something else in `instance_defaults`',
    help: 'keep one of the two prices',
    explanation: '`cost_estimates` and `estimated_cost_per_hour` are the same prices in two places.',
    bad: templateExample({
      metadata: 'cost_estimates: { x86_64: 0.05 }',
      defaults: 'estimated_cost_per_hour: { x86_64: 0.04 }',
    }),
    good: templateExample({ metadata: 'cost_estimates: { x86_64: 0.05 }' }),
  },
  POL5309: {
    severity: 'error',
    message: 'an hour of `{of}` costs {price}, and at most {limit} is allowed: the default launch is refused',
    help: 'raise the limit, or make a cheaper type the default',
    explanation: 'Whoever launches the template without naming another instance type would be refused, each time.',
    bad: templateExample({ limits: 'max_hourly_cost: 0.01', defaults: 'estimated_cost_per_hour: { x86_64: 0.05 }' }),
    good: templateExample({ limits: 'max_hourly_cost: 0.1', defaults: 'estimated_cost_per_hour: { x86_64: 0.05 }' }),
  },
  POL5310: {
    severity: 'warning',
    message: 'an hour of `{of}` costs {price}, and at most {limit} is allowed: it is never launched at this price',
    help: 'raise the limit, or remove what is too dear',
    explanation: 'A price file with a lower price can still let it be launched.',
    bad: templateExample({
      limits: 'max_hourly_cost: 0.1',
      defaults: 'estimated_cost_per_hour: { x86_64: 0.05, arm64: 0.2 }',
    }),
    good: templateExample({
      limits: 'max_hourly_cost: 0.3',
      defaults: 'estimated_cost_per_hour: { x86_64: 0.05, arm64: 0.2 }',
    }),
  },
  POL5311: {
    severity: 'warning',
    message: 'no price of `{type}` is known, and a launch without a known price is refused under a limit',
    help: 'write it under `instance_defaults.estimated_cost_per_hour`, or give launches a price file',
    explanation: 'polc has no prices of its own, and asks nobody for them: what an instance costs has to be said.',
    bad: templateExample({ limits: 'max_hourly_cost: 0.1' }),
    good: templateExample({ limits: 'max_hourly_cost: 0.1', defaults: 'estimated_cost_per_hour: { x86_64: 0.05 }' }),
  },
  POL5312: {
    severity: 'error',
    message: 'the default `{type}` may not be launched, only {types}',
    help: 'allow the default, or choose one that is allowed',
    explanation: 'Whoever launches the template without naming another instance type would be refused, each time.',
    bad: templateExample({ types: '[t3.large]' }),
    good,
  },
  POL5313: {
    severity: 'warning',
    message: '`{service}` listens on {port}, which is not open',
    help: 'add the port to `instance_defaults.ports`, or remove it from the service',
    explanation: 'Only the ports of `instance_defaults.ports` are open to whoever uses an instance.',
    bad: templateExample({ more: 'services: [{ name: jupyter, port: 8888 }]' }),
    good: templateExample({ more: 'services: [{ name: ssh, port: 22 }]' }),
  },
  POL5314: {
    severity: 'error',
    message: 'the user data is {bytes} bytes, and EC2 takes at most {limit}',
    help: 'fetch what is long from S3 with `files`, and run it in `post_install`',
    explanation:
      'An instance of the base image begins with a script that installs all that the template names. EC2 takes 16 KB of it, before it is encoded in base64.',
  },
  POL5315: {
    severity: 'error',
    message: 'neither this template nor one that it inherits has a `base`',
    help: 'write `base: ubuntu-22.04` here or there',
    explanation: 'Everything that is installed begins with an image.',
  },
  POL5316: {
    severity: 'error',
    message: 'what is inherited stands on different base images, and this template does not say on which',
    help: 'write `base: {base}`, or the other one',
    explanation: 'Packages and services of one distribution are not those of another: which is meant is not guessed.',
  },
  POL5317: {
    severity: 'error',
    message: 'the images of `ami_config.amis` are not used: the base is `{base}`',
    help: 'write `base: ami-based`, or remove `ami_config.amis`',
    explanation: 'A machine begins with one image. Images that were built of a template stand in `precompiled_amis`.',
    bad: templateExample({ more: withImages(images) }),
    good: templateExample({ base: 'ami-based', more: withImages(images) }),
  },
  POL5318: {
    severity: 'error',
    message: 'the base is `ami-based`, and no images are named',
    help: 'name them under `ami_config.amis` by region and architecture, or choose a base image',
    explanation: 'With `base: ami-based` a machine begins with an image of your own, or of one that you trust.',
    bad: templateExample({ base: 'ami-based' }),
    good: templateExample({ base: 'ami-based', more: withImages(images) }),
  },
  POL5319: {
    severity: 'warning',
    message: '`{image}` stands in several places, and an image lies in one region and is of one architecture',
    help: 'write the id that the copy of the image has there',
    explanation:
      'A copy of an image in another region has an id of its own. A launch with an id from elsewhere fails: EC2 does not find it.',
    bad: templateExample({
      more: 'precompiled_amis: { us-east-1: { x86_64: ami-0abc123def456789a }, us-east-2: { x86_64: ami-0abc123def456789a } }',
    }),
    good: templateExample({ more: 'precompiled_amis: { us-east-1: { x86_64: ami-0abc123def456789a } }' }),
  },
  POL5320: {
    severity: 'warning',
    message: 'no instance type that may be launched is `{architecture}`: only {types}',
    help: 'allow a type of the architecture, or remove its images',
    explanation: 'An image that nothing allowed can run is kept and paid for, and never used.',
    bad: templateExample({
      types: '[t3.medium]',
      more: 'precompiled_amis: { us-east-1: { arm64: ami-0abc123def456789a } }',
    }),
    good: templateExample({ more: 'precompiled_amis: { us-east-1: { arm64: ami-0abc123def456789a } }' }),
  },
  POL5321: {
    severity: 'error',
    message: 'an image for `{architecture}` is wanted, which no allowed instance type can run: only {types}',
    help: 'allow a type of that architecture, or write `unusable_architectures: drop` beside `architectures`',
    explanation:
      'Each instance type is of one architecture: names of families with a `g` behind their number (`t4g`, `m7g`) are arm64. The image would be built, kept and paid for, and never used.',
    bad: templateExample({ types: '[t3.medium]', compile: compile('', '[x86_64, arm64]') }),
    good: templateExample({ compile: compile('', '[x86_64, arm64]') }),
  },
  POL5322: {
    severity: 'warning',
    message: 'no image for `{architecture}` is built, since no allowed instance type can run it: only {types}',
    help: 'remove the architecture',
    explanation: '`unusable_architectures: drop` leaves out what could not be launched.',
    bad: templateExample({
      types: '[t3.medium]',
      compile: compile(', unusable_architectures: drop', '[x86_64, arm64]'),
    }),
    good: templateExample({ compile: compile(', unusable_architectures: drop', '[x86_64, arm64]') }),
  },
  POL5323: {
    severity: 'hint',
    message: '`{type}` cannot build images for {architectures}: another type is chosen there',
    help: 'leave `build_instance` out, and a type is chosen for each architecture',
    explanation: 'An image is built on a machine of its own architecture.',
    bad: templateExample({ compile: compile(', build_instance: t3.large', '[x86_64, arm64]') }),
    good: templateExample({ compile: compile(', build_instance: t3.large') }),
  },
  POL5324: {
    severity: 'error',
    message: 'the parameter `{name}` has no default, so nothing can stand here',
    help: 'give it a `default`',
    explanation: 'Scripts are made when the template is compiled. A launch has no values of its own.',
    bad: templateExample({ more: 'parameters: { count: { type: int } }\npost_install: "echo {{.count}}"' }),
    good: templateExample({
      more: 'parameters: { count: { type: int, default: 2 } }\npost_install: "echo {{.count}}"',
    }),
  },
  POL5325: {
    severity: 'error',
    message: 'the base image has `{family}` and not `{manager}`',
    help: 'write `package_manager: {family}`, or leave it out',
    explanation: 'Packages of the distribution are installed by what its images have: apt, or dnf.',
    bad: templateExample({ more: 'package_manager: dnf' }),
    good: templateExample({ more: 'package_manager: apt' }),
  },
  POL5326: {
    severity: 'error',
    message: '`package_manager: ami` installs nothing, and packages are named',
    help: 'remove the packages, or write what they are installed by',
    explanation: 'With `ami` the images have everything. Packages that are named would be missing on the machine.',
    bad: templateExample({ more: 'package_manager: ami' }),
    good: templateExample({ more: 'package_manager: auto' }),
  },
  POL5327: {
    severity: 'warning',
    message: '`research_user` is read and nothing is done about it',
    help: 'let the tool that keeps the users of the institution make it, or write `users`',
    explanation:
      'A user of the institution with a home on a shared file system is made by who keeps those users and that file system. polc makes the users of the machine alone.',
    bad: templateExample({ more: 'research_user: { auto_create: true }' }),
    good,
  },
  POL5328: {
    severity: 'error',
    message: '`{type}` is `{architecture}`',
    help: 'write a type of the architecture under which it stands',
    explanation: 'The image of one architecture does not start on a machine of another.',
    bad: templateExample({ base: 'ami-based', more: withImages(images, ', instance_types: { arm64: t3.medium }') }),
    good: templateExample({ base: 'ami-based', more: withImages(images, ', instance_types: { x86_64: t3.medium }') }),
  },
  POL5329: {
    severity: 'error',
    message: '`{kind}` is for cloud-init, and this is run by a shell',
    help: 'write a shell script; packages, users, files and services have keys of their own',
    explanation: 'Scripts of the template are parts of one shell script, which is the user data of an instance.',
    bad: templateExample({ more: 'user_data: "#cloud-config"' }),
    good: templateExample({ more: 'user_data: "echo started"' }),
  },
  POL5330: {
    severity: 'error',
    message: '`{service}` runs no instances of EC2, and nothing here would hold there',
    help: 'remove `service_type` where the template is for instances',
    explanation:
      'Launches are decided where instances of EC2 are started, by their image. Images of containers and notebooks that AWS manages are started by other services, which ask nobody here.',
    bad: templateExample({ more: 'service_type: sagemaker_studio' }),
    good: templateExample({ more: 'service_type: ec2' }),
  },
});
