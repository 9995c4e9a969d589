import type { Environment } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import type { MachineArchitecture } from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';

/** What is known of a launch beyond what the policies themselves say. What is left out is unknown, and refuses. */
export interface LaunchFacts {
  /** A template by its name, or an image by its id or name. */
  readonly launched: string;
  /** institutional, departmental, pi_lab, community, external or personal: the root that the template was loaded from. */
  readonly source?: string;
  readonly signature?: 'valid' | 'absent' | 'invalid';
  readonly authority?: string;
  /** The account of the image, 12 digits. */
  readonly owner?: string;
  readonly approved?: boolean;
  readonly lifecycle?: 'active' | 'deprecated' | 'retired';
  readonly instanceType?: string;
  readonly architecture?: MachineArchitecture;
  readonly region?: string;
  /** Every volume of the instance and of its image is. */
  readonly encrypted?: boolean;
  /** US dollars an hour. */
  readonly hourlyCost?: number;
  /** US dollars an hour of all that the profile runs, this instance included. */
  readonly hourlySpend?: number;
  /** US dollars of this day (UTC), this instance until its end included. */
  readonly dailySpend?: number;
  /** US dollars of this month (UTC), this instance until its end included. */
  readonly monthlySpend?: number;
  /** Days since the image was made. */
  readonly imageAge?: number;
  readonly baseOutdated?: boolean;
  readonly scan?: 'passed' | 'failed' | 'absent';
  readonly invitation?: 'valid' | 'expired' | 'used-up' | 'other-device';
  readonly tags: ReadonlyMap<string, string>;
}

/** A launch under the policies that decide it together, as the reference evaluator reads it. */
export function launchEnvironment(policy: Policy, facts: LaunchFacts): Environment {
  const own = launchFacts(policy);
  const given = new Map<string, Value | undefined>([
    ['launched', facts.launched],
    ['source', facts.source],
    ['signature', facts.signature],
    ['authority', facts.authority],
    ['owner', facts.owner],
    ['approved', facts.approved],
    ['lifecycle', facts.lifecycle],
    ['instance_type', facts.instanceType],
    ['architecture', facts.architecture],
    ['region', facts.region],
    ['encrypted', facts.encrypted],
    ['hourly_cost', facts.hourlyCost],
    ['hourly_spend', facts.hourlySpend],
    ['daily_spend', facts.dailySpend],
    ['monthly_spend', facts.monthlySpend],
    ['image_age', facts.imageAge],
    ['base_outdated', facts.baseOutdated],
    ['scan', facts.scan],
    ['invitation', facts.invitation],
  ]);
  return {
    attribute: (name) =>
      name.startsWith('tag:') ? facts.tags.get(name.slice('tag:'.length)) : (given.get(name) ?? own(name)),
    parameter: () => undefined,
  };
}
