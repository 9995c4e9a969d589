import type { Predicate } from '../expressions/predicate.ts';

/** What an obligation asks for; `Obligation` in policy.ts says where it comes from too. */
export type ObligationBody =
  /**
   * How the program is to be run; performance, not protection, but lost all the same when no backend does it. Of several
   * processors, file sets or paths the value has commas between them.
   */
  | { readonly kind: 'run-with'; readonly setting: RunSetting; readonly value: string }
  /** A private, empty, writable layer at `path`, of at most `bytes`. */
  | { readonly kind: 'private-layer'; readonly path: string; readonly bytes: number }
  | Transition
  /** A hook program that decides for one LSM hook; `program` names the file, resolved beside the policy. */
  | { readonly kind: 'hook-program'; readonly hook: string; readonly program: string }
  | CountCalls
  /** Each call of the hook for which `when`, over the attributes of the point `hook`, holds or is unknown is recorded. */
  | { readonly kind: 'audit-calls'; readonly hook: string; readonly when: Predicate }
  /**
   * How far a response goes by itself: it only tells, it asks first, or it acts. It does not act by itself on an event that
   * is older than `withinMinutes`; where that is absent, than three days.
   */
  | { readonly kind: 'respond'; readonly mode: ResponseMode; readonly withinMinutes?: number }
  /** While the response lasts, the decision at `aws-request` binds this principal, an ARN without wildcards. */
  | { readonly kind: 'attach-deny'; readonly principal: string }
  /** While the response lasts, the managed policy `boundary` is the permissions boundary of `principal`. Both are ARNs. */
  | { readonly kind: 'set-boundary'; readonly principal: string; readonly boundary: string }
  /** The response is published to the SNS topic, an ARN. */
  | { readonly kind: 'publish'; readonly topicArn: string }
  /** People are told through the incoming webhook whose URL the SSM parameter holds. */
  | {
      readonly kind: 'notify';
      readonly parameter: string;
      readonly channel?: string;
      readonly mentions: readonly string[];
    }
  /** The response ends by itself after so many minutes; without this obligation a person ends it. */
  | { readonly kind: 'expire'; readonly afterMinutes: number }
  /** The requests that the policy speaks of are those to this gateway or route. */
  | EnforceAt
  /** What is known of a template beside what its decision at `launch` says: it goes with every image built from it. */
  | DescribeTemplate
  /** What instances of the template begin with, and what images are built from it, one for each region and architecture. */
  | BuildImages
  /** What an instance is started with where the launch names nothing else. */
  | StartInstance
  /** Each launch, with every step of its decision, is recorded and kept for so many days; without a number, for ever. */
  | { readonly kind: 'audit'; readonly retainDays?: number }
  /** Whoever launches one of these templates, by names or patterns, is told that it is deprecated. */
  | { readonly kind: 'deprecate'; readonly templates: readonly string[] }
  | Invite;

/**
 * The calls of a hook are counted, in fixed windows that begin with the first call counted in them. Before the rules are asked,
 * a call for which `when` holds counts as one; the attribute `counter:COUNTER` is then the count of its window. Where
 * `when` or a term of `by` is unknown, so is the attribute. A call that is refused has counted too.
 */
export interface CountCalls {
  readonly kind: 'count-calls';
  readonly hook: string;
  /** `HOOK/NAME`: unique within a policy. */
  readonly counter: string;
  /** The integer attributes for each of whose values it counts apart: uid, gid, pid, tid, cgroup. */
  readonly by: readonly string[];
  readonly windowMilliseconds: number;
  /** Over the attributes of the point `hook`, without counters. */
  readonly when: Predicate;
}

/** Move to a level when an event arrives; `Adaptive` in policy.ts says which are there. */
export interface Transition {
  readonly kind: 'transition';
  readonly event: string;
  readonly to: EnforcementLevel;
  /**
   * The system calls that are the event where they are let through, over the attributes of the point `syscall`; absent where
   * it is no call of its own: a refusal, or what only a hook sees.
   */
  readonly when?: Predicate;
  /** The obligation of the kind `audit-calls` whose every record is the event. */
  readonly recorded?: string;
}

/** What a token of an invitation is made with. */
export interface Invite {
  readonly kind: 'invite';
  readonly invitation: string;
  /** What whoever accepts it may do with the profile: launch, also narrow it, also invite others. */
  readonly type: 'read_only' | 'read_write' | 'admin';
  /** When it expires: a date, at the end of which in UTC, or an instant in UTC. At the earlier of the two that are there. */
  readonly expires?: string;
  /** The days after which it expires, from when it is made. */
  readonly validDays?: number;
  /** How often it may be accepted; absent, any number of times. */
  readonly uses?: number;
  /** Whether what was accepted on one device is of no use on another. */
  readonly deviceBound: boolean;
}

