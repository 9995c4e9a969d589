import { valueIn } from './sorted-words.ts';
import { prototypes } from './syscall-arguments.generated.ts';

/** How many of an argument's 64 bits the kernel takes on a 64-bit architecture. */
export type ArgumentWidth = 16 | 32 | 64;

/**
 * Which arguments of a system call are pointers into the program's memory, where a seccomp filter sees the address
 * and not what lies there, and how wide the others are. An argument that is a pointer or an `int` only for some commands
 * (ioctl, fcntl, prctl, keyctl) or on some architectures (the last ones of clone) counts as a number of 64 bits.
 */
interface Prototype {
  readonly names: readonly string[];
  readonly pointers: readonly number[];
  readonly widths: readonly ArgumentWidth[];
}

const none: readonly number[] = [];
const marks: Readonly<Record<string, ArgumentWidth>> = { '*': 64, '%': 32, '#': 16 };

function prototype(name: string): Prototype | undefined {
  const text = valueIn(prototypes, name);
  if (text === undefined) return undefined;
  const pointers: number[] = [];
  const widths: ArgumentWidth[] = [];
  const names = (text === '' ? [] : text.split(',')).map((item, at) => {
    if (item.startsWith('*')) pointers.push(at);
    const width = marks[item[0] ?? ''];
    widths.push(width ?? 64);
    return width === undefined ? item : item.slice(1);
  });
  return { names, pointers, widths };
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

/**
 * The low bits of the argument at `index`, from 0, that the kernel takes: an `int` is cast before anything looks at it
 * (`__SC_CAST` in include/linux/syscalls.h), and a filter sees what is cast away. 64 where the width is not known.
 */
export function argumentWidth(name: string, index: number): ArgumentWidth {
  return prototype(name)?.widths[index] ?? 64;
}
