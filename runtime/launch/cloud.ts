import type { MachineArchitecture } from '../../compiler/ir/obligation.ts';

/**
 * Every call to AWS that launches and builds make, and no other: the least privilege that they need is the list of these.
 * Regions are named in every call, since images are built and copied in several. All of them reject with `AwsFailure`.
 */
export interface Cloud {
  /** ec2:DescribeImages by id; undefined where the region has none of that id. */
  image(region: string, id: string): Promise<CloudImage | undefined>;
  /** ec2:DescribeImages by owner (`self`, or 12 digits) and by name (`*` for any characters), tag or both. */
  images(region: string, filter: ImageFilter): Promise<readonly CloudImage[]>;
  /** ssm:GetParameter of a public parameter, which holds the id of a base image; undefined where there is none. */
  parameter(region: string, name: string): Promise<string | undefined>;
  /**
   * ec2:RunInstances of one instance. With `dryRun` nothing is started, and what AWS would refuse rejects. The client
   * token makes a second call with the same one give the same instance. Undefined after a dry run that would have worked.
   */
  runInstance(region: string, instance: InstanceRequest, dryRun: boolean): Promise<CloudInstance | undefined>;
  /** ec2:DescribeInstances with this tag, terminated ones left out. */
  instances(region: string, tag: Tag): Promise<readonly CloudInstance[]>;
  /** ec2:StopInstances; done already is done. */
  stopInstance(region: string, id: string): Promise<void>;
  /** ec2:TerminateInstances; done already is done. */
  terminateInstance(region: string, id: string): Promise<void>;
  /** ec2:CreateImage, with the tags on the image and on its snapshots. Gives the id of the image, which is pending. */
  createImage(region: string, instance: string, image: NewImage): Promise<string>;
  /** ec2:CopyImage to `region`; the tags go to the copy and, where the account lets it, to its snapshots. Gives the id. */
  copyImage(
    region: string,
    from: { readonly region: string; readonly image: string },
    image: NewImage,
  ): Promise<string>;
  /** ec2:DeregisterImage; done already is done. */
  deregisterImage(region: string, id: string): Promise<void>;
  /** ec2:CreateTags: adds and overwrites. */
  tag(region: string, ids: readonly string[], tags: readonly Tag[]): Promise<void>;
  /** ec2:DescribeSnapshots of this account with this tag: their ids. */
  snapshots(region: string, tag: Tag): Promise<readonly string[]>;
  /** ec2:DeleteSnapshot; done already is done. */
  deleteSnapshot(region: string, id: string): Promise<void>;
  /** ec2:DescribeVolumes with this tag: their ids. */
  volumes(region: string, tag: Tag): Promise<readonly string[]>;
  /** ec2:DeleteVolume; done already is done. */
  deleteVolume(region: string, id: string): Promise<void>;
  /** ssm:SendCommand of a shell script to one instance; undefined where its agent is not there yet. Gives the command's id. */
  runScript(region: string, instance: string, script: string): Promise<string | undefined>;
  /** ssm:GetCommandInvocation. */
  scriptResult(region: string, instance: string, command: string): Promise<ScriptResult>;
}

export type Tag = readonly [key: string, value: string];

export interface ImageFilter {
  readonly owner: string;
  readonly name?: string;
  readonly tag?: Tag;
  readonly architecture?: MachineArchitecture;
}

export interface CloudImage {
  readonly id: string;
  readonly name: string;
  /** 12 digits. */
  readonly owner: string;
  readonly architecture: string;
  /** available, pending, failed, ... */
  readonly state: string;
  /** Milliseconds since 1970; undefined where AWS does not say. */
  readonly madeAt?: number;
  /** Milliseconds since 1970 from when on its owner calls it deprecated; NaN where AWS says so in a way that is no time. */
  readonly deprecatedAt?: number;
  readonly tags: ReadonlyMap<string, string>;
  /** Every snapshot that its volumes are made from is encrypted. */
  readonly encrypted: boolean;
  readonly rootDevice?: string;
  /** GiB of the root volume. */
  readonly rootSize?: number;
  /** The devices of its volumes besides the root. */
  readonly furtherDevices?: readonly string[];
  readonly snapshots: readonly string[];
}

export interface InstanceRequest {
  readonly image: string;
  readonly instanceType: string;
  /** Of the instance and its volumes. */
  readonly tags: readonly Tag[];
  /** At most 16 KiB, before base64. */
  readonly userData?: string;
  readonly rootDevice?: string;
  /** GiB. */
  readonly rootSize?: number;
  /** The devices of the image's volumes besides the root, which are encrypted as the root is. */
  readonly furtherDevices?: readonly string[];
  /** Takes `rootDevice`: the volumes that are named are. */
  readonly encrypted?: boolean;
  /** The KMS key that encrypts; absent, the account's default one. */
  readonly key?: string;
  /** The name of the instance profile. */
  readonly instanceProfile?: string;
  readonly subnet?: string;
  readonly securityGroups?: readonly string[];
  readonly keyPair?: string;
  /** At most 64 characters of ASCII. */
  readonly clientToken: string;
  /** The instance goes when its own system shuts down. */
  readonly terminateOnShutdown?: boolean;
}

export interface CloudInstance {
  readonly id: string;
  /** pending, running, stopping, stopped, shutting-down or terminated. */
  readonly state: string;
  readonly instanceType?: string;
  readonly image?: string;
  readonly tags: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
}

export interface NewImage {
  readonly name: string;
  readonly description?: string;
  readonly tags: readonly Tag[];
  /** Of a copy: whether it is encrypted though the original is not. */
  readonly encrypted?: boolean;
  readonly key?: string;
  readonly clientToken?: string;
}

export interface ScriptResult {
  readonly status: 'pending' | 'success' | 'failed';
  readonly output: string;
}
