import { refusalOf } from '../../compiler/ir/launch-facts.ts';
import { effectiveLimits } from '../../compiler/ir/launch-limits.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { partitionOfRegion, regionsOf } from '../../compiler/tables/aws-regions.ts';
import { instanceTypes } from '../../compiler/tables/instance-types.ts';
import { compileLaunch } from './compiled.ts';
import type { LaunchFacts } from './facts.ts';

/** What else the same launch would be allowed with, each by itself. Cheapest first, what has no price last. */
export interface Alternatives {
  readonly instanceTypes: readonly Alternative[];
  readonly regions: readonly Alternative[];
  readonly templates: readonly string[];
}

export interface Alternative {
  readonly name: string;
  /** US dollars. */
  readonly hourlyCost?: number;
}

export interface LaunchChange {
  readonly instanceType?: string;
  readonly region?: string;
}

/** A launch that was refused. */
export interface RefusedLaunch {
  /** The combined policy of all parts, not optimised. */
  readonly policy: Policy;
  readonly facts: LaunchFacts;
  /** The facts of the same launch with something else, its cost and spending too; undefined where it cannot be made so. */
  factsFor(change: LaunchChange): LaunchFacts | undefined;
  /** Where it can be made. Absent: all regions of the partition. */
  readonly regions?: readonly string[];
  readonly templates?: OtherTemplates;
}

export interface OtherTemplates {
  /** What decides without the template: institution, profile and invitation. Absent where there is none. */
  readonly policy?: Policy;
  /** The templates that there are. */
  readonly names: readonly string[];
  /** Whether a launch of this one, with nothing else changed, is allowed. Asked for the first few that the lists let pass. */
  decide(name: string): boolean;
}

/** Of more nobody reads the list. */
const mostNamed = 8;
/** Each one looked at is compiled, which takes milliseconds. */
const mostLookedAt = 24;

/** Decides the launch again with each instance type, region and template that there is. */
export function alternatives(launch: RefusedLaunch): Alternatives {
  const { policy, facts, factsFor, templates } = launch;
  const { allows } = compileLaunch(policy);
  const allowed = (names: Iterable<string>, change: (name: string) => LaunchChange): readonly Alternative[] => {
    const found: Alternative[] = [];
    for (const name of names) {
      const changed = factsFor(change(name));
      if (changed === undefined || !allows(changed)) continue;
      const cost = changed.hourlyCost;
      found.push(cost === undefined ? { name } : { name, hourlyCost: cost });
    }
    return found.sort(byCost).slice(0, mostNamed);
  };
  const partition = partitionOfRegion(facts.region ?? '');
  const regions = launch.regions ?? (partition === undefined ? [] : regionsOf(partition));
  const types = [...instanceTypes()].flatMap(({ name, architecture }) =>
    name !== facts.instanceType && architecture === (facts.architecture ?? architecture) ? [name] : [],
  );
  return {
    instanceTypes: allowed(types, (instanceType) => ({ instanceType })),
    regions: allowed(
      regions.filter((name) => name !== facts.region),
      (region) => ({ region }),
    ),
    templates: templates === undefined ? [] : otherTemplates(templates, facts.launched),
  };
}

/** Names first, which costs nothing; and a template that is on a list by its name before one that a pattern lets pass. */
function otherTemplates({ policy, names, decide }: OtherTemplates, launched: string): readonly string[] {
  const listed = new Set(policy === undefined ? [] : listedNames(policy));
  const possible = names.filter(
    (name) => name !== launched && (policy === undefined || refusalOf(policy, name) === undefined),
  );
  const ordered = [...new Set(possible)].sort(
    (left, right) => Number(listed.has(right)) - Number(listed.has(left)) || (left < right ? -1 : 1),
  );
  const found: string[] = [];
  for (const name of ordered.slice(0, mostLookedAt)) {
    if (found.length === mostNamed) break;
    if (decide(name)) found.push(name);
  }
  return found.sort();
}

function listedNames(policy: Policy): readonly string[] {
  return effectiveLimits(policy).flatMap((limit) =>
    limit.kind === 'one-of' && limit.attributes.includes('template') ? limit.values : [],
  );
}

function byCost(left: Alternative, right: Alternative): number {
  const [one, other] = [left, right].map(({ hourlyCost }) => hourlyCost ?? Number.POSITIVE_INFINITY) as [
    number,
    number,
  ];
  if (one !== other) return one - other;
  return left.name < right.name ? -1 : 1;
}
