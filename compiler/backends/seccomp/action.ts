import type { Effect } from '../../ir/policy.ts';

const errno = 0x0005_0000;
const trap = 0x0003_0000;
const trace = 0x7ff0_0000;
const log = 0x7ffc_0000;
const notify = 0x7fc0_0000;
const killProcess = 0x8000_0000;

/** SECCOMP_RET_ALLOW. */
export const allowAction = 0x7fff_0000;

/**
 * The return value of `linux/seccomp.h` for an effect. `deny`, which leaves the manner to the enforcer, ends the
 * process: the strictest answer, and what `default: deny` means.
 */
export function actionOf(effect: Effect): number {
  switch (effect.kind) {
    case 'allow':
      return allowAction;
    case 'deny':
    case 'kill-process':
      return killProcess;
    case 'log':
      return log;
    case 'errno':
      return errno | (effect.errno & 0xffff);
    case 'trap':
      return trap | (effect.data & 0xffff);
    case 'trace':
      return trace | (effect.data & 0xffff);
    case 'notify':
      return notify;
    case 'kill-thread':
      return 0;
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

/** True for the answers after which the call is made, or may be. */
export function letsThrough(action: number): boolean {
  return action === allowAction || action === log || action === notify || action >>> 16 === trace >>> 16;
}

/** `ALLOW`, `ERRNO(1)`, `KILL_PROCESS`: as libseccomp and the kernel's log spell the answers. */
export function actionText(action: number): string {
  const data = action & 0xffff;
  switch ((action & 0xffff_0000) >>> 0) {
    case allowAction:
      return 'ALLOW';
    case killProcess:
      return 'KILL_PROCESS';
    case 0:
      return 'KILL_THREAD';
    case log:
      return 'LOG';
    case notify:
      return 'USER_NOTIF';
    case errno:
      return `ERRNO(${data})`;
    case trap:
      return `TRAP(${data})`;
    case trace:
      return `TRACE(${data})`;
    default:
      return `0x${action.toString(16)}`;
  }
}
