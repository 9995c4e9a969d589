import { decodeInstructions } from './instruction.ts';

/** How many lines of a header come before its first instruction. */
export const headerHead = 6;

/** A program as a C array for `struct sock_fprog`, decoded from its bytes. `name` is an architecture or `combined`. */
export function cHeader(bytes: Uint8Array, name: string): string {
  const instructions = decodeInstructions(bytes);
  const guard = `POLC_SECCOMP_${name.toUpperCase()}`;
  const rows = instructions.map(
    ({ code, jt, jf, k }) =>
      `  { 0x${code.toString(16).padStart(2, '0')}, ${jt}, ${jf}, 0x${k.toString(16).padStart(8, '0')} },`,
  );
  return `#ifndef ${guard}_H
#define ${guard}_H
#include <linux/filter.h>

#define ${guard}_LENGTH ${instructions.length}
static const struct sock_filter polc_seccomp_${name}[${guard}_LENGTH] = {
${rows.join('\n')}
};

#endif
`;
}
