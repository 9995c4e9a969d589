import type { Effect } from '../../ir/policy.ts';

/** SECCOMP_RET_* of linux/seccomp.h. */
const actions = {
  killProcess: 0x8000_0000,
  killThread: 0x0000_0000,
  trap: 0x0003_0000,
  errno: 0x0005_0000,
  notify: 0x7fc0_0000,
  trace: 0x7ff0_0000,
  log: 0x7ffc_0000,
  allow: 0x7fff_0000,
};

/** The canonical return value of what must be refused outright. */
const refusal = actions.killProcess;

/** The canonical return value of what may pass. */
export const permission = actions.allow;

/** The canonical return value of what a listener is asked about. */
export const question = actions.notify;

/** Whether a call with this canonical return value is made without anybody being asked. */
export function passes(value: number): boolean {
  return value === actions.allow || value === actions.log;
}

/** The same, or with a tracer's consent, who may be of the program's own. */
export function mayPass(value: number): boolean {
  return passes(value) || (value & 0xffff_0000) >>> 0 === actions.trace;
}

/**
 * The canonical form of what a filter returns, by what the kernel does with it (__seccomp_filter() in kernel/seccomp.c):
 * the data of actions that carry none is dropped and an action that the kernel does not know kills the process. The
 * data of errno is kept as it is, though the kernel clamps it at 4095: the artifact must say what the policy says.
 */
export function canonicalReturn(value: number): number {
  const action = (value & 0xffff_0000) >>> 0;
  switch (action) {
    case actions.errno:
    case actions.trap:
    case actions.trace:
      return value >>> 0;
    case actions.killThread:
    case actions.notify:
    case actions.log:
    case actions.allow:
      return action;
    default:
      return refusal;
  }
}

/** The canonical return value of an effect. `deny` has no manner of its own and means the process is killed. */
export function returnOfEffect(effect: Effect): number {
  switch (effect.kind) {
    case 'allow':
      return actions.allow;
    case 'log':
      return actions.log;
    case 'errno':
      return (actions.errno | effect.errno) >>> 0;
    case 'trap':
      return (actions.trap | effect.data) >>> 0;
    case 'trace':
      return (actions.trace | effect.data) >>> 0;
    case 'notify':
      return actions.notify;
    case 'kill-thread':
      return actions.killThread;
    case 'deny':
    case 'kill-process':
      return actions.killProcess;
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

/** `errno 38`, `allow`: a canonical return value as messages name it. */
export function describeReturn(value: number): string {
  const data = value & 0xffff;
  switch ((value & 0xffff_0000) >>> 0) {
    case actions.allow:
      return 'allow';
    case actions.log:
      return 'log';
    case actions.errno:
      return `errno ${data}`;
    case actions.trap:
      return `trap ${data}`;
    case actions.trace:
      return `trace ${data}`;
    case actions.notify:
      return 'notify';
    case actions.killThread:
      return 'kill-thread';
    default:
      return 'kill-process';
  }
}
