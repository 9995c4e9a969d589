import type { Effect } from '../../ir/policy.ts';

/** A seccomp action as the runtime specification writes it. */
export interface OciAction {
  readonly action: string;
  readonly errnoRet?: number;
}

/** What a call that the kernel does not have returns. */
export const ENOSYS = 38;

export function ociAction(effect: Effect): OciAction {
  switch (effect.kind) {
    case 'allow':
      return { action: 'SCMP_ACT_ALLOW' };
    case 'log':
      return { action: 'SCMP_ACT_LOG' };
    case 'errno':
      return { action: 'SCMP_ACT_ERRNO', errnoRet: effect.errno };
    case 'trap':
      return { action: 'SCMP_ACT_TRAP' };
    case 'trace':
      return { action: 'SCMP_ACT_TRACE', errnoRet: effect.data };
    case 'notify':
      // Without a listener the kernel answers ENOSYS (seccomp(2)), and runtimes refuse the action without its path.
      return { action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS };
    case 'kill-thread':
      return { action: 'SCMP_ACT_KILL_THREAD' };
    case 'kill-process':
    case 'deny':
      return { action: 'SCMP_ACT_KILL_PROCESS' };
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

export function actionKey({ action, errnoRet }: OciAction): string {
  return errnoRet === undefined ? action : `${action} ${errnoRet}`;
}

export function permits(effect: Effect): boolean {
  return effect.kind === 'allow' || effect.kind === 'log';
}
