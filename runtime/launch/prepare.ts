import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { readableTags, readableValue } from '../../compiler/images/tag-names.ts';
import { combineLaunches, type LaunchPart, launchRules } from '../../compiler/ir/launch.ts';
import { refusalOf } from '../../compiler/ir/launch-facts.ts';
import type {
  BuildImages,
  DescribeTemplate,
  MachineArchitecture,
  StartInstance,
} from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { baseImage } from '../../compiler/tables/base-images.ts';
import { instanceType as findType, nearestInstanceType } from '../../compiler/tables/instance-types.ts';
import { AwsFailure } from '../aws/failure.ts';
import { sha256 } from '../sha256.ts';
import type { LaunchChange } from './alternatives.ts';
import type { AskedTemplate, LaunchAsked, LaunchWorld } from './asked.ts';
import type { CloudImage, InstanceRequest, Tag } from './cloud.ts';
import type { LaunchFacts } from './facts.ts';
import { type FoundImage, failureProblem, findImage } from './find-image.ts';
import { profileTag, profileValue } from './ledger-records.ts';
import { type HourlyCost, hourlyCost } from './prices.ts';
import { ageingOf } from './rebuild.ts';
import { type SignedPart, signaturesOf } from './signed-parts.ts';
import { isApproved, isBelieved, sourceOf } from './vouched.ts';

/** A launch of which everything is known but what is spent. */
export interface PreparedLaunch {
  /** The combined policy of all parts, not optimised. */
  readonly policy: Policy;
  readonly found: FoundImage;
  readonly instanceType: string | undefined;
  readonly cost: HourlyCost | undefined;
  /** Without what is spent; of the same launch with something else. Undefined where it cannot be made so. */
  factsFor(change: LaunchChange): LaunchFacts | undefined;
  /** What refuses besides the rules. */
  readonly problems: readonly string[];
  /** The call that failed, where a problem is one. */
  readonly failure?: AwsFailure;
  readonly policyHash: string;
  /** What is not signed, or not as it is. */
  readonly unsigned?: SignedPart['what'];
  /** What AWS is to start; undefined where there is no image or type. */
  readonly request: Omit<InstanceRequest, 'clientToken'> | undefined;
}

/** Bytes of user data ("Run commands when you launch an EC2 instance", EC2 user guide). */
const userDataLimit = 16_384;

/** The tag by which a launch says under which policies it was decided: their hash, as in the audit log. */
const policyTag = 'polc:policy';
/** Who launched, as the machine knew them. */
const ownerTag = 'polc:owner';

