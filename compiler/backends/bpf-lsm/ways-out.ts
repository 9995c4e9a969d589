import { isHookProgram } from '../../hook-programs/file-name.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { Coverage } from '../backend.ts';
import { landlockRuleset } from '../landlock/ruleset.ts';
import { lossByWaysOut, waysOut } from '../ways-out.ts';
import { type BuiltPrograms, isAtLeast } from './build.ts';
import { denialsOf, heldDecision } from './paths/lower.ts';

/** Linux 6.4 was the first to attach programs to hooks on arm64 ("bpf, arm64: Support struct arguments", trampolines). */
const arm64Hooks = { major: 6, minor: 4 };

/** Whether every kernel of a target takes programs at hooks. */
export function takesHooks({ architectures, kernel }: Target): boolean {
  return !architectures.includes('aarch64') || isAtLeast(kernel, arm64Hooks);
}

/**
 * How a process gets rid of a policy's programs, in a sentence; undefined where none does. A hook program by itself says
 * nothing of the processes that it is to hold: that is for the policy that names it.
 */
export function programsLoss(
  policy: Policy,
  target: Target,
  { programs, without }: Pick<BuiltPrograms, 'programs' | 'without'>,
): string | undefined {
  if (programs.length === 0 || isHookProgram(decisionAt(policy, 'hook')?.otherwise.origin.span.file ?? '')) {
    return undefined;
  }
  const atHook = (hook: string) => takesHooks(target) && !without.has(hook);
  const denials = atHook('file_open') ? (heldDecision(policy, target)?.rules ?? []).flatMap(denialsOf) : [];
  const ways = waysOut(policy, target.architectures, {
    held: 'programs',
    ruleset: landlockRuleset(policy, target.landlock),
    // `polc run` puts every program into a domain.
    separate: true,
    atHook,
    denied: denials.flatMap((denial) => (denial?.rights === undefined && denial !== undefined ? [denial.pattern] : [])),
  });
  return lossByWaysOut(ways, target.landlock);
}

/** The answers with a loss of all that programs refuse or record. Where they let pass, nobody loses anything. */
export function withLoss(policy: Policy, answers: readonly Coverage[], loss: string | undefined): readonly Coverage[] {
  if (loss === undefined) return answers;
  const allowing = new Set(
    policy.decisions.flatMap(({ rules, otherwise }) =>
      [...rules, otherwise].flatMap(({ id, effect }) => (effect.kind === 'allow' && !effect.audit ? [id] : [])),
    ),
  );
  return answers.map((answer) => {
    if (answer.status === 'none' || allowing.has(answer.rule)) return answer;
    return { ...answer, status: 'partial', lost: answer.lost === undefined ? loss : `${answer.lost}; ${loss}` };
  });
}
