import { decisionAt, type Limit, type Obligation, type Point, type Policy } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Coverage } from '../backend.ts';
import { ioModeCoverage } from '../io-mode.ts';
import { landlockCoverage } from '../landlock/coverage.ts';
import type { LandlockRuleset } from '../landlock/ruleset.ts';
import { tellsRefusals } from '../landlock/told-refusals.ts';
import { nameServiceLoss, refusesNames } from '../name-service.ts';
import { networkIsolation } from '../network-isolation.ts';
import { partOf } from '../part.ts';
import { refusesCall } from '../refused-calls.ts';
import { ownGrant } from '../seccomp/own-grant.ts';
import { limitsLoss } from '../ways-out.ts';
import { adaptiveCoverage } from './adaptive-coverage.ts';
import { affinityOf, resourceOf, type Surroundings } from './lower.ts';

const servedPoints: readonly Point[] = ['syscall', 'capability', 'path', 'socket', 'signal'];

/** True where the launcher has an answer for something in the policy, wherever it may run. */
export function isServed(policy: Policy): boolean {
  return (
    policy.decisions.some(({ point }) => servedPoints.includes(point)) ||
    policy.limits.some((limit) => limitCoverage(limit, {}, undefined).length > 0) ||
    policy.obligations.some(isServedObligation)
  );
}

/** All that a launcher looks at that is built for any machine: it joins no group. */
export function builtPart(policy: Policy): Policy {
  return partOf(policy, {
    points: servedPoints,
    limit: (limit) => limitCoverage(limit, {}, undefined).length > 0,
    obligation: (each) => isServedObligation(each) || isForGuests(each),
    levels: true,
  });
}

/**
 * The launcher's answer for every rule, limit and obligation that one of its steps serves.
 *
 * @param ruleset the policy's for the target's Landlock ABI
 */
export function launcherCoverage(
  policy: Policy,
  ruleset: LandlockRuleset,
  surroundings: Surroundings,
  architectures: readonly Architecture[],
): readonly Coverage[] {
  const { cgroup, separate = false } = surroundings;
  const version = cgroup?.version === 1 ? 'v1' : 'v2';
  const joins = cgroup !== undefined || policy.adaptive !== undefined;
  const leaving = !joins ? undefined : limitsLoss(policy, architectures, { version, ruleset, separate });
  return [
    ...syscallCoverage(policy, architectures),
    ...capabilityCoverage(policy),
    ...restrictionCoverage(policy, ruleset, surroundings, architectures),
    ...policy.limits.flatMap((limit) => limitCoverage(limit, surroundings, leaving)),
    ...policy.obligations.flatMap((obligation) => obligationCoverage(obligation, policy, surroundings, architectures)),
    ...adaptiveCoverage(policy, surroundings, leaving, tellsRefusals(policy, ruleset)),
  ];
}

