import { createHash } from 'node:crypto';
import { followScript } from '../../runtime/launch/build/follow.ts';
import type { Finished, ProjectFolder } from './polc-process.ts';
import { type StrictEc2, startStrictEc2 } from './strict-ec2.ts';

const owner = '099720109477';

/** EC2 with base images for Ubuntu 22.04, whose builders run their scripts at once, and what is seen of a script that fails. */
export async function startBuildService(
  fails: (type: string) => string | undefined = () => undefined,
): Promise<StrictEc2> {
  const ec2 = await startStrictEc2({
    pendingDescribes: 1,
    stateDescribes: 1,
    agentCalls: 1,
    instanceProfiles: ['polc-image-builder'],
    script: (script, { userData, type }) => {
      if (script !== followScript) return { success: true, output: '' };
      const stages = [...userData.matchAll(/^polc_stage (\d+\/\d+) '?(.+?)'?$/gm)].map(
        ([, at, title]) => `${at} ${title}`,
      );
      const command = fails(type);
      const end = command === undefined ? 'end 0 true' : `end 100 ${command}`;
      const output =
        command === undefined ? 'done' : 'Reading package lists...\nE: Unable to locate package \u009bnonsense';
      return {
        success: true,
        output: `${[...stages, end].join('\n')}\n-- polc --\nstatus: done\n-- polc --\n${output}\n`,
      };
    },
  });
  for (const region of ['us-west-2', 'us-east-1', 'eu-west-1']) {
    for (const [architecture, spelled] of [
      ['x86_64', 'amd64'],
      ['arm64', 'arm64'],
    ] as const) {
      const name = `ubuntu-jammy-${spelled}`;
      const { id } = ec2.addImage({ region, owner, architecture, encrypted: false, name });
      const parameter = `/aws/service/canonical/ubuntu/server/22.04/stable/current/${spelled}/hvm/ebs-gp2/ami-id`;
      ec2.parameters.set(`${region} ${parameter}`, id);
    }
  }
  return ec2;
}

/** What a process needs to reach it. */
export function cloudEnvironment({ url }: StrictEc2): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_EC2_METADATA_DISABLED: 'true',
    POLC_BUILD_POLL: '0.02',
  };
}

/** Runs `polc` while this process answers as EC2. */
export async function polcWith(ec2: StrictEc2, project: ProjectFolder, words: readonly string[]): Promise<Finished> {
  const child = project.start(words, { env: cloudEnvironment(ec2) });
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (part: Buffer) => (text.stdout += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (text.stderr += part.toString()));
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const status = await new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  clearTimeout(limit);
  return { status, ...text };
}

/** What is there of a compilation, or of all, by kind and place. */
export function remaining(ec2: StrictEc2): readonly string[] {
  const tagged = ({ tags }: { readonly tags: ReadonlyMap<string, string> }) => tags.has('polc:compilation');
  return [
    ...[...ec2.instances.values()]
      .filter(({ state }) => !/terminated|shutting-down/.test(state))
      .map(({ region }) => `instance ${region}`),
    ...[...ec2.images.values()]
      .filter((image) => tagged(image) && image.state !== 'deregistered')
      .map(({ region, architecture }) => `image ${region} ${architecture}`),
    ...[...ec2.snapshots.values()].filter(tagged).map(({ region }) => `snapshot ${region}`),
    ...[...ec2.volumes.values()].filter(tagged).map(({ region }) => `volume ${region}`),
  ].sort();
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const template = `# A machine for courses.
name: "Python Basic"
slug: python-basic
version: "2.1.0"
base: ubuntu-22.04   # the oldest that we support
packages: { system: [git] }
compile_to_ami:
  enabled: true
  regions: [us-west-2]
  architectures: [x86_64, arm64]
  build_tags: { team: teaching }
policy_metadata:
  resource_limits:
    max_instance_types: [t3.medium, t4g.medium]
    forbidden_regions: [us-east-1]
instance_defaults:
  type: t3.medium
  estimated_cost_per_hour: { x86_64: 0.0416, arm64: 0.0336 }
`;
