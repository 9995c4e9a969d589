import { and, attribute, inSet, not, or, type Predicate } from '../../../expressions/predicate.ts';
import type { LaunchStep } from '../../../ir/launch.ts';
import { classifications } from '../../../ir/launch-facts.ts';
import { launchNames, unlessAmong, unlessIs, unlessTagged, whereAmong, whereOver } from '../../../ir/launch-rules.ts';
import type { Classification } from '../../../ir/obligation.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import { dataRule } from '../../../tables/data-rules.ts';
import type { BudgetsDocument, LimitsDocument } from '../shape.ts';

/** A rule before it has its number. */
export interface Draft {
  readonly step: LaunchStep;
  /** The key that says it, with those around it within its part. */
  readonly topic: string;
  readonly span: Span;
  /** Where it denies. */
  readonly when: Predicate;
}

/** What the limits say that every part can have. */
export function limitDrafts(limits: LimitsDocument): readonly Draft[] {
  const drafts: Draft[] = [];
  const { allowed_images: images, image_whitelist, ami_whitelist } = limits;
  const allowedImages = { allowed_images: images, image_whitelist, ami_whitelist };
  const { allowed_templates, template_whitelist, denied_templates, template_blacklist, denied_images } = limits;
  drafts.push(...allowedNames({ allowed_templates, template_whitelist }, allowedImages));
  for (const [topic, list] of given({ denied_templates, template_blacklist, denied_images })) {
    const when = whereAmong(launchNames, valuesOf(list));
    if (list.value.length > 0) drafts.push({ step: 'source', topic, span: list.span, when });
  }
  const { allowed_instance_types, max_instance_types, denied_instance_types } = limits;
  drafts.push(
    ...listDrafts('instance_type', { allowed_instance_types, max_instance_types }, { denied_instance_types }),
  );
  const { allowed_regions, forbidden_regions, denied_regions } = limits;
  drafts.push(...listDrafts('region', { allowed_regions }, { forbidden_regions, denied_regions }));
  drafts.push(...budgetDrafts(limits, ''));
  for (const { value, span } of limits.required_tags?.value ?? []) {
    drafts.push({ step: 'resources', topic: 'required_tags', span, when: unlessTagged(value) });
  }
  for (const { value, span } of limits.data_handling_rules?.value ?? []) {
    const encrypted = dataRule(value)?.requires === 'encrypted-storage';
    const when = unlessIs(encrypted ? 'encrypted' : `data:${value}`, true);
    drafts.push({ step: 'classification', topic: 'data_handling_rules', span, when });
  }
  drafts.push(...frameworkDrafts('required_frameworks', limits.required_frameworks));
  return drafts;
}

type Lists = Readonly<Record<string, Located<readonly Located<string>[]> | undefined>>;

/** A launch fits where a list of templates or one of images names it; of two lists of the same, both have to. */
function allowedNames(templates: Lists, images: Lists): readonly Draft[] {
  const byTemplate = given(templates);
  const byImage = given(images);
  const lists = (of: readonly (readonly [string, Located<readonly Located<string>[]>])[]) =>
    of.map(([topic, list]) => ({ topic, span: list.span, values: valuesOf(list) }));
  const alone = byTemplate.length === 0 ? lists(byImage) : lists(byTemplate);
  // What a pair of lists names together: each list of templates with each list of images.
  const pairs =
    byTemplate.length === 0 || byImage.length === 0
      ? alone
      : lists(byTemplate).flatMap((one) =>
          lists(byImage).map((other) => ({ ...one, values: [...one.values, ...other.values] })),
        );
  return pairs.map(({ topic, span, values }) => ({
    step: 'source',
    topic,
    span,
    when: unlessAmong(launchNames, values),
  }));
}

function listDrafts(name: string, allowed: Lists, denied: Lists): readonly Draft[] {
  const rules = given(allowed).map(([topic, list]): Draft => {
    return { step: 'resources', topic, span: list.span, when: unlessAmong([name], valuesOf(list)) };
  });
  for (const [topic, list] of given(denied)) {
    if (list.value.length === 0) continue;
    rules.push({ step: 'resources', topic, span: list.span, when: whereAmong([name], valuesOf(list)) });
  }
  return rules;
}

const spending = {
  max_hourly_cost: 'hourly_cost',
  max_hourly_budget: 'hourly_spend',
  max_daily_budget: 'daily_spend',
  max_monthly_budget: 'monthly_spend',
} as const;

export function budgetDrafts(budgets: BudgetsDocument, within: string): readonly Draft[] {
  const keys = ['max_hourly_cost', 'max_hourly_budget', 'max_daily_budget', 'max_monthly_budget'] as const;
  return keys.flatMap((key): readonly Draft[] => {
    const bound = budgets[key];
    if (bound === undefined) return [];
    const when = whereOver(spending[key], bound.value);
    return [{ step: 'resources', topic: `${within}${key}`, span: bound.span, when }];
  });
}

export function frameworkDrafts(
  topic: string,
  list: Located<readonly Located<string>[]> | undefined,
): readonly Draft[] {
  return (list?.value ?? []).map(({ value, span }) => ({
    step: 'compliance',
    topic,
    span,
    when: unlessIs(`framework:${value}`, true),
  }));
}

/** Denies what is classified higher. */
export function clearanceDrafts(
  clearances: Readonly<Record<string, Located<Classification> | undefined>>,
): readonly Draft[] {
  return given(clearances).map(([topic, { value, span }]) => ({
    step: 'classification',
    topic,
    span,
    when: whereOver('classification', BigInt(classifications.indexOf(value))),
  }));
}

/** Denies what `among` speaks of unless it is approved. */
export function unlessApproved(sources: readonly string[] | undefined): Predicate {
  const missing = unlessIs('approved', true);
  return sources === undefined ? missing : and(inSet(attribute('source'), sources), missing);
}

/** Denies a valid signature by anybody else. */
export function unlessSignedBy(authorities: readonly string[]): Predicate {
  return and(inSet(attribute('signature'), ['valid']), not(or(inSet(attribute('authority'), authorities))));
}

export function valuesOf(list: Located<readonly Located<string>[]>): readonly string[] {
  return list.value.map(({ value }) => value);
}

/** The fields that are there, by their keys. */
export function given<T>(fields: Readonly<Record<string, T | undefined>>): readonly (readonly [string, T])[] {
  return Object.entries(fields).flatMap(([key, field]) => (field === undefined ? [] : [[key, field] as const]));
}
