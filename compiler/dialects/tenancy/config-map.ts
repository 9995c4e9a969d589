import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { kindOf } from '../../schema/node-kind.ts';
import { replaceWith, shorten } from '../../schema/scalars.ts';
import type { Located } from '../../schema/shape.ts';
import { parseEmbedded } from '../../source/embedded-yaml.ts';
import type { SourceText } from '../../source/text.ts';
import type { MapNode, ScalarNode, YamlNode } from '../../source/tree.ts';
import { labelValue } from './kubernetes-names.ts';
import { type Settings, type TierDocument, templateShape } from './shape.ts';
import { defaultKey, tierKey } from './tier-keys.ts';

/** The tiers that a ConfigMap holds, each the YAML text of one of its keys, and what stands under no tier. */
export interface ConfigMapTiers {
  readonly tiers: readonly { readonly name: Located<string>; readonly tier: Located<TierDocument> }[];
  readonly platformDefault: Located<Settings> | undefined;
}

const tierName = labelValue('a tier');

export function isConfigMap(node: YamlNode): node is MapNode {
  return node.kind === 'map' && node.entries.some(({ key }) => key.text === 'apiVersion');
}

/** Reads a ConfigMap of the seed's form; every key of its data must be a tier or the platform's default. */
export function readConfigMap(node: MapNode, source: SourceText, diagnostics: Diagnostic[]): ConfigMapTiers {
  const under = (name: string) => node.entries.find(({ key }) => key.text === name)?.value;
  const kind = under('kind');
  const data = under('data');
  const tiers: { readonly name: Located<string>; readonly tier: Located<TierDocument> }[] = [];
  let platformDefault: Located<Settings> | undefined;
  if (kind?.kind !== 'scalar' || kind.text !== 'ConfigMap') {
    const found = kind?.kind === 'scalar' ? shorten(kind.text) : 'nothing';
    diagnostics.push(report('POL2103', (kind ?? node).span, { found }));
    return { tiers, platformDefault };
  }
  if (data?.kind !== 'map') {
    if (data === undefined) {
      const example = 'data: { tier-standard-policy.yaml: "token_limit_per_hour: 50000" }';
      diagnostics.push(report('POL2002', kind.span, { key: 'data', example }));
    } else diagnostics.push(report('POL2004', data.span, { expected: 'a map', found: kindOf(data) }));
    return { tiers, platformDefault };
  }
  for (const { key, value } of data.entries) {
    const name = nameOf(key, diagnostics);
    if (name === undefined) continue;
    const template = readTemplate(key, value, source, diagnostics);
    if (template === undefined) continue;
    if (key.text === defaultKey) platformDefault = template;
    else {
      checkTierField(name, template, diagnostics);
      tiers.push({ name: { value: name, span: key.span, node: key }, tier: template });
    }
  }
  return { tiers, platformDefault };
}

/** The name of the tier in a key, empty for the platform's default; undefined, and reported, for other keys. */
function nameOf(key: ScalarNode, diagnostics: Diagnostic[]): string | undefined {
  if (key.text === defaultKey) return '';
  const written = tierKey.exec(key.text)?.[1];
  if (written !== undefined) {
    return tierName.decode({ ...key, value: written, text: written }, { diagnostics });
  }
  const stem = key.text
    .replace(/\.ya?ml$/, '')
    .replace(/-policy$/, '')
    .replace(/^tier-/, '');
  const better = /default/.test(stem) ? defaultKey : `tier-${stem}-policy.yaml`;
  diagnostics.push(report('POL3141', key.span, { key: shorten(key.text) }, replaceWith(key, better)));
  return undefined;
}

function readTemplate(
  key: ScalarNode,
  value: YamlNode,
  source: SourceText,
  diagnostics: Diagnostic[],
): Located<TierDocument & { readonly tier: Located<string> | undefined }> | undefined {
  if (value.kind !== 'scalar' || value.style === 'missing') {
    diagnostics.push(
      value.kind === 'scalar'
        ? report('POL2005', value.span, { expected: 'a text in YAML' })
        : report('POL2104', value.span, { key: shorten(key.text), found: kindOf(value) }),
    );
    return undefined;
  }
  const parsed = parseEmbedded(source, value);
  diagnostics.push(...parsed.diagnostics);
  if (parsed.root === undefined || parsed.diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  const decoded = templateShape.decode(parsed.root, { diagnostics });
  return decoded === undefined ? undefined : { value: decoded, span: value.span, key: key.span, node: parsed.root };
}

function checkTierField(
  name: string,
  { value: { tier }, key }: Located<{ readonly tier: Located<string> | undefined }>,
  diagnostics: Diagnostic[],
): void {
  if (tier === undefined || tier.value === name) return;
  const related = key === undefined ? [] : [{ span: key, label: 'the name of the tier' }];
  diagnostics.push(report('POL3143', tier.span, { name: tier.value, key: name }, { related }));
}
