import type { Effect } from '../../../ir/policy.ts';
import type { ProgramWriter } from '../assembler.ts';
import type { Attachment } from '../program-kind.ts';

/** EPERM, which a refusal gives where the policy names no other error. */
export const refused = 1;

/**
 * What lets a call pass, at every hook: the kernel goes on to the programs after this one, and then to what the hook answers
 * without any, which is another number at some (`bpf_lsm_*` in kernel/bpf/bpf_lsm.c). A program that gives that number itself
 * would be the last that is asked (BPF_TRAMP_MODIFY_RETURN), or take back what one before it has refused (bpf_set_retval).
 */
export const passes = 0;

/** What a hook returns for an effect: what lets the call pass, or a negative errno. */
export function resultOf(effect: Effect): number {
  switch (effect.kind) {
    case 'allow':
    case 'log':
      return passes;
    case 'errno':
      // No error is 0: what is refused is refused.
      return effect.errno === 0 ? -refused : -effect.errno;
    default:
      return -refused;
  }
}

/**
 * Ends the program with the hook's result. Programs of a cgroup say 1 for what passes and 0 for what is refused, with
 * EPERM unless they set another result (`__cgroup_bpf_run_lsm_current`, kernel/bpf/cgroup.c).
 */
export function writeAnswer(writer: ProgramWriter, attachment: Attachment, result: number): void {
  if (attachment.kind === 'lsm') writer.move(0, result);
  else if (result === passes) writer.move(0, 1);
  else {
    if (result !== -refused) {
      writer.move(1, result);
      writer.call('set_retval');
    }
    writer.move(0, 0);
  }
  writer.exit();
}
