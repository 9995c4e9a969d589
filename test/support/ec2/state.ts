/** What the stub of EC2 holds. Ids are unique over all regions. */
export interface Ec2State {
  readonly images: Map<string, StoredImage>;
  readonly instances: Map<string, StoredInstance>;
  readonly snapshots: Map<string, StoredSnapshot>;
  readonly volumes: Map<string, StoredVolume>;
  /** By `REGION NAME`. */
  readonly parameters: Map<string, string>;
  readonly commands: Map<string, StoredCommand>;
  /** What RunInstances and CopyImage were asked for by client token, and what that made. */
  readonly tokens: Map<string, { readonly request: string; readonly made: string }>;
  readonly settings: Ec2Settings;
}

export interface Ec2Settings {
  /** The account, 12 digits. */
  account: string;
  regions: readonly string[];
  keyPairs: readonly string[];
  subnets: readonly string[];
  securityGroups: readonly string[];
  instanceProfiles: readonly string[];
  /** How often a new image is described as pending before it is available. */
  pendingDescribes: number;
  /** How often a new image is not found at all before that, by its id. */
  hiddenDescribes: number;
  /** How often a started or stopped instance is described before its state is what was asked for. */
  stateDescribes: number;
  /** How often SendCommand refuses an instance before its agent has come up. */
  agentCalls: number;
  /** How often a command is pending before it ends. */
  pendingCommands: number;
  /** What a script prints, and whether it succeeds. */
  script: (script: string, instance: StoredInstance) => { readonly success: boolean; readonly output: string };
  /** Milliseconds since 1970. */
  now: () => number;
  /** Refuses a call as IAM does. `ec2:RunInstances`; the parameters as the Query protocol has them. */
  denies: (action: string, parameters: Parameters, region: string) => boolean;
}

export type Parameters = ReadonlyMap<string, string>;

export interface Device {
  readonly device: string;
  readonly snapshot: string;
  /** GiB. */
  readonly size: number;
  readonly encrypted: boolean;
  readonly deleteOnTermination: boolean;
}

export interface StoredImage {
  readonly region: string;
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly architecture: string;
  readonly rootDevice: string;
  readonly devices: readonly Device[];
  state: 'pending' | 'available' | 'failed' | 'deregistered';
  readonly tags: Map<string, string>;
  readonly madeAt: number;
  readonly deprecatedAt?: number;
  pendingFor: number;
  hiddenFor: number;
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface StoredInstance {
  readonly region: string;
  readonly id: string;
  readonly image: string;
  readonly type: string;
  state: InstanceState;
  readonly tags: Map<string, string>;
  readonly startedAt: number;
  readonly userData: string;
  readonly clientToken: string;
  readonly rootDevice: string;
  /** `KeyName`, `SubnetId` and what else was asked for. */
  readonly asked: ReadonlyMap<string, string>;
  changesAfter: number;
  agentAfter: number;
}

export interface StoredSnapshot {
  readonly region: string;
  readonly id: string;
  readonly owner: string;
  readonly size: number;
  readonly encrypted: boolean;
  readonly key: string;
  readonly tags: Map<string, string>;
}

export interface StoredVolume {
  readonly region: string;
  readonly id: string;
  readonly device: string;
  readonly size: number;
  readonly encrypted: boolean;
  readonly key: string;
  /** The instance that it is attached to; '' for none. */
  instance: string;
  readonly deleteOnTermination: boolean;
  readonly tags: Map<string, string>;
}

export interface StoredCommand {
  readonly id: string;
  readonly instance: string;
  readonly script: string;
  pendingFor: number;
  readonly success: boolean;
  readonly output: string;
}

/** What AWS answers instead of what was asked for. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function refuse(code: string, message: string, status?: number): never {
  throw new Refusal(code, message, status);
}

let made = 0;

/** `ami-` and 17 hexadecimal digits, as AWS makes them since 2016. */
export function newId(kind: 'ami' | 'i' | 'snap' | 'vol'): string {
  made++;
  return `${kind}-0${made.toString(16).padStart(16, '0')}`;
}
