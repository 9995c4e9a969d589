import { closeSync } from 'node:fs';
import { attachTypes, Bpf, type ProgramToLoad, programTypes } from '../kernel/bpf.ts';
import { type MachineFiles, readLockdown, readSecurityModules } from '../kernel/machine-facts.ts';
import { KernelRefusal, type SystemCalls, systemCalls } from '../kernel/system-calls.ts';
import { hookFunction, refusedBy } from './load.ts';
import { machineTypes } from './machine-types.ts';
import { isRefusal } from './refusal.ts';
import type { Lack } from './support.ts';

/** What came of loading a program that allows everything; `untried`: why that was not done. */
export type Trial =
  | { readonly result: 'loaded' }
  | { readonly result: 'refused'; readonly lack: Lack }
  | { readonly result: 'untried'; readonly why: string };

/** What every kernel that takes programs at hooks has one for. */
const someHook = 'file_open';

/** `r0 = ANSWER; exit`: an LSM program allows by 0, one of sockets by 1 (linux/bpf.h, struct bpf_insn). */
function allowing(answer: number): Uint8Array {
  return Uint8Array.of(0xb7, 0, 0, 0, answer, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
}

/**
 * Has the kernel take a program at a hook, or one of sockets, and gives it up again; nothing is attached. Files may say that
 * a machine takes programs where a container's filter or a lockdown that nobody can see refuses them.
 */
export async function tryProgram(kind: 'hooks' | 'sockets', files: MachineFiles): Promise<Trial> {
  const calls = await systemCalls();
  if ('problem' in calls) return { result: 'untried', why: calls.problem };
  const program = kind === 'hooks' ? hookProgram(calls) : socketProgram;
  if ('what' in program) return { result: 'refused', lack: program };
  try {
    closeSync(new Bpf(calls).loadProgram(program));
    return { result: 'loaded' };
  } catch (error) {
    if (!(error instanceof KernelRefusal)) throw error;
    return { result: 'refused', lack: refusalLack(error, kind, files) };
  }
}

const socketProgram: ProgramToLoad = {
  name: 'polc_trial',
  type: programTypes.socketAddress,
  attachType: attachTypes.connect4,
  code: allowing(1),
  licence: 'GPL',
};

function hookProgram(calls: SystemCalls): ProgramToLoad | Lack {
  const name = hookFunction(someHook);
  const types = machineTypes(calls, { fields: [], functions: [name] });
  if (isRefusal(types)) return { what: types.problem, help: types.help };
  const attachedTo = types.functionId(name);
  if (attachedTo === undefined) {
    return {
      what: `the kernel has no place for programs at hooks: there is no ${name} among its types`,
      help: 'start one that is built with CONFIG_BPF_LSM=y',
    };
  }
  const type = programTypes.lsm;
  return { name: 'polc_trial', type, attachType: attachTypes.lsm, attachedTo, code: allowing(0), licence: 'GPL' };
}

/** @param error of a load that nothing spoke against beforehand */
export function refusalLack(error: KernelRefusal, kind: 'hooks' | 'sockets', files: MachineFiles): Lack {
  const what = kind === 'hooks' ? 'a program at a hook' : 'a program of sockets';
  const { problem, help } = refusedBy(error, `load ${what} that allows everything`);
  const reasons = error.code === 'EPERM' ? suspects(kind, files) : [];
  if (reasons.length === 0) return { what: problem, help };
  const outside = 'start polc as root outside of containers and user namespaces, on a kernel without lockdown';
  return { what: `${problem}: ${reasons.join('; ')}`, help: outside };
}

/** What of this process or kernel may be the reason for an EPERM that capabilities do not explain. */
function suspects(kind: 'hooks' | 'sockets', files: MachineFiles): readonly string[] {
  const found: string[] = [];
  if (/^Seccomp:\s*2$/m.test(files.read('/proc/self/status') ?? ''))
    found.push('a seccomp filter is on polc, as runtimes of containers attach one, and may refuse bpf(2)');
  const users = files.read('/proc/self/uid_map')?.trim().split(/\s+/).join(' ');
  if (users !== undefined && users !== '0 0 4294967295') found.push('polc is not in the first user namespace');
  if (kind === 'hooks' && readLockdown(files, readSecurityModules(files)).value === undefined)
    found.push('nothing tells whether the kernel is locked down, since securityfs is not mounted');
  return found;
}