function syscallCoverage(policy: Policy, architectures: readonly Architecture[]): readonly Coverage[] {
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return [];
  return [...decision.rules, decision.otherwise].map(({ id, effect }): Coverage => {
    if (effect.kind !== 'notify') {
      const enforced = 'the filter that the launcher attaches';
      const lost = ownGrant(effect, decision, architectures);
      return lost === undefined
        ? { rule: id, status: 'full', enforced }
        : { rule: id, status: 'partial', enforced, lost };
    }
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
function restrictionCoverage(
  policy: Policy,
  ruleset: LandlockRuleset,
  { expansions }: Surroundings,
  architectures: readonly Architecture[],
): readonly Coverage[] {
  const unexpanded = new Set(
    expansions !== undefined
      ? []
      : ruleset.paths.filter((path) => path.glob).flatMap((path) => path.rules.map((rule) => rule.id)),
  );
  return (['path', 'socket', 'signal'] as const).flatMap((point): readonly Coverage[] => {
    const decision = decisionAt(policy, point);
    if (decision === undefined) return [];
    const network = point === 'socket' ? networkIsolation(decision) : 'shared';
    if (network !== 'shared') {
      const reach = network === 'empty' ? 'nothing' : 'only the sandbox itself, over `lo`';
      const enforced = `a network namespace from which ${reach} can be reached, but for AF_VSOCK and UNIX sockets with a path`;
      return [
        ...decision.rules.map((rule) =>
          held(rule.id, enforced, refusesNames(rule) ? nameServiceLoss(policy, architectures) : undefined),
        ),
        held(decision.otherwise.id, enforced, undefined),
      ];
    }
    // Landlock answers for paths, sockets and signals; the other points' decisions only help it.
    const helping = policy.decisions.filter(({ point: each }) => each === 'syscall' || each === 'capability');
    return landlockCoverage({ ...policy, decisions: [decision, ...helping] }, ruleset, architectures).map((answer) =>
      unexpanded.has(answer.rule)
        ? {
            rule: answer.rule,
            status: 'none',
            lost: 'the pattern is expanded by `polc run`, not in a built launcher',
          }
        : answer,
    );
  });
}

function held(rule: string, enforced: string, lost: string | undefined): Coverage {
  return lost === undefined ? { rule, status: 'full', enforced } : { rule, status: 'partial', enforced, lost };
}

function limitCoverage(limit: Limit, { cgroup }: Surroundings, leaving: string | undefined): readonly Coverage[] {
  switch (limit.resource) {
    case 'memory':
    case 'cpu':
    case 'pids':
      if (cgroup === undefined) return [];
      return [held(limit.id, 'the cgroup that the launcher joins', leaving)];
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

function isServedObligation(obligation: Obligation): boolean {
  return (
    obligation.kind === 'private-layer' ||
    obligation.kind === 'transition' ||
    (obligation.kind === 'run-with' &&
      ['cpu-affinity', 'io-mode', 'memory-allocator', 'prefetch', 'zygote'].includes(obligation.setting))
  );
}

function isForGuests(obligation: Obligation): boolean {
  return obligation.kind === 'run-with' && obligation.setting === 'runtime' && obligation.value === 'wasm';
}

function obligationCoverage(
  obligation: Obligation,
  policy: Policy,
  surroundings: Surroundings,
  architectures: readonly Architecture[],
): readonly Coverage[] {
  if (obligation.kind === 'private-layer') {
    return [{ rule: obligation.id, status: 'full', enforced: 'a tmpfs in a mount namespace' }];
  }
  // adaptive-coverage.ts answers for transitions.
  if (obligation.kind !== 'run-with' || !isServedObligation(obligation)) return [];
  if (obligation.setting === 'io-mode') return [ioModeCoverage(obligation.id, obligation.value, policy, architectures)];
  if (obligation.setting === 'zygote') return [zygoteCoverage(obligation.id, surroundings)];
  if (obligation.setting === 'prefetch') return [prefetchCoverage(obligation.id, obligation.value, surroundings)];
  if (obligation.setting === 'memory-allocator')
    return [allocatorCoverage(obligation.id, obligation.value, surroundings)];
  const processors = affinityOf(obligation, surroundings);
  const built = surroundings.byRun !== true;
  if (processors === undefined && !built) {
    const lost = 'the kernel tells of no nodes in /sys/devices/system/node';
    return [{ rule: obligation.id, status: 'none', lost }];
  }
  // A process may change its own affinity without any privilege, within its cpuset (sched_setaffinity(2)).
  const refused = refusesCall(decisionAt(policy, 'syscall'), architectures, 'sched_setaffinity');
  const lost = refused ? undefined : 'the program can choose other processors; refuse sched_setaffinity';
  if (processors === undefined)
    return [byRunAlone(held(obligation.id, 'the CPU affinity, of the node that `polc run` chooses', lost))];
  return [held(obligation.id, `the CPU affinity, ${processorList(processors)}`, lost)];
}

/** What is asked for is speed alone: where a start cannot be served, it is a plain one in the same sandbox, and said to be. */
function zygoteCoverage(rule: string, { byRun }: Surroundings): Coverage {
  const enforced = '`polc run` forks python3 from a server, and starts plainly what it cannot fork';
  const answer: Coverage = { rule, status: 'full', enforced };
  return byRun === true ? answer : byRunAlone(answer);
}

function allocatorCoverage(rule: string, library: string, { allocator, byRun }: Surroundings): Coverage {
  if (byRun !== true)
    return byRunAlone({ rule, status: 'full', enforced: `\`polc run\` finds and preloads ${library}` });
  return allocator === undefined
    ? { rule, status: 'none', lost: 'the library is not to be had here' }
    : { rule, status: 'full', enforced: `\`polc run\` preloads ${allocator}` };
}

/** Nothing but time is lost without: a file that was not read ahead is read when it is asked for. */
function prefetchCoverage(rule: string, what: string, { byRun }: Surroundings): Coverage {
  const answer: Coverage = {
    rule,
    status: 'full',
    enforced: `\`polc run\` reads ${what.replaceAll(',', ', ')} ahead while the program starts`,
  };
  return byRun === true ? answer : byRunAlone(answer);
}

/** A launcher that is built is answered for as `polc run` would hold the policy; a hint says that itself it does not. */
function byRunAlone(answer: Coverage): Coverage {
  return { ...answer, byRunAlone: true };
}

function processorList(processors: readonly number[]): string {
  return processors.length > 8 ? `${processors.length} processors` : `on ${processors.join(', ')}`;
}
