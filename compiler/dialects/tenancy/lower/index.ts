import type { Policy } from '../../../ir/policy.ts';
import { lowerAccess } from './access.ts';
import { checkTenancy } from './checks.ts';
import { lowerLimits } from './limits.ts';
import type { Lowering } from './lowering.ts';
import { lowerQuotas } from './quotas.ts';
import { lowerTargets } from './targets.ts';

/**
 * The meaning of a tenancy policy: the decision at `request` says who may use which model, the quotas say how much, and
 * an obligation for each target says where.
 */
export function lowerTenancy(lowering: Lowering): Policy {
  checkTenancy(lowering);
  return {
    name: nameOf(lowering),
    decisions: [lowerAccess(lowering)],
    limits: lowerLimits(lowering),
    obligations: lowerTargets(lowering),
    quotas: lowerQuotas(lowering),
  };
}

function nameOf({ gathered, path }: Lowering): string {
  const stem = (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '');
  return gathered.said.platform?.value ?? (/^[A-Za-z0-9._-]+$/.test(stem) ? stem : 'policy');
}
