import { join } from 'node:path';
import { imageMetadata } from '../../compiler/images/image-metadata.ts';
import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { scanTag, signatureTag } from '../../compiler/images/tag-names.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import { openAuditFile, readAuditFile } from '../../runtime/audit/file.ts';
import type { AuditRecord } from '../../runtime/audit/record.ts';
import type { AskedProfile, AskedTemplate, LaunchAsked, LaunchWorld } from '../../runtime/launch/asked.ts';
import { readPrices } from '../../runtime/launch/prices.ts';
import { signScan } from '../../runtime/launch/scan/scan-tag.ts';
import { signApproval } from '../../runtime/signing/approval.ts';
import { signImage } from '../../runtime/signing/image.ts';
import { sha256 } from './builds.ts';
import { read } from './decided-launches.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { makeKey, type TestKey, trusting } from './keys.ts';
import type { StrictEc2 } from './strict-ec2.ts';

/** A university whose rules ask for everything that a rule can ask for, and a launch that keeps them all. */

export const account = '123456789012';
export const region = 'us-west-2';
export const builtImage = 'ami-0abc123def456789a';
const baseParameter = '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id';

export const key = makeKey('univ-it-2026');
export const trust = trusting(key);

export const governance = `institution:
  name: State University
  allowed_sources: [institutional]
  approval_required: true
  required_signature: true
  trusted_authorities: [University IT]
  max_instance_types: ["t3.*", "c5.*", "t4g.*"]
  forbidden_regions: [us-east-1]
  security_classification: confidential
  compliance_frameworks: [HIPAA]
  data_handling_rules: [encrypted_storage_required]
  required_tags: [Course]
  template_lifecycle: { deprecated: [old-ml], refuse_deprecated: true, retired: [python2-basic] }
  images: { owners: ["${account}"], max_age_days: 90, newest_base: true, passed_scan: true }
  audit_logging: { enabled: true }
profile:
  name: cs101
  allowed_templates: [python-ml]
  max_hourly_cost: 0.15
  max_hourly_budget: 0.2
  max_daily_budget: 20
  max_monthly_budget: 200
  clearance: internal
invitation:
  name: CS101 Class
  expires: "2027-01-31"
`;

export const template = `name: Python ML
slug: python-ml
version: "1.0.0"
base: ubuntu-22.04
policy_metadata:
  security_classification: internal
  compliance_frameworks: [HIPAA]
  data_handling: [encrypted_storage_required]
  resource_limits: { max_instance_types: [t3.medium, t3.large, c5.large, t4g.medium] }
instance_defaults:
  type: t3.medium
  estimated_cost_per_hour: { x86_64: 0.0416 }
`;

/** The line with which a template names the image that was built of it. */
const withImage = `precompiled_amis: { ${region}: { x86_64: ${builtImage} } }\n`;

export function askedProfile(text = governance): AskedProfile {
  return { name: 'cs101', policy: read('cs101.yaml', text).policy, invitation: 'valid' };
}

export function askedTemplate(text = template + withImage, more: Partial<AskedTemplate> = {}): AskedTemplate {
  const { policy } = read('python-ml.yaml', text);
  const { authority, keyId } = key;
  const verdict = { signature: 'valid', authority, keyId, signedAt: 0 } as const;
  return {
    name: 'python-ml',
    policy,
    verdict,
    digest: 'of the template',
    source: 'institutional',
    inherits: [],
    ...more,
  };
}

export function askedLaunch(more: Partial<LaunchAsked> = {}): LaunchAsked {
  return {
    launched: 'python-ml',
    name: 'homework',
    region,
    tags: new Map([['Course', 'CS101']]),
    dryRun: false,
    template: askedTemplate(),
    profile: askedProfile(),
    ...more,
  };
}

/** What launches are priced by. */
export const priceFile = 't3.medium: 0.0416\nt3.large: 0.0832\nc5.large: 0.19\nt4g.medium: 0.0336\n';

/** What one process launches in, with its files in the folder. */
export function launchWorld(
  cloud: LaunchWorld['cloud'],
  folder: string,
  now: () => number,
  more: Partial<LaunchWorld> = {},
): LaunchWorld {
  const approval = signApproval(
    { subject: { template: 'python-ml', digest: 'of the template' }, approver: 'ann', expires: now() + 86_400_000 },
    key,
    now(),
  );
  return {
    cloud,
    audit: openAuditFile(join(folder, 'audit.jsonl')),
    ledger: join(folder, 'ledger.jsonl'),
    trust,
    approvals: approval === undefined ? [] : [approval],
    prices: readPrices('prices.yaml', priceFile).prices,
    now,
    actor: 'ben',
    policyHash: () => 'f'.repeat(64),
    sourceOf: () => 'institutional',
    ...more,
  };
}

export interface BuiltTags {
  readonly image?: string;
  readonly region?: string;
  readonly owner?: string;
  /** Who signs the image and its scan; null for nobody. */
  readonly signer?: TestKey | null;
  readonly metadata?: Partial<ImageMetadata>;
  readonly scan?: 'passed' | 'failed';
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The tags of an image that was built of the template, from a base image, and signed. */
export function builtTags(base: string, of: BuiltTags, text = template): Map<string, string> {
  const { image = builtImage, owner = account, signer = key, now, scan = 'passed' } = of;
  const where = of.region ?? region;
  const { policy } = read('python-ml.yaml', text);
  const metadata = imageMetadata(policy, { region: where, architecture: 'x86_64' }, sha256);
  if (metadata === undefined) throw new Error('the template says nothing of images');
  const compiled_at = new Date(now - 86_400_000).toISOString().replace(/\.\d+/, '');
  const tags = new Map(imageTags({ ...metadata, base_image: base, compiled_at, ...of.metadata }, sha256));
  if (signer === null) return tags;
  const reading = readImageTags(tags, sha256);
  if ('refused' in reading) throw new Error(reading.problem);
  const identity = { image, region: where, owner };
  tags.set(signatureTag, signImage({ ...identity, digest: reading.digest }, signer, now));
  const counts = { critical: 0, high: 0, medium: 0, low: 0, none: 0, unknown: 0 };
  const verdict = { verdict: scan, failOn: 'high', counts, digest: 'A'.repeat(43) } as const;
  tags.set(scanTag, signScan(verdict, identity, signer, now) ?? '');
  return tags;
}

/** Puts the base image and the one that was built of it there, and gives the id of the base. */
export function addImages(cloud: FakeCloud, of: Partial<BuiltTags> = {}): string {
  const base = cloud.addBase(region, 'x86_64', baseParameter);
  cloud.imageList.push({
    id: builtImage,
    region,
    name: 'python-ml-1.0.0',
    owner: account,
    architecture: 'x86_64',
    madeAt: cloud.time - 3_600_000,
    availableAt: 0,
    encrypted: true,
    tags: builtTags(base, { now: cloud.time, ...of }),
    snapshots: ['snap-0abc123def456789a'],
    fails: false,
  });
  return base;
}

export function records(folder: string): readonly AuditRecord[] {
  return readAuditFile(join(folder, 'audit.jsonl'));
}

/** The same in an EC2 that speaks HTTP. */
export function addStrictImages(ec2: StrictEc2, of: Partial<BuiltTags> = {}): void {
  const base = ec2.addImage({ region, owner: '099720109477', encrypted: false, name: 'ubuntu-jammy-amd64' });
  ec2.parameters.set(`${region} ${baseParameter}`, base.id);
  const tags = builtTags(base.id, { now: Date.now(), ...of });
  ec2.addImage({ region, id: builtImage, name: 'python-ml-1.0.0', tags });
}
