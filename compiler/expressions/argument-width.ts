import { argumentWidth } from '../tables/syscall-arguments.ts';
import { largest } from './possible-values.ts';

/** The calls of a rule of which the kernel takes the same bits of an argument. */
export interface WidthGroup {
  /** The bits that the kernel takes. */
  readonly mask: bigint;
  readonly syscalls: readonly string[];
}

/** The mask of an argument that the kernel takes whole. */
export const allBits = largest;

/**
 * The calls by the width of the argument at `index`, from 0; the narrowest first, and never empty. Widths are those of
 * 64-bit architectures; the masks change nothing on 32-bit ones, where the high word is zero.
 */
export function widthGroups(
  index: number,
  { syscalls }: { readonly syscalls: readonly string[] },
): readonly WidthGroup[] {
  const groups = ([16, 32, 64] as const).map((width) => ({
    mask: BigInt.asUintN(width, -1n),
    syscalls: syscalls.filter((name) => argumentWidth(name, index) === width),
  }));
  const used = groups.filter((group) => group.syscalls.length > 0);
  return used.length === 0 ? [{ mask: allBits, syscalls }] : used;
}

/** A negative number in 64 bits as the kernel has it in the bits of the group: -1 is 0xffffffff of an `int`. */
export function narrowed(value: bigint, { mask }: WidthGroup): bigint {
  const sign = largest ^ (mask >> 1n);
  return (value & sign) === sign ? value & mask : value;
}
