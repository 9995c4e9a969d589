import { combineLaunches } from '../../compiler/ir/launch.ts';
import type { RefusedLaunch } from '../../runtime/launch/alternatives.ts';
import type { LaunchAsked } from '../../runtime/launch/asked.ts';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import type { LaunchOutcome } from '../../runtime/launch/launch.ts';
import { hourlyCost } from '../../runtime/launch/prices.ts';
import { isApproved } from '../../runtime/launch/vouched.ts';
import type { LaunchFiles } from './launch-world.ts';
import { refusedTemplates } from './template-facts.ts';

/**
 * Which other templates of the library the same launch would be allowed with, from their base images: nothing is asked of
 * AWS for them. Without a profile none is offered, since then it is what was launched that refuses.
 */
export function otherTemplates(
  { facts }: LaunchOutcome,
  asked: LaunchAsked,
  { library, asTemplate, world }: LaunchFiles,
): Pick<RefusedLaunch, 'templates'> {
  const { profile } = asked;
  if (profile === undefined) return {};
  const templates = new Map(library.templates().map((each) => [each.name, each]));
  const decide = (name: string): boolean => {
    const other = templates.get(name);
    const template = other === undefined ? undefined : asTemplate(other);
    if (other === undefined || template === undefined) return false;
    if (refusedTemplates(profile.policy, other).length > 0) return false;
    const policy = combineLaunches([
      { role: 'profile', policy: profile.policy },
      { role: 'template', policy: template.policy },
    ]);
    const { verdict } = template;
    const start = template.policy.obligations.find((each) => each.kind === 'start-instance');
    const described = template.policy.obligations.find((each) => each.kind === 'describe-template');
    const instanceType = asked.instanceType ?? (start?.kind === 'start-instance' ? start.instanceType : undefined);
    if (instanceType === undefined) return false;
    const costs = described?.kind === 'describe-template' ? described.costs : [];
    const defaultType = start?.kind === 'start-instance' ? start.instanceType : undefined;
    const priced = { costs, instanceType, region: asked.region, ...(defaultType === undefined ? {} : { defaultType }) };
    const cost = hourlyCost(priced, world.prices)?.dollars;
    const { source: _, authority: __, owner, hourlyCost: ___, ...others } = facts;
    return decideLaunch(policy, {
      ...others,
      launched: name,
      approved: isApproved({ template, region: asked.region }, undefined, world, world.now()),
      lifecycle: 'active',
      ...(template.source === undefined ? {} : { source: template.source }),
      signature: verdict.signature,
      ...(verdict.signature === 'valid' ? { authority: verdict.authority } : {}),
      ...(owner === undefined ? {} : { owner }),
      instanceType,
      ...(cost === undefined ? {} : { hourlyCost: cost }),
    }).allowed;
  };
  return { templates: { policy: profile.policy, names: [...templates.keys()], decide } };
}
