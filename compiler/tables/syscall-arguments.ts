import { prototypes } from './syscall-arguments.generated.ts';

/**
 * Which arguments of a system call are pointers into the program's memory, where a seccomp filter sees the address
 * and not what lies there. An argument that is a pointer only for some commands (ioctl, fcntl, prctl, ptrace) or on
 * some architectures (the last ones of clone) is not counted.
 */
interface Prototype {
  readonly names: readonly string[];
  readonly pointers: readonly number[];
}

const none: readonly number[] = [];
let table: ReadonlyMap<string, Prototype> | undefined;

function decode(): ReadonlyMap<string, Prototype> {
  const decoded = new Map<string, Prototype>();
  for (const word of prototypes.trim().split(/\s/)) {
    const equals = word.indexOf('=');
    const list = equals + 1 === word.length ? [] : word.slice(equals + 1).split(',');
    const pointers: number[] = [];
    const names = list.map((item, at) => {
      if (!item.startsWith('*')) return item;
      pointers.push(at);
      return item.slice(1);
    });
    decoded.set(word.slice(0, equals), { names, pointers });
  }
  return decoded;
}

function prototype(name: string): Prototype | undefined {
  table ??= decode();
  return table.get(name);
}

/** Positions, from 0, of the arguments that are always pointers; empty also for an unknown call. */
export function pointerArguments(name: string): readonly number[] {
  return prototype(name)?.pointers ?? none;
}

/**
 * The kernel's names of the arguments in order, undefined where they are not known. The order of clone, and of calls
 * with 64-bit values on 32-bit architectures, is that of x86_64.
 */
export function argumentNames(name: string): readonly string[] | undefined {
  return prototype(name)?.names;
}
