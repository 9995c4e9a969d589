import { and, attribute, compare, inSet, literal, type Term } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision, Effect, Rule } from '../../ir/policy.ts';
import type { ExecPermission, Machine } from './plan.ts';

/** The parameters of the IR that stand for the two 64-bit halves of the cookie. */
export const cookieParameters: readonly string[] = ['cookie0', 'cookie1'];

/** The id of the rule that lets the launcher's last calls pass. */
const execRule = 'launcher/exec';

/**
 * The decision that the launcher's filter is compiled from, and how the exec passes it.
 *
 * The filter is on when the launcher execs, so that a policy that refuses execve would refuse the launcher too. No
 * property of the call but a secret tells that exec from a later one: a descriptor's number can be taken by dup2, a
 * pointer's value by mapping memory there. So the filter allows execve with 128 random bits in arg4 and arg5, which
 * execve does not use: the kernel gave them to this process (AT_RANDOM), the launcher copies them into the program just
 * before attaching it, and they are nowhere afterwards. The new program has an image, a stack and an AT_RANDOM of its
 * own and zeros in its registers (ELF_PLAT_INIT, start_thread); a filter cannot be read back without CAP_SYS_ADMIN
 * outside any filter (PTRACE_SECCOMP_GET_FILTER); a supervising parent wipes its copy. execveat stays as the policy has it.
 *
 * write and exit_group with the cookie pass too, so that a failed exec can be reported: only who knows the cookie can make
 * them, and until the exec succeeds that is the launcher, whose next calls are fixed.
 */
export function withExecPermitted(
  decision: Decision,
  machine: Machine,
): { readonly decision: Decision; readonly exec: ExecPermission } {
  const refused = ['execve', 'exit_group', 'write'].filter((name) => !isAllowed(decision, machine, name));
  if (refused.length === 0) return { decision, exec: 'policy' };
  const rule = cookieRule(execRule, decision, machine, refused, { kind: 'allow' });
  return {
    decision: { ...decision, combine: 'first-match', rules: [rule, ...inOrder(decision)] },
    exec: refused.includes('execve') ? 'cookie' : 'policy',
  };
}

/**
 * The same where a supervisor answers for the filter: it is asked about the launcher's exec, whatever the policy has for
 * execve. So the launcher waits there until the supervisor listens, and no program runs that nobody watches.
 */
export function withExecAsked(
  decision: Decision,
  machine: Machine,
): { readonly decision: Decision; readonly exec: ExecPermission } {
  const { decision: permitted } = withExecPermitted(decision, machine);
  const rule = cookieRule('launcher/asks', decision, machine, ['execve'], { kind: 'notify' });
  return {
    decision: { ...permitted, combine: 'first-match', rules: [rule, ...inOrder(permitted)] },
    exec: 'cookie',
  };
}

function cookieRule(
  id: string,
  { otherwise }: Decision,
  machine: Machine,
  calls: readonly string[],
  effect: Effect,
): Rule {
  return {
    id,
    topic: 'launcher',
    origin: { span: otherwise.origin.span, by: 'the launcher' },
    when: and(
      compare(attribute('arch'), '==', literal(machine)),
      inSet(attribute('syscall'), calls),
      compare(attribute('arg4'), '==', cookie(0)),
      compare(attribute('arg5'), '==', cookie(1)),
    ),
    effect,
  };
}

function cookie(half: number): Term {
  return { kind: 'parameter', name: cookieParameters[half]! };
}

/** Whether the call passes whatever its arguments: they are unknown, and decide() then answers only for all of them. */
function isAllowed(decision: Decision, machine: Machine, syscall: string): boolean {
  const known: Readonly<Record<string, string | boolean>> = { arch: machine, syscall, newer: false };
  const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
  return verdict?.effect.kind === 'allow' || verdict?.effect.kind === 'log';
}

/** The rules in an order in which the first that holds decides. */
function inOrder({ combine, rules }: Decision): readonly Rule[] {
  if (combine !== 'deny-overrides') return rules;
  const isAllow = (rule: Rule) => rule.effect.kind === 'allow';
  return [...rules.filter((rule) => !isAllow(rule)), ...rules.filter(isAllow)];
}
