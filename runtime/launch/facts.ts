import type { Environment } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import type { MachineArchitecture } from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';

/**
 * What is known of a launch beyond what the policies themselves say. What is left out is unknown, and refuses; so is an
 * amount that is negative or no number, such as the age of an image that a clock that jumped back makes.
 */
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

type Fact = Exclude<keyof LaunchFacts, 'tags'>;

/** The attributes that a launch itself says, by their names in predicates. */
export const factOf: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  ['launched', 'launched'],
  ['source', 'source'],
  ['signature', 'signature'],
  ['authority', 'authority'],
  ['owner', 'owner'],
  ['approved', 'approved'],
  ['lifecycle', 'lifecycle'],
  ['instance_type', 'instanceType'],
  ['architecture', 'architecture'],
  ['region', 'region'],
  ['encrypted', 'encrypted'],
  ['hourly_cost', 'hourlyCost'],
  ['hourly_spend', 'hourlySpend'],
  ['daily_spend', 'dailySpend'],
  ['monthly_spend', 'monthlySpend'],
  ['image_age', 'imageAge'],
  ['base_outdated', 'baseOutdated'],
  ['scan', 'scan'],
  ['invitation', 'invitation'],
]);

/** The facts that are amounts. */
export const amounts: ReadonlySet<string> = new Set<Fact>([
  'hourlyCost',
  'hourlySpend',
  'dailySpend',
  'monthlySpend',
  'imageAge',
]);

/** A launch under the policies that decide it together, as the reference evaluator reads it. */
export function launchEnvironment(policy: Policy, facts: LaunchFacts): Environment {
  const own = launchFacts(policy);
  return { attribute: (name) => givenValue(name, facts) ?? own(name), parameter: () => undefined };
}

function givenValue(name: string, facts: LaunchFacts): Value | undefined {
  if (name.startsWith('tag:')) return facts.tags.get(name.slice('tag:'.length));
  const fact = factOf.get(name);
  const value = fact === undefined ? undefined : facts[fact];
  return typeof value === 'number' && !(value >= 0 && value < Number.POSITIVE_INFINITY) ? undefined : value;
}
