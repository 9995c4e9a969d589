import { visible } from '../../compiler/diagnostics/render/width.ts';
import type { BuiltImage, DescribeTemplate } from '../../compiler/ir/obligation.ts';
import { instant } from '../../runtime/signing/time.ts';
import type { Verdict } from '../../runtime/signing/verdict.ts';
import { statusWords } from './build/status-text.ts';
import type { ListedTemplate } from './listing.ts';
import type { RefusedUse } from './template-use.ts';

/** What is said of one template. */
export interface TemplateInfo {
  readonly listed: ListedTemplate;
  readonly inherits: readonly string[];
  readonly described: DescribeTemplate | undefined;
  readonly verdict: Verdict;
  /** What its source counts as, with the signature that it has. */
  readonly source: string | undefined;
  readonly restrictions: readonly string[];
  /** What the profile that is asked about makes of it. */
  readonly profile?: {
    readonly name: string;
    readonly refused: readonly RefusedUse[];
    readonly deprecated: boolean;
  };
}

/** As seed 000 prints it, with what it does not have below. */
export function infoText(info: TemplateInfo): string {
  const { listed, inherits, described, restrictions, profile } = info;
  const compiled = listed.type === 'compiled';
  const lines = [
    `Template: ${listed.title}`,
    `Type: ${compiled ? 'Compiled (AMI-based)' : 'Source'}`,
    `Source Template: ${sourceTemplate(listed, described)}`,
    `Compilation Status: ${statusOf(listed)}`,
    '',
    ...section('Available AMIs:', imageLines(listed.images)),
    ...section(
      'Embedded Policy Restrictions:',
      restrictions.map((each) => `  - ${each}`),
    ),
    `Launch Performance: ${listed.launchTime}${listed.images.length > 0 ? ` (vs ${listed.sourceLaunchTime} for source template)` : ''}`,
    '',
    `Name: ${listed.name}`,
    `File: ${listed.path}`,
    `Source: ${sourceText(info)}`,
    `Signature: ${signatureText(info.verdict)}`,
    ...(described?.classification === undefined ? [] : [`Data classification: ${described.classification}`]),
    ...listLine('Compliance frameworks', described?.frameworks),
    ...listLine('Data handling', described?.dataRules),
    ...listLine('Inherits', inherits),
  ];
  if (profile !== undefined) {
    lines.push(`Lifecycle: ${lifecycleOf(profile)}`, '', `Under the profile ${profile.name}:`);
    lines.push(
      ...(profile.refused.length === 0
        ? ['  ✓ the template may be used; each launch is decided by itself']
        : profile.refused.map(({ name, rule, reason }) => {
            const what =
              name === listed.name
                ? `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`
                : `It builds on '${name}', which is not allowed for this profile`;
            return `  ✗ ${what} (${rule.origin.by}, ${rule.topic})`;
          })),
    );
  }
  return `${lines.map(visible).join('\n')}\n`;
}

export function infoFields(info: TemplateInfo): object {
  const { listed, inherits, described, verdict, restrictions, profile } = info;
  return {
    name: listed.name,
    title: listed.title,
    path: listed.path,
    type: listed.type,
    status: listed.status,
    source: listed.source ?? null,
    source_counts: info.source !== undefined,
    source_template: described?.template ?? listed.name,
    version: described?.version ?? null,
    inherits,
    compilation: {
      status: listed.compilation?.status ?? (listed.images.length > 0 ? 'complete' : 'not-started'),
      id: listed.compilation?.id ?? null,
    },
    amis: amisOf(listed.images),
    restrictions,
    data_classification: described?.classification ?? null,
    compliance_frameworks: described?.frameworks ?? [],
    data_handling: described?.dataRules ?? [],
    approval_required: described?.approvalRequired ?? false,
    launch_time: listed.launchTime,
    source_launch_time: listed.sourceLaunchTime,
    signature: {
      verdict: verdict.signature,
      ...(verdict.signature === 'valid'
        ? { authority: verdict.authority, key: verdict.keyId, signed_at: instant(verdict.signedAt) }
        : {}),
    },
    ...(profile === undefined
      ? {}
      : {
          lifecycle: lifecycleOf(profile),
          profile: {
            name: profile.name,
            refused: profile.refused.map(({ name, rule, reason }) => ({
              template: name,
              rule: rule.id,
              topic: rule.topic,
              reason,
            })),
          },
        }),
  };
}

function sourceTemplate({ name }: ListedTemplate, described: DescribeTemplate | undefined): string {
  const { template = name, version } = described ?? {};
  return version === undefined ? template : `${template}-v${version}`;
}

function statusOf({ compilation, images }: ListedTemplate): string {
  if (images.length > 0 && compilation?.status !== 'in-progress') return statusWords.complete;
  return compilation === undefined ? 'Not Started' : statusWords[compilation.status];
}

function imageLines(images: readonly BuiltImage[]): readonly string[] {
  return Object.entries(amisOf(images)).map(([region, of]) => {
    const list = Object.entries(of).map(([architecture, image]) => `${image} (${architecture})`);
    return `  ${region}: ${list.join(', ')}`;
  });
}

/** Image ids by region and architecture, in the order of the template. */
function amisOf(images: readonly BuiltImage[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const regions = [...new Set(images.map(({ region }) => region))];
  return Object.fromEntries(
    regions.map((region) => [
      region,
      Object.fromEntries(
        images.flatMap(({ region: of, architecture, image }) => (of === region ? [[architecture, image]] : [])),
      ),
    ]),
  );
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines, ''];
}

function listLine(title: string, list: readonly string[] = []): readonly string[] {
  return list.length === 0 ? [] : [`${title}: ${list.join(', ')}`];
}

function sourceText({ listed, source }: TemplateInfo): string {
  if (listed.source === undefined) return 'none of the folders of templates';
  return source === undefined ? `${listed.source}, which counts only with a valid signature` : source;
}

function signatureText(verdict: Verdict): string {
  if (verdict.signature === 'valid') {
    return `valid, by ${verdict.authority} with ${verdict.keyId} at ${instant(verdict.signedAt)}`;
  }
  return verdict.signature === 'absent' ? 'none' : 'invalid; `polc template verify` says why';
}

function lifecycleOf({ deprecated, refused }: NonNullable<TemplateInfo['profile']>): string {
  if (refused.some(({ rule }) => rule.topic.endsWith('template_lifecycle.retired'))) return 'retired';
  return deprecated ? 'deprecated' : 'active';
}
