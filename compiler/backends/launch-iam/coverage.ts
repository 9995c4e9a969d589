import type { EffectiveLimit } from '../../ir/launch-limits.ts';
import { type Decision, decisionAt, type Obligation, type Policy, type Rule } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';
import type { AllowedImages } from './allowed-images.ts';
import { isBuilt, type Role } from './role.ts';

/** The answer for each rule of the launch's decision, for what no rule denies, and for what is to happen besides. */
export function launchCoverage(policy: Policy, role: Role, images: AllowedImages): readonly Coverage[] {
  const decision: Decision | undefined = decisionAt(policy, 'launch');
  if (decision === undefined) return [];
  const { otherwise } = decision;
  return [
    ...decision.rules.map((rule) => ruleCoverage(rule, role, images)),
    otherwise.effect.kind === 'allow'
      ? { rule: otherwise.id, status: 'full', enforced: 'what no condition asks is left open' }
      : { rule: otherwise.id, status: 'none', lost: 'the role allows what no condition asks' },
    ...policy.obligations.map((each) => obligationCoverage(each, role)),
  ];
}

/** A rule holds no better than each of the limits that it makes. */
function ruleCoverage(rule: Rule, role: Role, images: AllowedImages): Coverage {
  if (rule.effect.kind === 'allow')
    return { rule: rule.id, status: 'full', enforced: 'what no rule denies is allowed' };
  const enforced = new Set<string>();
  const lost = new Set<string>();
  for (const { limit, said } of role.limits) {
    if (!limit.sources.includes(rule) && !limit.looser.includes(rule)) continue;
    if ('reason' in said) {
      if (limit === images.age) {
        enforced.add('the declarative policy lets EC2 refuse older images');
        lost.add("the account's own images are launched at any age");
      } else lost.add(said.reason);
      continue;
    }
    enforced.add(`a condition of the launch role on ${onWhat[said.place]}`);
    if (said.lost !== undefined) lost.add(said.lost);
  }
  const texts = { enforced: [...enforced].join('; '), lost: [...lost].join('; ') };
  if (lost.size === 0) return { rule: rule.id, status: 'full', enforced: texts.enforced || 'it denies nothing' };
  if (enforced.size === 0) return { rule: rule.id, status: 'none', lost: texts.lost };
  return { rule: rule.id, status: 'partial', ...texts };
}

const onWhat = { image: 'the image', instance: 'the instance', volume: 'its volumes' } as const;

function obligationCoverage(obligation: Obligation, role: Role): Coverage {
  const { id, kind } = obligation;
  switch (kind) {
    case 'describe-template':
      if (!role.tagged) return none(id, 'the template has no images of its own, whose tags would say what it is');
      return {
        rule: id,
        status: 'partial',
        enforced: 'the role launches no images but those whose tags name the template',
        lost: 'what the template costs and promises, IAM does not know',
      };
    case 'build-images':
      if (!isBuilt(obligation)) {
        return {
          rule: id,
          status: 'partial',
          enforced: 'the role launches what its base image may be',
          lost: 'IAM sees neither the name of an image nor what an instance is made into when it starts',
        };
      }
      return {
        rule: id,
        status: 'partial',
        enforced: 'only the builder may write the tags of images',
        lost: 'IAM builds nothing',
      };
    default:
      return none(id, 'IAM decides on requests, and does nothing besides');
  }
}

function none(rule: string, lost: string): Coverage {
  return { rule, status: 'none', lost };
}

/** The limit by the field that it comes from. */
export function topicOf({ sources }: EffectiveLimit): string {
  return sources[0]?.topic ?? 'launch';
}
