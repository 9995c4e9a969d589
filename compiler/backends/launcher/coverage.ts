import { decisionAt, type Limit, type Obligation, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { Coverage } from '../backend.ts';
import { landlockCoverage } from '../landlock/coverage.ts';
import { landlockRuleset } from '../landlock/ruleset.ts';
import { affinityOf, resourceOf, type Surroundings } from './lower.ts';
import { networkIsolation } from '../network-isolation.ts';

/** The launcher's answer for every rule, limit and obligation that one of its steps serves. */
export function launcherCoverage(policy: Policy, target: Target, surroundings: Surroundings = {}): readonly Coverage[] {
  return [
    ...syscallCoverage(policy),
    ...capabilityCoverage(policy),
    ...restrictionCoverage(policy, target, surroundings),
    ...policy.limits.flatMap((limit) => limitCoverage(limit, surroundings)),
    ...policy.obligations.flatMap(obligationCoverage),
  ];
}

function syscallCoverage(policy: Policy): readonly Coverage[] {
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return [];
  return [...decision.rules, decision.otherwise].map(({ id, effect }): Coverage => {
    if (effect.kind !== 'notify')
      return { rule: id, status: 'full', enforced: 'the filter that the launcher attaches' };
    return {
      rule: id,
      status: 'none',
      lost: 'nobody listens: the launcher leaves no supervisor, the call gets ENOSYS',
    };
  });
}

function capabilityCoverage(policy: Policy): readonly Coverage[] {
  const decision = decisionAt(policy, 'capability');
  if (decision === undefined) return [];
  return [...decision.rules, decision.otherwise].map(({ id }) => ({
    rule: id,
    status: 'full',
    enforced: 'the capability sets, and no_new_privs so that none comes back',
  }));
}

/** Landlock's own answers, but for sockets where a network namespace does more, and patterns that nobody has expanded. */
function restrictionCoverage(policy: Policy, target: Target, { expansions }: Surroundings): readonly Coverage[] {
  const ruleset = landlockRuleset(policy, target.landlock);
  const network = networkIsolation(decisionAt(policy, 'socket'));
  const sockets = new Set(
    (['socket'] as const).flatMap((point) => {
      const decision = decisionAt(policy, point);
      return decision === undefined ? [] : [...decision.rules, decision.otherwise].map((rule) => rule.id);
    }),
  );
  const unexpanded = new Set(
    expansions !== undefined
      ? []
      : ruleset.paths.filter((path) => path.glob).flatMap((path) => path.rules.map((rule) => rule.id)),
  );
  return landlockCoverage(policy, ruleset).map((answer): Coverage => {
    if (network !== 'shared' && sockets.has(answer.rule)) {
      const reach = network === 'empty' ? 'nothing' : 'only the sandbox itself, over `lo`';
      return { rule: answer.rule, status: 'full', enforced: `a network namespace from which ${reach} can be reached` };
    }
    if (!unexpanded.has(answer.rule)) return answer;
    return {
      rule: answer.rule,
      status: 'none',
      lost: 'the pattern is expanded by `polc run`, not in a built launcher',
    };
  });
}

function limitCoverage(limit: Limit, { cgroup }: Surroundings): readonly Coverage[] {
  switch (limit.resource) {
    case 'memory':
    case 'cpu':
    case 'pids':
      if (cgroup === undefined) return [];
      return [{ rule: limit.id, status: 'full', enforced: 'the cgroup that the launcher joins' }];
    case 'timeout':
      return [{ rule: limit.id, status: 'full', enforced: 'a deadline that ends the PID namespace' }];
    case 'disk':
      return [
        {
          rule: limit.id,
          status: 'partial',
          enforced: `files of more than ${limit.ceiling.amount} bytes (rlimit)`,
          lost: 'many small files',
        },
      ];
    default: {
      const resource = resourceOf(limit);
      if (resource === undefined) return [];
      return [{ rule: limit.id, status: 'full', enforced: `the resource limit \`${resource}\`` }];
    }
  }
}

function obligationCoverage(obligation: Obligation): readonly Coverage[] {
  if (obligation.kind === 'private-layer') {
    return [{ rule: obligation.id, status: 'full', enforced: 'a tmpfs in a mount namespace' }];
  }
  if (affinityOf(obligation) === undefined) return [];
  return [{ rule: obligation.id, status: 'full', enforced: 'the CPU affinity' }];
}
