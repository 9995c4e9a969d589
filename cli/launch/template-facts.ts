import { matchesGlob } from '../../compiler/expressions/glob.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { combineLaunches } from '../../compiler/ir/launch.ts';
import { refusalOf } from '../../compiler/ir/launch-facts.ts';
import { type EffectiveLimit, effectiveLimits, limitHolds } from '../../compiler/ir/launch-limits.ts';
import type { Policy, Rule } from '../../compiler/ir/policy.ts';
import { dollars, printLimit } from '../../compiler/ir/print-limit.ts';
import type { LibraryTemplate } from './library.ts';
import { writtenOrder } from './written-order.ts';

/**
 * What a template restricts, in the words and the order of seed 000: `Max hourly cost: $0.20`. That a clearance has to reach
 * its classification is said with that.
 */
export function restrictionsOf({ compilation, signed }: LibraryTemplate): readonly string[] {
  const { lowered: policy } = compilation;
  if (policy === undefined) return [];
  const limits = effectiveLimits(combineLaunches([{ role: 'template', policy }]));
  const place = writtenOrder(signed?.content);
  const texts = limits.flatMap((limit) => restriction(limit, (left, right) => place(left) - place(right)));
  const tags = limits.flatMap((limit) => (limit.kind === 'tagged' ? [limit.tag] : []));
  if (tags.length > 0) texts.push(`Required tags: ${tags.join(', ')}`);
  const rank = (text: string) => (first.findIndex((start) => text.startsWith(start)) + first.length) % first.length;
  return texts.sort((left, right) => rank(left) - rank(right));
}

/** The last stands for every other one. */
const first = ['Max instance types', 'Max hourly cost', 'Forbidden regions', 'Allowed profiles', 'Required tags', ''];

function restriction(limit: EffectiveLimit, order: (left: string, right: string) => number): string[] {
  const about = 'attributes' in limit ? limit.attributes.join() : 'attribute' in limit ? limit.attribute : '';
  const list = 'values' in limit ? [...limit.values].sort(order).join(', ') : '';
  if (limit.kind === 'tagged') return [];
  if (limit.kind === 'one-of' && about === 'instance_type') return [`Max instance types: ${list}`];
  if (limit.kind === 'one-of' && about === 'profile') return [`Allowed profiles: ${list}`];
  if (limit.kind === 'none-of' && about === 'region') return [`Forbidden regions: ${list}`];
  if (limit.kind === 'at-most' && about === 'hourly_cost') return [`Max hourly cost: ${dollars(limit.bound)}`];
  if (mentionedValues([limitHolds(limit)]).has('clearance')) return [];
  const text = printLimit(limit);
  return [text.charAt(0).toUpperCase() + text.slice(1)];
}

/** A template that a profile may not use: the one that was asked for, or one that it builds on. */
export interface RefusedTemplate {
  readonly name: string;
  readonly rule: Rule;
}

/**
 * What a profile refuses of a template whatever is launched: policy holds when a template is resolved. Names only; the
 * launch decides the rest. The template that it says it is the image of, its `source_template`, is looked up together with
 * it: one of both on a list is enough.
 *
 * @param profile the chain of the profile
 */
export function refusedTemplates(
  profile: Policy,
  { name, inherits, compilation }: LibraryTemplate,
): readonly RefusedTemplate[] {
  const described = compilation.lowered?.obligations.find((each) => each.kind === 'describe-template');
  const source = described?.kind === 'describe-template' ? described.template : name;
  const own = refusalOf(profile, source, name);
  const others = inherits.flatMap((each) => {
    const rule = each === source ? undefined : refusalOf(profile, each);
    return rule === undefined ? [] : [{ name: each, rule }];
  });
  return own === undefined ? others : [{ name, rule: own }, ...others];
}

/** Whether whoever launches it is told to leave it, by what the institution says of its lifecycle. */
export function isDeprecated(profile: Policy, names: readonly string[]): boolean {
  return profile.obligations.some(
    (obligation) =>
      obligation.kind === 'deprecate' &&
      obligation.templates.some((pattern) => names.some((name) => matchesGlob(name, pattern))),
  );
}
