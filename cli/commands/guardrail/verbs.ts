import type { Command } from '../../command.ts';

/** The verbs of `polc guardrail`, in the order of its help; each is loaded only when it is asked for. */
export const guardrailVerbs: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  simulate: () => import('./simulate.ts'),
  respond: () => import('./respond.ts'),
  approve: () => import('./approve.ts'),
  reject: () => import('./reject.ts'),
  status: () => import('./status.ts'),
  rollback: () => import('./rollback.ts'),
};
