import type { Tag } from '../../images/write-tags.ts';
import { type BaseImage, findBase } from '../../tables/base-images.ts';
import type { PlannedImage } from './format.ts';

/** What the recipes of one region are made of. */
export interface RecipeInput {
  /** The policy's name: letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** The base by its name, if it has one: its root device is known then. */
  readonly base: string;
  readonly component: string;
  readonly images: readonly (PlannedImage & { readonly tagged: readonly Tag[] })[];
}

/**
 * A CloudFormation template: the component, and a recipe for each architecture with the tags of its images
 * (AWS::ImageBuilder::Component, AWS::ImageBuilder::ImageRecipe). A recipe cannot change, and so each change needs another
 * `Version`.
 */
export function recipesTemplate({ name, base, component, images }: RecipeInput): string {
  const called = resourceName(name);
  const device = rootDevice(base);
  const parameters: Record<string, unknown> = {
    Version: { Type: 'String', Default: '1.0.0', Description: 'To be raised with each change of the policy' },
  };
  const resources: Record<string, unknown> = {
    Component: {
      Type: 'AWS::ImageBuilder::Component',
      Properties: { Name: called, Platform: 'Linux', Version: { Ref: 'Version' }, Data: component },
    },
  };
  for (const { architecture, base: parent, encrypted, key, tagged } of images) {
    const suffix = architecture === 'x86_64' ? 'X8664' : 'Arm64';
    if (parent.kind === 'search') {
      const description = `The newest image of ${parent.owner} whose name is like ${parent.name}`;
      parameters[`BaseImage${suffix}`] = { Type: 'AWS::EC2::Image::Id', Description: description };
    }
    if (encrypted) {
      parameters.RootDevice = {
        Type: 'String',
        ...(device === undefined ? {} : { Default: device }),
        Description: 'The root device of the base image',
      };
    }
    resources[`Recipe${suffix}`] = {
      Type: 'AWS::ImageBuilder::ImageRecipe',
      Properties: {
        Name: `${called}-${architecture}`,
        Version: { Ref: 'Version' },
        ParentImage: parentImage(parent, suffix),
        Components: [{ ComponentArn: { Ref: 'Component' } }],
        ...(encrypted ? { BlockDeviceMappings: [encryptedDevice(key)] } : {}),
        AmiTags: Object.fromEntries(tagged),
      },
    };
  }
  const template = { AWSTemplateFormatVersion: '2010-09-09', Parameters: parameters, Resources: resources };
  return `${JSON.stringify(template, undefined, 1)}\n`;
}

/** A recipe takes `ssm:` and the name of a parameter since April 2025 ("Create a new version of an image recipe"). */
function parentImage(base: BaseImage, suffix: string): unknown {
  switch (base.kind) {
    case 'parameter':
      return `ssm:${base.name}`;
    case 'search':
      return { Ref: `BaseImage${suffix}` };
    case 'image':
      return base.id;
    default: {
      const unreachable: never = base;
      return unreachable;
    }
  }
}

function encryptedDevice(key: string | undefined): unknown {
  const ebs = { Encrypted: true, ...(key === undefined ? {} : { KmsKeyId: key }), DeleteOnTermination: true };
  return { DeviceName: { Ref: 'RootDevice' }, Ebs: ebs };
}

/** As the publishers register their images; undefined where they have not always done so in one way. */
function rootDevice(base: string): string | undefined {
  const name = findBase(base)?.name ?? '';
  if (/^(ubuntu|rocky)-/.test(name)) return '/dev/sda1';
  return /^(debian|amazon-linux)-/.test(name) ? '/dev/xvda' : undefined;
}

/** Image Builder's names have no dots, and 3 characters or more. */
export function resourceName(policy: string): string {
  return `polc-${policy.replaceAll('.', '-')}`.slice(0, 120);
}
