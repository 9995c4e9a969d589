import { valueIn } from './sorted-words.ts';
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
function prototype(name: string): Prototype | undefined {
  const text = valueIn(prototypes, name);
  if (text === undefined) return undefined;
  const pointers: number[] = [];
  const names = (text === '' ? [] : text.split(',')).map((item, at) => {
    if (!item.startsWith('*')) return item;
    pointers.push(at);
    return item.slice(1);
  });
  return { names, pointers };
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