/** Looks up the image of a launch and everything that its rules ask for. Never rejects: what fails is a problem. */
export async function prepareLaunch(asked: LaunchAsked, world: LaunchWorld): Promise<PreparedLaunch> {
  const { region, template, profile } = asked;
  const { cloud, trust } = world;
  const now = world.now();
  const start = template === undefined ? undefined : obligation(template.policy, 'start-instance');
  const images = template === undefined ? undefined : obligation(template.policy, 'build-images');
  const source = template === undefined ? undefined : obligation(template.policy, 'describe-template')?.template;
  const named = asked.instanceType ?? start?.instanceType;
  const found = await findImage(
    cloud,
    template === undefined || images === undefined
      ? { image: asked.launched }
      : { template: source ?? template.name, images },
    { region, architecture: named === undefined ? undefined : findType(named)?.architecture },
    trust,
    now,
  );
  const { image, carried } = found;
  const instanceType = named ?? carried?.metadata.instance_defaults?.type;
  const policy = combineLaunches([
    ...(profile === undefined ? [] : [part('profile', profile.policy)]),
    ...(template === undefined ? [] : [part('template', template.policy)]),
    ...(carried === undefined ? [] : [part('image', carried.policy)]),
  ]);
  const asks = mentionedValues(launchRules(policy).map(({ when }) => when));
  // Without a type nobody knows for which architecture the template's image has to be, and without tags that can be read
  // nobody knows the type of an image: of the two the first is told.
  const ofImage = template !== undefined && findType(named ?? '') === undefined ? [] : found.problems;
  const isUntold = instanceType === undefined && template === undefined && ofImage.length > 0;
  const problems = [
    ...ofImage,
    ...(isUntold ? [] : unfit(asked, instanceType, image?.architecture)),
    ...badSignature(template),
    ...(image === undefined ? [] : deniedImage(policy, image)),
  ];
  let failure = found.failure;
  let aged: Pick<LaunchFacts, 'imageAge' | 'baseOutdated' | 'scan'> = {};
  if (image !== undefined && carried !== undefined) {
    try {
      const newestBase = asks.has('base_outdated') && isBelieved(asked, found);
      const { metadata } = carried;
      const ageing = await ageingOf(cloud, { region, image, metadata }, { newestBase }, trust, now);
      aged = ageing.facts;
      if (asks.has('scan') && 'problem' in ageing.scan) problems.push(ageing.scan.problem);
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw error;
      failure ??= error;
      problems.push(failureProblem(error));
    }
  } else if (found.kind === 'base') aged = { imageAge: 0, baseOutdated: false, scan: 'absent' };
  const wantsEncrypted = asks.has('encrypted') || images?.encrypted === true;
  const policyHash = world.policyHash(carried?.digest);
  const described = obligation(policy, 'describe-template');
  const tags = instanceTags(asked, described?.template, policyHash, world.actor);
  const costs = isBelieved(asked, found) ? (described?.costs ?? []) : [];
  const costOf = (type: string, where: string): HourlyCost | undefined => {
    const defaultType = start?.instanceType ?? carried?.metadata.instance_defaults?.type;
    const instance = {
      costs,
      instanceType: type,
      region: where,
      ...(defaultType === undefined ? {} : { defaultType }),
    };
    return hourlyCost(instance, world.prices);
  };
  const approved = isApproved(asked, found.kind === 'built' ? image?.id : undefined, world, now);
  const signatures = signaturesOf(policy, signedParts(template, found));
  const factsFor = (change: LaunchChange): LaunchFacts | undefined => {
    const type = change.instanceType ?? instanceType;
    const where = change.region ?? region;
    const architecture = type === undefined ? undefined : findType(type)?.architecture;
    if (image !== undefined && architecture !== undefined && image.architecture !== architecture) {
      // The image runs on types of its architecture, and the problem says so of the launch itself.
      if (change.instanceType !== undefined) return undefined;
    }
    // An image lies in its region; of a template there may be one in another, and what it carries is not known.
    if (where !== region && (found.kind === 'built' || !hasBase(images, where, architecture))) return undefined;
    const cost = type === undefined ? undefined : costOf(type, where);
    return {
      ...aged,
      launched: asked.launched,
      ...known({ source: sourceOf(asked.template, found, world), owner: image?.owner }),
      ...signatures.facts,
      approved,
      ...known({
        lifecycle: lifecycleOf(found, now),
        instanceType: type,
        region: where,
        architecture,
        hourlyCost: cost?.dollars,
      }),
      ...known({ encrypted: isEncrypted(found, wantsEncrypted) }),
      ...(profile?.invitation === undefined ? {} : { invitation: profile.invitation }),
      tags: new Map(tags),
    };
  };
  if (profile !== undefined) {
    for (const name of template?.inherits ?? []) {
      // The one that it says it is the image of is decided by the rules, together with its own name.
      if (name === source || refusalOf(profile.policy, name) === undefined) continue;
      problems.push(`Template '${name}' not allowed for this profile, and '${asked.launched}' inherits it`);
    }
  }
  return {
    policy,
    found,
    instanceType,
    cost: instanceType === undefined ? undefined : costOf(instanceType, region),
    factsFor,
    problems: [...problems, ...tooMuch(found, start)],
    ...(failure === undefined ? {} : { failure }),
    policyHash,
    ...known({ unsigned: signatures.lacking }),
    request:
      image === undefined || instanceType === undefined
        ? undefined
        : {
            image: image.id,
            instanceType,
            tags,
            ...startOf(found, start),
            ...(wantsEncrypted ? encryption(found, images) : {}),
            ...known({ keyPair: asked.keyPair, subnet: asked.subnet, instanceProfile: asked.instanceProfile }),
            ...(asked.securityGroups === undefined ? {} : { securityGroups: asked.securityGroups }),
          },
  };
}

function part(role: LaunchPart['role'], policy: Policy): LaunchPart {
  return { role, policy };
}

interface Kinds {
  'describe-template': DescribeTemplate;
  'build-images': BuildImages;
  'start-instance': StartInstance;
}

function obligation<K extends keyof Kinds>(policy: Policy, kind: K): Kinds[K] | undefined {
  return policy.obligations.find((each): each is typeof each & Kinds[K] => each.kind === kind);
}

/** What EC2 would refuse, said before it is asked; an unknown type refuses by itself (settled point 27). */
function unfit({ region }: LaunchAsked, type: string | undefined, architecture: string | undefined): readonly string[] {
  if (type === undefined) return ['what is launched names no instance type: add --instance-type TYPE'];
  const facts = findType(type);
  if (facts === undefined) {
    const near = nearestInstanceType(type);
    return [`there is no instance type '${type}'${near === undefined ? '' : `: did you mean ${near}?`}`];
  }
  if (architecture === undefined || architecture === facts.architecture) return [];
  return [`Instance type '${type}' is for ${facts.architecture}, and the image in ${region} for ${architecture}`];
}

