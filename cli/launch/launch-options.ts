import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { tagLimits, tagPrefix } from '../../compiler/images/tag-names.ts';
import { isRegion, nearestRegion } from '../../compiler/tables/aws-regions.ts';
import type { LaunchAsked } from '../../runtime/launch/asked.ts';
import { auditOption } from '../audit/place.ts';
import type { OptionValues } from '../options.ts';
import { answerFormat } from '../output.ts';
import { approvalsOption, trustOption } from '../signing/places.ts';
import { ledgerOption, pricesOption, profileOption, templatesOption } from './places.ts';

export const launchOptions = {
  region: {
    type: 'text',
    value: 'REGION',
    doc: 'where to launch; AWS_REGION or AWS_DEFAULT_REGION unless told',
    short: 'r',
  },
  'instance-type': { type: 'text', value: 'TYPE', doc: 'what to launch on; that of the template or image unless told' },
  ...profileOption,
  tag: { type: 'pairs', value: 'KEY=VALUE', doc: 'a tag of the instance and its volumes', short: 't' },
  'dry-run': {
    type: 'flag',
    doc: 'decide, and ask AWS whether it would start the instance; start nothing',
    short: 'n',
  },
  ...pricesOption,
  'cost-explorer': { type: 'flag', doc: 'ask Cost Explorer too what was spent' },
  ...ledgerOption,
  'key-pair': { type: 'text', value: 'NAME', doc: 'the key pair to log in with' },
  subnet: { type: 'text', value: 'ID', doc: 'the subnet; that of the default network unless told' },
  'security-group': { type: 'list', value: 'ID', doc: 'security groups; that of the default network unless told' },
  'instance-profile': { type: 'text', value: 'NAME', doc: 'the instance profile, whose role the instance has' },
  ...templatesOption,
  ...trustOption,
  ...approvalsOption,
  ...auditOption,
  ...answerFormat,
} as const;

export type LaunchOptions = OptionValues<typeof launchOptions>;

/** What the command line says of the launch itself. */
export type GivenLaunch = Omit<LaunchAsked, 'template' | 'profile'>;

/** polc's own tags, besides which there are fewer than the 50 that AWS takes. */
const ownTags = 6;

export function givenLaunch(
  options: LaunchOptions,
  [launched = '', name = '']: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): GivenLaunch | { readonly problem: string; readonly help: string } {
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION);
  if (region === undefined || region === '') {
    return { problem: 'it is not said where to launch', help: 'name a region with `--region`, or set `AWS_REGION`' };
  }
  if (!isRegion(region)) {
    const near = nearestRegion(region);
    const help = near === undefined ? 'write one such as `eu-west-1`' : `did you mean \`${near}\`?`;
    return { problem: `there is no region \`${region}\``, help };
  }
  if (name === '' || name.length > tagLimits.value) {
    return { problem: `\`${name}\` is no name of an instance`, help: `write 1 to ${tagLimits.value} characters` };
  }
  if (/^\s|\s$|\p{Cc}/u.test(name)) {
    const help = 'write one line, without white space at its ends';
    return { problem: `${JSON.stringify(name)} is no name of an instance`, help };
  }
  const wrong = wrongTag(options.tag);
  if (wrong !== undefined) return wrong;
  const { subnet } = options;
  const groups = options['security-group'];
  return {
    launched,
    name,
    region,
    tags: options.tag,
    dryRun: options['dry-run'],
    ...(options['instance-type'] === undefined ? {} : { instanceType: options['instance-type'] }),
    ...(options['key-pair'] === undefined ? {} : { keyPair: options['key-pair'] }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(groups.length === 0 ? {} : { securityGroups: groups }),
    ...(options['instance-profile'] === undefined ? {} : { instanceProfile: options['instance-profile'] }),
  };
}

function wrongTag(tags: ReadonlyMap<string, string>): { readonly problem: string; readonly help: string } | undefined {
  for (const [key, value] of tags) {
    const problem = `the tag \`${key}\` cannot be given`;
    if (/^aws:/i.test(key)) return { problem, help: 'AWS keeps `aws:` for itself' };
    // IAM takes `POLC:template` for `polc:template`.
    if (key.toLowerCase().startsWith(tagPrefix)) return { problem, help: `tags with \`${tagPrefix}\` are polc's own` };
    if (key === 'Name') return { problem, help: 'the name of the launch is the tag `Name`' };
    if (key === '' || [...key].length > tagLimits.key || [...value].length > tagLimits.value) {
      return { problem, help: `a key has 1 to ${tagLimits.key} characters, and a value up to ${tagLimits.value}` };
    }
  }
  const [broken] = [...tags].find(([key, value]) => /\p{Cc}/u.test(key + value)) ?? [];
  if (broken !== undefined) {
    const help = 'a key and a value are one line of characters that can be read';
    return { problem: `the tag ${JSON.stringify(broken)} cannot be given`, help };
  }
  const most = tagLimits.tags - ownTags;
  if (tags.size <= most) return undefined;
  return { problem: `there are ${tags.size} tags`, help: `give at most ${most}: AWS takes ${tagLimits.tags}` };
}

/** `did you mean ...` for a word that names nothing. */
export function unknownHelp(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  return near === undefined ? '`polc template list` lists the templates' : `did you mean \`${near}\`?`;
}
