import { readableTags } from '../../images/tag-names.ts';

/** The files, and what IAM calls what launches are decided by: whoever writes them and whoever reads them again know it. */

/** The documents of the launch role, from 0. */
export function rolePath(index: number): string {
  return index === 0 ? 'launch-role.json' : `launch-role-${index + 1}.json`;
}

export const guardPath = 'tag-guard.json';
export const allowedImagesPath = 'allowed-images.json';

/** The role that builds images, and so writes their tags. */
export const builderRole = 'polc-image-builder';

/** Condition keys of EC2 ("Actions, resources, and condition keys for Amazon EC2"), and of every service. */
export const keys = {
  template: `ec2:ResourceTag/${readableTags.template}`,
  classification: `ec2:ResourceTag/${readableTags.classification}`,
  image: 'ec2:ImageID',
  owner: 'ec2:Owner',
  instanceType: 'ec2:InstanceType',
  /** The type that an instance is to have, where a request changes it; `ec2:InstanceType` is the one that it has. */
  newInstanceType: 'ec2:Attribute/InstanceType',
  encrypted: 'ec2:Encrypted',
  region: 'aws:RequestedRegion',
  /** The action that creates what is tagged. */
  createAction: 'ec2:CreateAction',
  tagKeys: 'aws:TagKeys',
  principal: 'aws:PrincipalArn',
} as const;

export function requestTag(tag: string): string {
  return `aws:RequestTag/${tag}`;
}

/** What RunInstances touches beside image, instance and volumes, and what a launch may name freely. */
export const freeResources = ['key-pair', 'network-interface', 'security-group', 'subnet'] as const;

/** What a launch creates and may tag. */
export const taggedResources = ['instance', 'network-interface', 'volume'] as const;

/** What whoever launches looks at: none of these actions can be confined to resources. */
export const lookedAt = ['ec2:DescribeImages', 'ec2:DescribeInstances'] as const;

/** EC2 takes 200 providers in a criterion of Allowed AMIs (EC2 API, ImageCriterionRequest). */
export const mostProviders = 200;

/** Images and snapshots belong to no account in their ARNs. */
export function resourceArn(partition: string, type: string): string {
  return `arn:${partition}:ec2:*:${type === 'image' || type === 'snapshot' ? '' : '*'}:${type}/*`;
}

/** The prefix of polc's tags in every case: in conditions on tags IAM takes `POLC:template` for `polc:template`. */
export function guardedKeys(prefix: string): readonly string[] {
  let found = [''];
  for (const character of prefix) {
    const both = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    found = found.flatMap((start) => both.map((each) => start + each));
  }
  return found.map((each) => `${each}*`).sort();
}