function tooMuch({ kind }: FoundImage, start: StartInstance | undefined): readonly string[] {
  const bytes = kind === 'base' ? Buffer.byteLength(start?.script ?? '') : 0;
  return bytes > userDataLimit ? [`the user data has ${bytes} bytes, and EC2 takes ${userDataLimit}`] : [];
}

/** A signature that is wrong refuses by itself (settled point 27), also where no institution asks for one. */
function badSignature(template: AskedTemplate | undefined): readonly string[] {
  if (template?.verdict.signature !== 'invalid') return [];
  return [`the signature of the template '${template.name}' does not count: ${template.verdict.problem}`];
}

/**
 * An image that a list denies by its id or name is denied as whatever it is launched. The lists hold what a launch names,
 * so they are asked once more as if it named the image: of all rules only theirs can tell then.
 */
function deniedImage(policy: Policy, { id, name }: CloudImage): readonly string[] {
  const denied = [id, name].find((word) => {
    const attribute = (asked: string) => (asked === 'launched' ? word : undefined);
    return launchRules(policy).some(
      ({ when, effect }) =>
        effect.kind !== 'allow' &&
        when.kind !== 'constant' &&
        evaluate(when, { attribute, parameter: () => undefined }) === true,
    );
  });
  return denied === undefined ? [] : [`AMI '${denied}' not allowed by policy`];
}

/** AWS's own word counts for an image that was built; what base a template stands on is the template's choice. */
function lifecycleOf({ kind, image }: FoundImage, now: number): LaunchFacts['lifecycle'] {
  const deprecatedAt = kind === 'built' ? image?.deprecatedAt : undefined;
  if (deprecatedAt === undefined) return 'active';
  if (Number.isNaN(deprecatedAt)) return undefined;
  return deprecatedAt <= now ? 'deprecated' : 'active';
}

/** A volume of a base image is encrypted where the launch asks for it, which takes its device. */
function isEncrypted({ kind, image }: FoundImage, wanted: boolean): boolean | undefined {
  if (image === undefined || kind === 'built') return image?.encrypted;
  return wanted && image.rootDevice !== undefined;
}

function hasBase(
  images: BuildImages | undefined,
  region: string,
  architecture: MachineArchitecture | undefined,
): boolean {
  return architecture !== undefined && baseImage(images?.base ?? '', region, architecture) !== undefined;
}

/** Both have to be signed where the image stands for the template. */
function signedParts(template: AskedTemplate | undefined, { kind, carried }: FoundImage): readonly SignedPart[] {
  return [
    ...(template === undefined ? [] : [{ what: 'template', verdict: template.verdict } as const]),
    ...(kind === 'built' ? [{ what: 'image', verdict: carried?.verdict ?? { signature: 'absent' } } as const] : []),
  ];
}

/** Whoever launches gives tags; those of polc say for IAM, the ledger and people what was launched, and as what. */
function instanceTags(
  asked: LaunchAsked,
  template: string | undefined,
  policyHash: string,
  actor: string,
): readonly Tag[] {
  return [
    ['Name', asked.name],
    ...asked.tags,
    ...(template === undefined ? [] : [[readableTags.template, readableValue(template, sha256)] as const]),
    [profileTag, profileValue(asked.profile?.name)],
    [policyTag, policyHash],
    [ownerTag, readableValue(actor, sha256)],
  ];
}

function startOf(
  { kind, image }: FoundImage,
  start: StartInstance | undefined,
): Pick<InstanceRequest, 'userData' | 'rootDevice' | 'rootSize'> {
  if (image === undefined) return {};
  const size = Math.max(start?.rootVolume ?? 0, image.rootSize ?? 0);
  const script = kind === 'base' ? (start?.script ?? '') : '';
  return {
    ...(script === '' ? {} : { userData: script }),
    ...known({ rootDevice: image.rootDevice, ...(size === 0 ? {} : { rootSize: size }) }),
  };
}

function encryption(
  { kind, image }: FoundImage,
  images: BuildImages | undefined,
): Pick<InstanceRequest, 'encrypted' | 'key' | 'furtherDevices'> {
  return {
    encrypted: true,
    // The volumes of a built image have the key that it was built with.
    ...(kind === 'base' ? known({ key: images?.key }) : {}),
    ...known({ furtherDevices: image?.furtherDevices }),
  };
}

/** Without what is undefined. */
function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) given[key] = value as Exclude<T[typeof key], undefined>;
  }
  return given;
}
