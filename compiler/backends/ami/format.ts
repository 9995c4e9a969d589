import type { BuiltImage, MachineArchitecture } from '../../ir/obligation.ts';
import type { BaseImage } from '../../tables/base-images.ts';

/** `ami/plan.json`: which images are built where, from what, and with which files beside it. */
export interface ImagePlan {
  readonly format: 'polc-image-plan-1';
  readonly policy: string;
  readonly template: string;
  readonly version: string;
  /** What the builder runs: the file beside. EC2 takes 16 KB of it. */
  readonly userData: string;
  /** By region, then by architecture. */
  readonly images: readonly PlannedImage[];
  /** Those that the template names as built already. */
  readonly built: readonly BuiltImage[];
}

export interface PlannedImage {
  readonly region: string;
  readonly architecture: MachineArchitecture;
  readonly base: BaseImage;
  /** The instance type of the builder. */
  readonly builder: string;
  readonly encrypted: boolean;
  /** The KMS key that encrypts; absent, the account's default one. */
  readonly key?: string;
  /** The file that holds the tags of the image, as an object by key. */
  readonly tags: string;
}

export const planPath = 'plan.json';
export const userDataPath = 'user-data.sh';
export const componentPath = 'image-builder/component.yaml';

export function tagsPath(region: string, architecture: MachineArchitecture): string {
  return `tags/${region}/${architecture}.json`;
}

/** A CloudFormation template for EC2 Image Builder, in every region or in one. */
export function recipesPath(region?: string): string {
  return `image-builder/${region ?? 'recipes'}.json`;
}

/** Bytes before they are encoded ("Run commands when you launch an EC2 instance"). */
export const mostUserData = 16_384;

/** Characters of a component's document that is not fetched from S3 (Image Builder API, CreateComponent, `data`). */
export const mostComponent = 16_000;