/** Lists are sorted and without duplicates, except where their order is the template's meaning. */
export interface DescribeTemplate {
  readonly kind: 'describe-template';
  /** The name by which lists of templates and launches call it. */
  readonly template: string;
  readonly version?: string;
  readonly classification?: Classification;
  readonly frameworks: readonly string[];
  /** Rules of handling data that the template promises to keep: `no_phi`. */
  readonly dataRules: readonly string[];
  /** The profiles that may launch it; absent, every one. */
  readonly profiles?: readonly string[];
  readonly approvalRequired: boolean;
  /** US dollars an hour, by architecture or instance type, sorted by it. */
  readonly costs: readonly (readonly [of: string, dollars: number])[];
}

export interface BuildImages {
  readonly kind: 'build-images';
  /**
   * What the template stands on where no image of it is built: the name of a base image, or image ids by region and
   * architecture. `baseImage` in compiler/tables/base-images.ts reads both.
   */
  readonly base: string;
  /** Empty where none is to be built. */
  readonly regions: readonly string[];
  readonly architectures: readonly MachineArchitecture[];
  /** The instance type of the builder; absent, one is chosen by architecture. */
  readonly builder?: string;
  readonly encrypted: boolean;
  /** The KMS key that encrypts; absent, the account's default one. */
  readonly key?: string;
  /** What the builder runs to become the template, a shell script. */
  readonly script: string;
  /** Tags for the builder and its images beside those of the policy, sorted by key. */
  readonly tags: readonly (readonly [key: string, value: string])[];
  /** Images that are already built. */
  readonly built: readonly BuiltImage[];
}

export interface BuiltImage {
  readonly region: string;
  readonly architecture: MachineArchitecture;
  /** `ami-` and 8 or 17 hexadecimal digits. */
  readonly image: string;
}

export interface StartInstance {
  readonly kind: 'start-instance';
  readonly instanceType?: string;
  /** The least size of the root volume in GiB; absent, that of the image. */
  readonly rootVolume?: number;
  /** TCP ports open to whoever uses the instance, sorted. */
  readonly ports: readonly number[];
  /** What a fresh instance of the base image runs to become the template, a shell script. */
  readonly script: string;
}

/** Ordered from what anyone may see to what few may. */
export type Classification = 'public' | 'internal' | 'confidential' | 'restricted';

/** EC2's names of architectures. */
export type MachineArchitecture = 'x86_64' | 'arm64';

/** Where requests are decided and counted on Kubernetes, and where what is known of who makes them is written. */
export interface EnforceAt {
  readonly kind: 'enforce-at';
  readonly at: 'gateway' | 'route';
  readonly namespace: string;
  readonly name: string;
  /** The listener of the gateway, or the rule of the route, where only one is meant. */
  readonly sectionName?: string;
  /** The Secrets that hold the API keys: their namespace, and the labels by which they are chosen, sorted by name. */
  readonly keys: { readonly namespace: string; readonly labels: readonly (readonly [name: string, value: string])[] };
  /** The labels of those Secrets that hold the attributes of a request. */
  readonly labels: { readonly team: string; readonly user: string; readonly tier: string };
  /** Their annotations that do. */
  readonly annotations: { readonly budget: string; readonly spent: string };
  /** The header of requests that names the model of the body, in small letters, and who sets it whatever a client sent. */
  readonly modelHeader?: { readonly name: string; readonly setBy: string };
  /** What is to stand in the annotation of the budget: of several that speak of a key, the one that names most counts. */
  readonly budgets: readonly Budget[];
}

/** What a tier, a team of it or a user of that may spend in a month. */
export interface Budget {
  readonly tier: string;
  readonly team?: string;
  readonly user?: string;
  readonly dollars: number;
}

/**
 * Minutes: three days. AWS Budgets tells on the day itself. Cost Anomaly Detection looks about three times a day at billing
 * data that is up to a day old, and so tells up to two days after the anomaly's last day ("Detecting unusual spend with
 * AWS Cost Anomaly Detection", AWS Cost Management user guide).
 */
export const usualEventAge = 72 * 60;

export type ResponseMode = 'dry-run' | 'manual' | 'auto';

export type RunSetting = 'runtime' | 'zygote' | 'io-mode' | 'memory-allocator' | 'cpu-affinity' | 'prefetch';
export type EnforcementLevel = 'direct' | 'sandbox' | 'hardened';
