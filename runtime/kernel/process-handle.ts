import type { SystemCalls } from './system-calls.ts';

/** pidfd_open(2): a descriptor of a process that means no other one after its end; readable when it has ended. */
export function openProcess(calls: SystemCalls, pid: number): number {
  return calls.call('pidfd_open', pid, 0);
}

/**
 * pidfd_getfd(2): a copy of another process's descriptor, closed on exec. Needs what ptrace(2) needs to attach.
 *
 * @param process from `openProcess`
 */
export function takeDescriptor(calls: SystemCalls, process: number, descriptor: number): number {
  return calls.call('pidfd_getfd', process, descriptor, 0);
}

/** pidfd_send_signal(2). */
export function signalProcess(calls: SystemCalls, process: number, signal: number): void {
  calls.call('pidfd_send_signal', process, signal, 0, 0);
}

/** ioctl(2) with a structure, which the kernel reads and may write. */
export function ioctl(calls: SystemCalls, descriptor: number, request: number, structure: ArrayBufferView): number {
  return calls.call('ioctl', descriptor, request, structure);
}
