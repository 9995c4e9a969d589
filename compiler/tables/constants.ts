import { type Architecture, architectures } from './architectures.ts';
import { common, differing } from './constants.generated.ts';
import { namesIn, valueIn } from './sorted-words.ts';

let names: readonly string[] | undefined;

/**
 * Named constants of the kernel's interface, for argument rules: kernel values, not those of a C library (O_LARGEFILE
 * is not 0). The C compiler of each architecture evaluated them, so a request of ioctl(2) that carries the size of a
 * structure has the right size. A negative int is its 32-bit pattern: AT_FDCWD is 0xffffff9c.
 */
function textOf(name: string): string | undefined {
  return valueIn(common, name) ?? valueIn(differing, name);
}

/** The value of a constant, undefined for an unknown name or one that the architecture does not have. */
export function constantValue(name: string, architecture: Architecture): bigint | undefined {
  const text = textOf(name);
  if (text === undefined) return undefined;
  const own = text.includes(',') ? text.split(',')[architectures.indexOf(architecture)]! : text;
  return own === '' ? undefined : BigInt(`0x${own}`);
}

/** All names, sorted, also those that only some architectures have. */
export function constantNames(): readonly string[] {
  names ??= [...namesIn(common), ...namesIn(differing)].sort();
  return names;
}
