import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { Coverage } from '../backend.ts';
import { levelDecisions } from '../seccomp/supervised.ts';
import type { BuiltPrograms } from './build.ts';
import { hookAnswers, socketAnswers } from './coverage.ts';
import type { LevelPart } from './levels.ts';
import { heldDecision, pathHooks } from './paths/lower.ts';
import { programsLoss, withLoss } from './ways-out.ts';

const onceMoved = 'in place from the start under `polc run`, and asked from the move on';

/** What a program may do before it is moved, and what no hook is asked about. */
const pathLosses =
  'files that are open at the move stay, and so do a root (chroot) and mounts that the program has made; setns(2), and ioctl(2) of devices that are open, nobody asks about';

/**
 * What the programs of a stricter level hold of it.
 *
 * @param atStart the programs of the level of the start
 */
export function levelCoverage(
  whole: Policy,
  { level, policy }: LevelPart,
  target: Target,
  built: BuiltPrograms,
  atStart: Pick<BuiltPrograms, 'without'>,
): readonly Coverage[] {
  const at = whole.adaptive?.levels.findIndex((each) => each.level === level) ?? -1;
  const calls = levelDecisions(whole).stricter[at];
  // What the level's system calls refuse the supervisor answers; capabilities and namespaces are the start's for good.
  const beside: Policy = {
    ...policy,
    decisions: [...policy.decisions, ...(calls === undefined ? [] : [calls])],
  };
  const answers = [
    ...hookAnswers(policy, target, built, onceMoved),
    ...pathAnswers(policy, target, built.without),
    ...socketAnswers(beside, target, built, onceMoved),
  ];
  // Until the move the start alone keeps the program from getting rid of them, at hooks where it has programs.
  const { adaptive: _levels, ...start } = whole;
  return withLoss(policy, answers, programsLoss(start, target, { programs: built.programs, without: atStart.without }));
}

function pathAnswers(policy: Policy, target: Target, without: ReadonlyMap<string, string>): readonly Coverage[] {
  const decision = decisionAt(policy, 'path');
  if (decision === undefined) return [];
  const rules = [...decision.rules, decision.otherwise];
  if (heldDecision(policy, target, 'alone') === undefined) {
    return rules.map(({ id }) => ({ rule: id, status: 'none', lost: 'programs hold lists of what is allowed only' }));
  }
  const hooks = pathHooks(policy, target, 'alone');
  const missing = hooks.flatMap((hook) => (without.has(hook) ? [`${hook}: ${without.get(hook)}`] : []));
  return rules.map(({ id }) => ({
    rule: id,
    status: 'partial',
    enforced: `programs at ${hooks.length - missing.length} hooks, ${onceMoved}`,
    lost: [...missing, pathLosses].join('; '),
  }));
}
