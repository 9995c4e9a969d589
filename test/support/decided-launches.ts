import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { imagePolicy } from '../../compiler/images/image-policy.ts';
import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { combineLaunches, type LaunchPart } from '../../compiler/ir/launch.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { SourceText } from '../../compiler/source/text.ts';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import type { LaunchFacts } from '../../runtime/launch/facts.ts';
import { type DecidedLaunch, launchReport, placesIn } from '../../runtime/launch/wording.ts';

/** Launches written as the files that decide them. */

interface Read {
  readonly policy: Policy;
  readonly sources: ReadonlyMap<string, SourceText>;
}

export function read(path: string, text: string): Read {
  const { lowered, sources, diagnostics } = compile(path, text, nodeHost, { maximumMilliseconds: 0 });
  if (lowered === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return { policy: lowered, sources };
}

/** A template of one block of metadata. */
export function templateFile(slug: string, metadata = '{}', more = ''): Read {
  const text = `name: ${slug}\nslug: ${slug}\nbase: ubuntu-22.04\npolicy_metadata: ${metadata}\n${more}`;
  return read(`${slug}.yaml`, text);
}

export const imageId = 'ami-0abc123def456789a';

/** Everything that a launch can say, and nothing that refuses. */
export const goodFacts: LaunchFacts = {
  launched: 'python-ml',
  source: 'institutional',
  signature: 'valid',
  authority: 'University IT',
  owner: '123456789012',
  approved: true,
  lifecycle: 'active',
  instanceType: 't3.medium',
  architecture: 'x86_64',
  region: 'us-west-2',
  encrypted: true,
  hourlyCost: 0.0464,
  hourlySpend: 0.0464,
  dailySpend: 0.5,
  monthlySpend: 3,
  imageAge: 10,
  baseOutdated: false,
  scan: 'passed',
  invitation: 'valid',
  tags: new Map([['Course', 'CS101']]),
};

export interface Launch {
  /** A file of governance. */
  readonly governance?: Read;
  readonly template?: Read;
  /** What the image carries. */
  readonly image?: ImageMetadata;
  readonly facts?: Partial<LaunchFacts>;
  readonly problems?: readonly string[];
  readonly more?: Partial<DecidedLaunch>;
}

export function combined({ governance, template, image }: Launch): Policy {
  const parts: LaunchPart[] = [];
  if (governance !== undefined) parts.push({ role: 'profile', policy: governance.policy });
  if (template !== undefined) parts.push({ role: 'template', policy: template.policy });
  if (image !== undefined) parts.push({ role: 'image', policy: imagePolicy(image, imageId) });
  return combineLaunches(parts);
}

export function decided(launch: Launch): DecidedLaunch {
  const policy = combined(launch);
  const facts = { ...goodFacts, ...launch.facts };
  const sources = new Map([...(launch.governance?.sources ?? []), ...(launch.template?.sources ?? [])]);
  return {
    policy,
    facts,
    verdict: decideLaunch(policy, facts, launch.problems),
    place: placesIn(sources),
    ...(launch.image === undefined ? {} : { image: imageId, costFrom: 'template' as const }),
    ...launch.more,
  };
}

export function transcript(launch: Launch): readonly string[] {
  return launchReport(decided(launch)).lines;
}
