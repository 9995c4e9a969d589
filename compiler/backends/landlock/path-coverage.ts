import type { Decision, Rule } from '../../ir/policy.ts';
import { fileSystemRights, type LandlockRight, landlockRight } from '../../tables/landlock.ts';
import type { Coverage } from '../backend.ts';
import { newestListedAbi } from './format.ts';
import { isPattern, pathGrants } from './path-grants.ts';

/** What one rule asks for, on whatever ABI. */
interface PathDemand {
  readonly rule: string;
  /** The rights that it grants; undefined where it grants nothing that Landlock could say. */
  readonly named: readonly NamedRight[] | undefined;
  readonly enforced: string;
}

type NamedRight = Pick<LandlockRight, 'name' | 'abi'>;

/** Adds the answers for every rule about paths on the ABI that is asked about. */
export function pathAnswers({ rules, otherwise }: Decision): (abi: number, answers: Coverage[]) => void {
  const all = fileSystemRights().filter((right) => right.abi <= newestListedAbi);
  const demands = rules.map((rule) => demandOf(rule, all));
  // Without `refer` in the ABI the kernel refuses what the right would allow, which is what is asked for here.
  const restricted = all.filter((right) => right.name !== 'refer');
  return (abi, answers) => {
    for (const demand of demands) answers.push(coverageOf(demand, abi));
    const { id, effect } = otherwise;
    if (effect.kind !== 'deny') answers.push({ rule: id, status: 'full', enforced: 'nothing is handled' });
    else if (abi === 0) answers.push({ rule: id, status: 'none', lost: noLandlock });
    else answers.push(remainder(id, restricted, abi));
  };
}

const noLandlock = 'the target has no Landlock';

function demandOf({ id, effect, when }: Rule, all: readonly NamedRight[]): PathDemand {
  const grants = effect.kind === 'allow' ? pathGrants(when) : undefined;
  if (grants === undefined) return { rule: id, named: undefined, enforced: '' };
  const names = new Set<string>();
  let every = false;
  let expanded = '';
  for (const { pattern, rights } of grants) {
    if (isPattern(pattern)) expanded = ', its pattern expanded when the sandbox starts; what appears later is refused';
    if (rights === undefined) every = true;
    else for (const name of rights) names.add(name);
  }
  const named = every ? all : [...names].map((name) => landlockRight(name) ?? { name, abi: 0 });
  return { rule: id, named, enforced: `a path rule${expanded}` };
}

function coverageOf({ rule, named, enforced }: PathDemand, abi: number): Coverage {
  if (named === undefined) {
    return { rule, status: 'none', lost: 'Landlock only adds rights beneath paths: the rule grants nothing' };
  }
  if (abi === 0) return { rule, status: 'none', lost: noLandlock };
  const missing = named.filter((right) => right.abi > abi);
  if (missing.length === 0) return { rule, status: 'full', enforced };
  const lost = lostRights(missing, abi);
  return missing.length === named.length ? { rule, status: 'none', lost } : { rule, status: 'partial', enforced, lost };
}

function remainder(rule: string, restricted: readonly NamedRight[], abi: number): Coverage {
  const missing = restricted.filter((right) => right.abi > abi);
  const enforced = `every right of ABI ${abi} is handled; metadata has none (chmod, chown, times, xattr, stat, chdir)`;
  return missing.length === 0
    ? { rule, status: 'full', enforced }
    : { rule, status: 'partial', enforced, lost: lostRights(missing, abi) };
}

/** Without `refer` the kernel refuses every rename and link between directories; other rights it lacks are granted. */
function lostRights(missing: readonly NamedRight[], abi: number): string {
  const sentences = missing.map(({ name, abi: since }) =>
    name === 'refer'
      ? `\`refer\` needs ABI ${since}: on ABI ${abi} renaming and linking between directories is always refused`
      : `\`${name}\` needs ABI ${since}: on ABI ${abi} it is allowed everywhere`,
  );
  return sentences.join('; ');
}
