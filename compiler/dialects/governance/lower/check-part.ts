import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { matchesGlob } from '../../../expressions/glob.ts';
import type { Located } from '../../../schema/shape.ts';
import { partitionOfRegion } from '../../../tables/aws-regions.ts';
import type { Target } from '../../../target.ts';
import type { BudgetsDocument, InstitutionDocument, InvitationDocument, LimitsDocument } from '../shape.ts';
import { given } from './draft.ts';
import type { Part } from './part.ts';

type Names = Located<readonly Located<string>[]>;

/** What is wrong with a part whatever the others say. */
export function checkPart(part: Part, target: Target, diagnostics: Diagnostic[]): void {
  const limits = part.document;
  checkEmpty(allowLists(part), diagnostics);
  checkZero(limits, diagnostics);
  if (part.role === 'institution' && part.document.budget_limits !== undefined) {
    checkZero(part.document.budget_limits.value, diagnostics);
  }
  checkBoth(
    [limits.allowed_templates, limits.template_whitelist],
    [limits.denied_templates, limits.template_blacklist],
    diagnostics,
  );
  checkBoth([limits.allowed_images, limits.image_whitelist, limits.ami_whitelist], [limits.denied_images], diagnostics);
  checkBoth([limits.allowed_instance_types, limits.max_instance_types], [limits.denied_instance_types], diagnostics);
  checkBoth([limits.allowed_regions], [limits.forbidden_regions, limits.denied_regions], diagnostics);
  checkPartition(limits, target, diagnostics);
  if (part.role === 'invitation') checkInvitation(part.document, diagnostics);
}

/** The lists outside of which nothing is launched, by key. */
function allowLists(part: Part): readonly (readonly [string, Located<readonly unknown[]>])[] {
  const { allowed_templates, template_whitelist, allowed_images, image_whitelist, ami_whitelist } = part.document;
  const { allowed_instance_types, max_instance_types, allowed_regions } = part.document;
  const lists = given({
    allowed_templates,
    template_whitelist,
    allowed_images,
    image_whitelist,
    ami_whitelist,
    allowed_instance_types,
    max_instance_types,
    allowed_regions,
  });
  return part.role === 'institution' ? [...lists, ...institutionLists(part.document)] : lists;
}

function institutionLists({ allowed_sources, trusted_authorities, images }: InstitutionDocument) {
  return given<Located<readonly unknown[]>>({ allowed_sources, trusted_authorities, owners: images?.value.owners });
}

function checkEmpty(
  lists: readonly (readonly [string, Located<readonly unknown[]>])[],
  diagnostics: Diagnostic[],
): void {
  for (const [key, { span, node }] of lists) {
    // A list whose items are all wrong has been reported.
    if (node.kind === 'sequence' && node.items.length === 0) diagnostics.push(report('POL5340', span, { key }));
  }
}

function checkZero(budgets: BudgetsDocument, diagnostics: Diagnostic[]): void {
  const { max_hourly_cost, max_hourly_budget, max_daily_budget, max_monthly_budget } = budgets;
  for (const [key, { value, span }] of given({
    max_hourly_cost,
    max_hourly_budget,
    max_daily_budget,
    max_monthly_budget,
  })) {
    if (value === 0) diagnostics.push(report('POL5341', span, { key }));
  }
}

/** What is allowed by name and denied as well: the deny wins. */
function checkBoth(
  allowed: readonly (Names | undefined)[],
  denied: readonly (Names | undefined)[],
  diagnostics: Diagnostic[],
): void {
  const refusals = denied.flatMap((list) => list?.value ?? []);
  for (const { value, span } of allowed.flatMap((list) => list?.value ?? [])) {
    const refusal = refusals.find((each) => each.value === value || matchesGlob(value, each.value));
    if (refusal === undefined) continue;
    const related = [{ span: refusal.span, label: 'denied here' }];
    diagnostics.push(report('POL5342', span, { name: value }, { related }));
  }
}

/** No credentials of the target's partition reach a region of another one. */
function checkPartition(limits: LimitsDocument, target: Target, diagnostics: Diagnostic[]): void {
  const { partition } = target.aws;
  const lists = [limits.allowed_regions, limits.forbidden_regions, limits.denied_regions];
  for (const { value, span } of lists.flatMap((list) => list?.value ?? [])) {
    const other = partitionOfRegion(value);
    if (other === undefined || other === partition) continue;
    diagnostics.push(report('POL5343', span, { region: value, other, partition }));
  }
}

function checkInvitation({ policy_inheritance, expires }: InvitationDocument, diagnostics: Diagnostic[]): void {
  if (policy_inheritance?.value === false) diagnostics.push(report('POL5344', policy_inheritance.span, {}));
  if (expires !== undefined && !isTime(expires.value)) {
    diagnostics.push(report('POL4220', expires.span, { value: expires.value }));
  }
}

/** Whether the calendar has the day, and the day the hour: `Date` makes 2 March of 30 February. */
function isTime(text: string): boolean {
  const instant = Date.parse(text);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text.slice(0, 10));
}
