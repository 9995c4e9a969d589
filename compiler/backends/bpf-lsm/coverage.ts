import { evaluate } from '../../expressions/evaluate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { Coverage } from '../backend.ts';
import type { BuiltPrograms } from './build.ts';
import { hooksOf } from './hook/plan.ts';
import { pathCoverage } from './paths/coverage.ts';
import { unseenSockets } from './socket/unseen.ts';
import { programsLoss, takesHooks, withLoss } from './ways-out.ts';

/** An object holds nothing by itself. */
const onceLoaded = 'which `polc run` and `polc sandbox load` load';

/** What the programs hold of each rule and obligation about hooks and IP sockets. */
export function bpfCoverage(policy: Policy, target: Target, built: BuiltPrograms): readonly Coverage[] {
  const answers = [
    ...hookAnswers(policy, target, built, onceLoaded),
    ...pathCoverage(policy, target, built.without, onceLoaded),
    ...socketAnswers(policy, target, built, onceLoaded),
  ];
  return withLoss(policy, answers, programsLoss(policy, target, built));
}

/** @param once until when they hold nothing */
export function hookAnswers(
  policy: Policy,
  target: Target,
  { without, attach }: BuiltPrograms,
  once: string,
): readonly Coverage[] {
  const enforced =
    attach === 'lsm-cgroup'
      ? `a program at the hook, attached to the cgroup, ${once}`
      : `a program at the hook, which asks whether the task is in the cgroup, ${once}`;
  const lostOnArm = takesHooks(target) ? undefined : 'on aarch64, where programs at hooks came with Linux 6.4';
  const answer = (rule: string, hooks: readonly string[]): Coverage => {
    const missing = hooks.flatMap((hook) => (without.has(hook) ? [`${hook}: ${without.get(hook)}`] : []));
    if (hooks.length > 0 && missing.length === hooks.length) return { rule, status: 'none', lost: missing.join('; ') };
    const lost = [...missing, ...(lostOnArm === undefined ? [] : [lostOnArm])].join('; ');
    return lost === '' ? { rule, status: 'full', enforced } : { rule, status: 'partial', enforced, lost };
  };
  const answers: Coverage[] = [];
  const decision = decisionAt(policy, 'hook');
  if (decision !== undefined) {
    const hooks = hooksOf(policy);
    for (const rule of decision.rules) answers.push(answer(rule.id, hooksOfRule(hooks, rule.when)));
    answers.push(answer(decision.otherwise.id, []));
  }
  for (const each of policy.obligations) {
    if (each.kind === 'count-calls' || each.kind === 'audit-calls') answers.push(answer(each.id, [each.hook]));
  }
  return answers;
}

/** The hooks at which a rule may hold. */
function hooksOfRule(hooks: readonly string[], when: Decision['rules'][number]['when']): readonly string[] {
  return hooks.filter(
    (hook) =>
      evaluate(when, {
        attribute: (name) => (name === 'hook' ? hook : undefined),
        parameter: () => undefined,
      }) !== false,
  );
}

/** @param once until when they hold nothing */
export function socketAnswers(
  policy: Policy,
  target: Target,
  { programs, without }: BuiltPrograms,
  once: string,
): readonly Coverage[] {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined || !programs.some(({ attachment }) => attachment.kind === 'socket-address')) return [];
  const enforced = `programs of the cgroup that see addresses and ports of TCP and UDP, ${once}`;
  const failed = [...without].flatMap(([call, reason]) => (/[46]$/.test(call) ? [`${call}: ${reason}`] : []));
  const passing = unseenSockets(policy, target.architectures);
  const answer = (rule: string, losses: readonly string[]): Coverage =>
    losses.length === 0
      ? { rule, status: 'full', enforced }
      : { rule, status: 'partial', enforced, lost: losses.join('; ') };
  const answers = decision.rules.map((rule): Coverage => {
    const about = (protocol: string) => evaluate(rule.when, knownOf({ protocol })) !== false;
    if (!about('tcp') && !about('udp')) {
      return rule.effect.kind === 'allow'
        ? { rule: rule.id, status: 'full', enforced: 'what it allows is left alone' }
        : { rule: rule.id, status: 'none', lost: 'abstract sockets: programs see IP sockets only' };
    }
    if (rule.effect.kind === 'allow') return answer(rule.id, failed);
    const abstract = about('unix-abstract') ? ['abstract sockets: programs see IP sockets only'] : [];
    return answer(rule.id, [...failed, ...abstract, ...passing]);
  });
  const rest = decision.otherwise.effect.kind === 'deny' ? [...failed, ...abstractLoss(decision), ...passing] : failed;
  return [...answers, answer(decision.otherwise.id, rest)];
}

function abstractLoss(decision: Decision): readonly string[] {
  const refused = ['bind', 'connect', 'send'].some((operation) =>
    [true, false].some((outside) => {
      const verdict = decide(decision, knownOf({ protocol: 'unix-abstract', operation, outside }));
      return verdict?.effect.kind !== 'allow';
    }),
  );
  return refused ? ['abstract sockets: programs see IP sockets only'] : [];
}

function knownOf(known: Readonly<Record<string, string | boolean>>) {
  return { attribute: (name: string) => known[name], parameter: () => undefined };
}
