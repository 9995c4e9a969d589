import { report } from '../../../diagnostics/report.ts';
import type { DescribeTemplate } from '../../../ir/obligation.ts';
import type { Obligation } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import { classificationOf } from './classification.ts';
import { all, dollarText, type Lowering, last } from './lowering.ts';

/** What is known of the template beside its limits: lists of all layers are joined, except that profiles only shrink. */
export function describeTemplate(lowering: Lowering): Obligation & DescribeTemplate {
  const { layers, own } = lowering;
  const { name, policy_metadata: metadata, version } = own.document;
  const lists = layers.flatMap(({ document }) => document.policy_metadata?.value.allowed_profiles?.value ?? []);
  const limited = layers.map(({ document }) => document.policy_metadata?.value.allowed_profiles).filter(isPresent);
  const profiles = lists.map(({ value }) => value).filter((each) => limited.every((list) => has(list, each)));
  const classified = classificationOf({ ...lowering, diagnostics: [] });
  const known = version ?? metadata?.value.template_version;
  const span = metadata?.key ?? name?.span ?? { file: own.source.path, start: 0, end: 0 };
  return {
    id: 'template',
    topic: metadata === undefined ? 'name' : 'policy_metadata',
    origin: { span },
    kind: 'describe-template',
    template: sourceName(lowering),
    ...(known === undefined ? {} : { version: known.value }),
    ...(classified === undefined ? {} : { classification: classified.value }),
    frameworks: sorted(all(lowering, ({ policy_metadata: of }) => of?.value.compliance_frameworks?.value)),
    dataRules: sorted(all(lowering, ({ policy_metadata: of }) => of?.value.data_handling?.value)),
    ...(limited.length === 0 ? {} : { profiles: [...new Set(profiles)].sort() }),
    approvalRequired: layers.some(({ document }) => document.policy_metadata?.value.approval_required?.value === true),
    costs: costs(lowering),
  };
}

/** The template whose name lists know: the template itself, or one that it inherits and names. */
function sourceName({ layers, own, diagnostics }: Lowering): string {
  const named = own.document.policy_metadata?.value.source_template;
  if (named === undefined) return own.name;
  const layer = layers.find(({ name, document }) => name === named.value || document.name?.value === named.value);
  if (layer === undefined) diagnostics.push(report('POL5307', named.span, { name: named.value }));
  return layer?.name ?? own.name;
}

/** Prices by architecture and by instance type: those of the template itself before what it inherits. */
function costs(lowering: Lowering): DescribeTemplate['costs'] {
  const found = new Map<string, number>();
  for (const { document } of lowering.layers) {
    const carried = document.policy_metadata?.value.cost_estimates?.value ?? [];
    const estimated = document.instance_defaults?.value.estimated_cost_per_hour?.value ?? [];
    for (const { key, value } of [...carried, ...estimated]) found.set(key.value, value.value);
    if (document !== lowering.own.document) continue;
    for (const { key, value } of carried) {
      const other = estimated.find((each) => each.key.value === key.value);
      if (other === undefined || other.value.value === value.value) continue;
      const related = [{ span: other.value.span, label: `${dollarText(other.value.value)} here` }];
      const values = { of: key.value, price: dollarText(value.value) };
      lowering.diagnostics.push(report('POL5308', value.span, values, { related }));
    }
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The default instance type: what is written, or else the first that is allowed of those that are preferred. */
export function defaultType(types: readonly string[] | undefined, lowering: Lowering): Located<string> | undefined {
  const written = last(lowering, ({ instance_defaults: of }) => of?.value.type);
  if (written !== undefined) return written;
  const [ofImages] = last(lowering, ({ ami_config: of }) => of?.value.instance_types)?.value ?? [];
  if (ofImages !== undefined) return ofImages.value;
  const preferred = last(lowering, ({ instance_defaults: of }) => of?.value.instance_type_preference)?.value ?? [];
  return preferred.find(({ value }) => types === undefined || types.includes(value)) ?? preferred[0];
}

function sorted(list: readonly Located<string>[]): readonly string[] {
  return [...new Set(list.map(({ value }) => value))].sort();
}

function has(list: Located<readonly Located<string>[]>, name: string): boolean {
  return list.value.some(({ value }) => value === name);
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
