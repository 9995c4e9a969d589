import type { Effect, Enforceable, Point, Policy } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';
import { hidesClone3, type LiveTransition, liveTransitions } from '../seccomp/supervised.ts';
import type { Surroundings } from './lower.ts';

const notHere =
  'nobody moves the program here: that needs Linux 5.6, and programs of the kernel where these alone tell of an event';

/** A launcher that is built is answered for as `polc run` would hold the policy; POL6056 says that itself it does not. */
function isMoved({ supervised }: Surroundings): boolean {
  return supervised !== false;
}

/**
 * The launcher's answers for the transitions of a policy and for what the stricter levels add to the start.
 *
 * @param leaving how a process gets rid of the ceilings of its control group
 * @param told whether the kernel tells what Landlock refuses the program
 */
export function adaptiveCoverage(
  policy: Policy,
  surroundings: Surroundings,
  leaving: string | undefined,
  told: boolean,
): readonly Coverage[] {
  const { adaptive } = policy;
  if (adaptive === undefined) return [];
  const live = new Set(liveTransitions(policy));
  const transitions = policy.obligations.flatMap((each): readonly Coverage[] => {
    if (each.kind !== 'transition') return [];
    if (live.has(each)) return [transitionCoverage(each, policy, surroundings, told)];
    if (each.to === adaptive.start)
      return [{ rule: each.id, status: 'full', enforced: `the program is in \`${each.to}\` from its start` }];
    const lost = 'a running program only becomes stricter, and the next start is in the level of `mode` again';
    return [{ rule: each.id, status: 'none', lost, instead: 'remove the trigger' }];
  });
  const known = new Set(policy.decisions.flatMap(({ rules, otherwise }) => [...rules, otherwise].map(({ id }) => id)));
  const levels = adaptive.levels.flatMap((level) => [
    ...level.decisions.flatMap(({ point, rules, otherwise }) =>
      [...rules, otherwise].flatMap((rule) => {
        if (point === 'syscall') return callCoverage(rule, surroundings);
        return byPrograms(point) && mayHavePrograms(surroundings) ? [] : unreachable(rule, surroundings, point);
      }),
    ),
    ...level.limits.map((limit): Coverage => {
      if (!['memory', 'cpu', 'pids'].includes(limit.resource)) return unreachable(limit, surroundings);
      if (!isMoved(surroundings)) return { rule: limit.id, status: 'none', lost: notHere };
      if (surroundings.supervised === true && surroundings.cgroup === undefined)
        return { rule: limit.id, status: 'none', lost: 'there is no control group whose limits could be lowered' };
      const enforced = 'the files of the control group, which the supervisor writes';
      return leaving === undefined
        ? { rule: limit.id, status: 'full', enforced }
        : { rule: limit.id, status: 'partial', enforced, lost: leaving };
    }),
    ...level.obligations.flatMap((each) => {
      const atHook = each.kind === 'count-calls' || each.kind === 'audit-calls';
      return atHook && mayHavePrograms(surroundings)
        ? []
        : unreachable(each, surroundings, atHook ? 'hook' : undefined);
    }),
  ]);
  const answers = [...transitions, ...levels.filter(({ rule }) => !known.has(rule))];
  if (surroundings.byRun === true) return answers;
  return answers.map((answer) => (answer.status === 'none' ? answer : { ...answer, byRunAlone: true }));
}

function transitionCoverage(
  { id, when, recorded }: LiveTransition,
  policy: Policy,
  surroundings: Surroundings,
  told: boolean,
): Coverage {
  const { supervised, bound } = surroundings;
  // Where programs of the kernel are attached the program is bound to who attached them.
  if (recorded !== undefined && supervised === true && bound !== true)
    return { rule: id, status: 'none', lost: 'no system call tells the file that it opens but behind a pointer' };
  if (!isMoved(surroundings)) return { rule: id, status: 'none', lost: notHere };
  if (when !== undefined) {
    const hidden = hidesClone3(policy) ? '; clone3, whose flags no filter sees, gets ENOSYS' : '';
    return { rule: id, status: 'full', enforced: `the supervisor is asked about each such system call${hidden}` };
  }
  if (recorded !== undefined) {
    return {
      rule: id,
      status: 'partial',
      enforced: 'the supervisor is told by a program at a hook of the kernel of each file that is opened for writing',
      lost: 'the call does not wait meanwhile; files that are made, renamed or removed without being opened are not told of',
    };
  }
  const asked =
    'the supervisor is asked about each system call that the filter refuses by an errno, and told of the audited refusals of hooks';
  if (!told) {
    return {
      rule: id,
      status: 'partial',
      enforced: asked,
      lost: 'what Landlock and the control group refuse nobody is told',
    };
  }
  return {
    rule: id,
    status: 'partial',
    enforced: `${asked}, and where the machine audits of those of Landlock`,
    lost: 'what Landlock refuses is told after the call, and not where auditing is off, kept from polc or out of room; what the control group refuses nobody is told',
  };
}

function callCoverage({ id, effect }: Enforceable & { readonly effect: Effect }, surroundings: Surroundings): Coverage {
  if (!isMoved(surroundings)) return { rule: id, status: 'none', lost: notHere };
  switch (effect.kind) {
    case 'allow':
    case 'log':
    case 'errno':
    case 'deny':
    case 'kill-process':
      return { rule: id, status: 'full', enforced: 'the supervisor, who is asked about what the start lets through' };
    default:
      return { rule: id, status: 'none', lost: `a supervisor cannot answer with \`${effect.kind}\`` };
  }
}

/** What programs of the kernel may hold of a level, which their backend answers for. */
function byPrograms(point: Point): boolean {
  return point === 'hook' || point === 'path' || point === 'socket';
}

/** The program is bound to who started the launcher where that has attached programs of the kernel. */
function mayHavePrograms({ supervised, bound }: Surroundings): boolean {
  return supervised === undefined || (supervised && bound === true);
}

/** What a process can only do to itself: Landlock, namespaces, credentials, resource limits, a mount in its own namespace. */
function unreachable({ id }: Enforceable, surroundings: Surroundings, point?: Point): Coverage {
  if (!isMoved(surroundings)) return { rule: id, status: 'none', lost: notHere };
  const onItself =
    'a process takes this on itself before the program starts; from outside nobody can give it to one that runs';
  if (point === undefined || !byPrograms(point))
    return { rule: id, status: 'none', lost: onItself, instead: 'begin in that level' };
  const lost = point === 'hook' ? '' : `${onItself}, but for programs of the kernel; `;
  return {
    rule: id,
    status: 'none',
    lost: `${lost}this machine takes none of those, or has no control group for them`,
  };
}
