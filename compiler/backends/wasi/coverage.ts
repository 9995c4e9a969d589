import type { Decision, Limit, Obligation, Policy } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';

/** What a hardened guest holds of a policy on any engine. What engines hold by their own options is in `engines.json`. */
export function guestCoverage(policy: Policy): readonly Coverage[] {
  return [
    ...policy.decisions.flatMap(decisionCoverage),
    ...policy.limits.map(limitCoverage),
    ...policy.obligations.flatMap(obligationCoverage),
  ];
}

const enforcedAt: Partial<Readonly<Record<Decision['point'], string>>> = {
  path: 'the guard in a hardened guest, for every function of WASI that takes a path or a descriptor',
  socket: 'a guest of WASI preview 1 opens no socket; its guard refuses those that the policy does not leave to it',
  syscall: 'a guest makes no system calls',
  capability: 'a guest has no capabilities of Linux',
  signal: 'a guest sends no signals: `proc_raise` is refused',
};

function decisionCoverage({ point, rules, otherwise }: Decision): readonly Coverage[] {
  const enforced = enforcedAt[point];
  if (enforced === undefined) return [];
  return [...rules, otherwise].map(({ id, effect }): Coverage => {
    if (point !== 'path' || id === otherwise.id || effect.kind === 'allow')
      return { rule: id, status: 'full', enforced };
    return {
      rule: id,
      status: 'partial',
      enforced,
      lost: 'what the guest takes along with a folder above that it renames',
    };
  });
}

function limitCoverage({ id: rule, resource, ceiling }: Limit): Coverage {
  const full = (enforced: string): Coverage => ({ rule, status: 'full', enforced });
  switch (resource) {
    case 'memory':
      return full('the maximum of the hardened guest`s memory; what its engine needs itself is not counted');
    case 'timeout':
      return {
        rule,
        status: 'partial',
        enforced: 'the guard reads the clock at calls and loops, and ends the guest',
        lost: 'a call of the host that waits ends before the guest does',
      };
    case 'cpu':
      return ceiling.amount >= 1
        ? full('a guest has one thread')
        : { rule, status: 'none', lost: 'no engine gives a guest a share of a processor' };
    case 'pids':
      return full('a guest has one thread and starts no process');
    case 'rlimit:nofile':
      return full('the guard gives back descriptors above the most');
    case 'rlimit:core':
      return full('a guest that traps leaves no core file');
    default:
      return { rule, status: 'none', lost: 'WASI has nothing that limits it' };
  }
}

function obligationCoverage(obligation: Obligation): readonly Coverage[] {
  const rule = obligation.id;
  if (obligation.kind === 'run-with' && obligation.setting === 'runtime') {
    return [{ rule, status: 'full', enforced: 'the program runs as a hardened guest' }];
  }
  if (obligation.kind === 'private-layer') {
    return [
      {
        rule,
        status: 'partial',
        enforced: 'a folder of its own, which `polc run` makes and removes',
        lost: 'its size is not limited',
      },
    ];
  }
  return [];
}
