import { isRegion, nearestRegion } from '../../../compiler/tables/aws-regions.ts';
import { instanceType, nearestInstanceType } from '../../../compiler/tables/instance-types.ts';
import { isCompilationId } from '../../../runtime/launch/build/plan.ts';
import { auditOption } from '../../audit/place.ts';
import type { OptionValues } from '../../options.ts';
import { keysOption, trustOption } from '../../signing/places.ts';
import { buildsOption, profileOption, templatesOption } from '../places.ts';

/** Of `polc template build`. */
export const buildOptions = {
  regions: { type: 'list', value: 'REGION,...', doc: 'where images are wanted; what the template says unless told' },
  architectures: { type: 'list', value: 'NAME,...', doc: 'for which architectures', choices: ['x86_64', 'arm64'] },
  'instance-types': {
    type: 'list',
    value: 'TYPE,...',
    doc: 'the instance types of the builders, one for each architecture',
  },
  'copy-from': {
    type: 'text',
    value: 'REGION',
    doc: 'build in this region alone, and copy the images to the others, signed again in each',
  },
  batch: {
    type: 'text',
    value: 'DIR|LIST',
    doc: 'build also every template of a folder, of a file with a name on each line, or of names between commas',
    completes: 'files',
    also: ['batch-compile'],
  },
  'sign-with': { type: 'text', value: 'ID', doc: 'the key to sign the images with; unsigned unless told' },
  'output-name': { type: 'text', value: 'NAME', doc: 'what the names of the images begin with' },
  resume: { type: 'text', value: 'ID', doc: 'go on with a compilation that was stopped, or failed' },
  abandon: { type: 'text', value: 'ID', doc: 'remove everything that a compilation has made' },
  detach: { type: 'flag', doc: 'go on in a process of its own, and end' },
  'instance-profile': {
    type: 'text',
    value: 'NAME',
    doc: 'the instance profile of the builders, by which Systems Manager reaches them',
    default: 'polc-image-builder',
  },
  subnet: {
    type: 'list',
    value: '[REGION=]ID,...',
    doc: 'where the builders of a region run; its default one unless told',
  },
  'security-group': { type: 'list', value: '[REGION=]ID,...', doc: 'the security groups of the builders of a region' },
  timeout: {
    type: 'number',
    value: 'MINUTES',
    doc: 'how long the script of a builder may take',
    default: 180,
    minimum: 1,
    whole: true,
  },
  parallel: {
    type: 'number',
    value: 'N',
    doc: 'how many builders run at once',
    default: 10,
    minimum: 1,
    whole: true,
  },
  ...auditOption,
  format: { type: 'choice', choices: ['pretty', 'json'], doc: 'how to print the result', default: 'pretty' },
  ...profileOption,
  ...templatesOption,
  ...buildsOption,
  ...keysOption,
  ...trustOption,
} as const;

export type GivenBuild = OptionValues<typeof buildOptions>;

/** What is wrong with the words themselves. */
export function usageProblem(
  given: GivenBuild,
  operands: readonly string[],
): { readonly problem: string; readonly help: string } | undefined {
  const { resume, abandon: abandoned, batch } = given;
  const names = [...operands, ...(batch === undefined ? [] : [batch])];
  if (resume !== undefined && abandoned !== undefined) {
    return { problem: '`--resume` and `--abandon` are opposites', help: 'write one of them' };
  }
  const id = resume ?? abandoned;
  if (id !== undefined && names.length > 0) {
    return { problem: `\`${names[0]}\` is not asked for`, help: 'a compilation is of the template that it began with' };
  }
  if (id !== undefined && !isCompilationId(id)) {
    return { problem: `\`${id}\` is no id of a compilation`, help: '`polc template status` lists them' };
  }
  if (id === undefined && names.length === 0) {
    return { problem: 'no template is named', help: 'name templates, or a folder of them with `--batch`' };
  }
  for (const region of [...given.regions, ...(given['copy-from'] === undefined ? [] : [given['copy-from']])]) {
    if (isRegion(region)) continue;
    const near = nearestRegion(region);
    return {
      problem: `unknown region \`${region}\``,
      help: near === undefined ? 'write a region such as `us-east-1`' : `did you mean \`${near}\`?`,
    };
  }
  for (const type of given['instance-types']) {
    if (instanceType(type) !== undefined) continue;
    const near = nearestInstanceType(type);
    return {
      problem: `unknown instance type \`${type}\``,
      help: near === undefined ? 'write one such as `t3.large`' : `did you mean \`${near}\`?`,
    };
  }
  return undefined;
}
