import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { combineLaunches, launchRules } from '../../compiler/ir/launch.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import type { Rule } from '../../compiler/ir/policy.ts';
import type { Verdict } from '../../runtime/signing/verdict.ts';
import { type LibraryTemplate, sourceOf } from './library.ts';
import { isOfTemplate } from './of-template.ts';
import type { OpenedProfile } from './profile.ts';
import { type RefusedTemplate, refusedTemplates } from './template-facts.ts';

/** A template that a profile may not use, and why: `its source \`external\` is not allowed`. */
export interface RefusedUse extends RefusedTemplate {
  readonly reason: string;
}

/**
 * What a profile refuses of a template whatever is launched of it and wherever: its name and those of what it builds on, its
 * source, its signature, its classification, what it does not promise, and an invitation that no longer counts.
 */
export function refusedUses(
  profile: Pick<OpenedProfile, 'policy' | 'invitation'>,
  template: LibraryTemplate,
  verdict: Verdict,
): readonly RefusedUse[] {
  const { name, compilation } = template;
  const refused: RefusedUse[] = refusedTemplates(profile.policy, template).map((each) => ({
    ...each,
    reason:
      each.name === name
        ? `template '${name}' not allowed for this profile`
        : `template '${each.name}' not allowed for this profile, and '${name}' inherits it`,
  }));
  const { lowered } = compilation;
  if (lowered === undefined) return refused;
  const said = launchFacts(
    combineLaunches([
      { role: 'profile', policy: profile.policy },
      { role: 'template', policy: lowered },
    ]),
  );
  const source = sourceOf(template, verdict);
  const known: Readonly<Record<string, Value | undefined>> = {
    launched: name,
    // What has to be signed and is not is of no source that a list could name.
    source: source ?? '',
    signature: verdict.signature,
    authority: verdict.signature === 'valid' ? verdict.authority : '',
    invitation: profile.invitation?.status,
    lifecycle: 'active',
  };
  const environment = { attribute: (each: string) => known[each] ?? said(each), parameter: () => undefined };
  for (const rule of launchRules(profile.policy)) {
    if (rule.effect.kind === 'allow' || refused.some((each) => each.rule === rule)) continue;
    const denied = evaluate(rule.when, environment);
    if (denied !== true && !(denied === undefined && isOfTemplate(rule.when))) continue;
    refused.push({ name, rule, reason: reasonOf(rule, source, verdict) });
  }
  return refused;
}

function reasonOf({ when, topic }: Rule, source: string | undefined, { signature }: Verdict): string {
  const names = [...mentionedValues([when]).keys()];
  const about = (...some: readonly string[]) => some.some((each) => names.includes(each));
  if (about('source')) {
    return source === undefined
      ? 'its source needs a signature that counts'
      : `its source \`${source}\` is not allowed`;
  }
  if (about('signature')) return signature === 'absent' ? 'it is not signed' : 'its signature does not count';
  if (about('authority')) return 'no authority that is trusted has signed it';
  if (about('invitation')) return 'the invitation does not count any more';
  if (about('classification')) return 'its classification is not one that the profile may see';
  const promise = names.find((each) => /^(?:framework|data):/.test(each));
  return promise === undefined
    ? `\`${topic}\` refuses it`
    : `it is not made for \`${promise.slice(promise.indexOf(':') + 1)}\``;
}
