import type { Effect } from '../../../ir/policy.ts';
import { passesWith } from '../../../tables/lsm-hooks.ts';
import type { ProgramWriter } from '../assembler.ts';
import type { Attachment } from '../program-kind.ts';

/** EPERM, which a refusal gives where the policy names no other error. */
export const refused = 1;

/** What a hook returns for an effect: 0 or what else lets the call pass, or a negative errno. */
export function resultOf(effect: Effect, hook: string): number {
  switch (effect.kind) {
    case 'allow':
    case 'log':
      return passesWith(hook);
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
export function writeAnswer(writer: ProgramWriter, attachment: Attachment, result: number, passes: boolean): void {
  if (attachment.kind === 'lsm') writer.move(0, result);
  else {
    if (passes ? result !== 0 : result !== -refused) {
      writer.move(1, result);
      writer.call('set_retval');
    }
    writer.move(0, passes ? 1 : 0);
  }
  writer.exit();
}
