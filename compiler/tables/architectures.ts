/** The architectures that seccomp programs are made for, by the names of `uname -m` (x86 for i386). */
export type Architecture = 'x86_64' | 'x86' | 'x32' | 'aarch64' | 'arm' | 'riscv64';

export const architectures: readonly Architecture[] = ['x86_64', 'x86', 'x32', 'aarch64', 'arm', 'riscv64'];

/** x32 shares x86_64's audit value and marks its calls with this bit of the number (`__X32_SYSCALL_BIT`). */
export const x32Bit = 0x4000_0000;

/** `AUDIT_ARCH_*` of `linux/audit.h`: the ELF machine, 0x40000000 for little-endian and 0x80000000 for 64 bits. */
export const auditArchitecture: Readonly<Record<Architecture, number>> = {
  x86_64: 0xc000_003e,
  x86: 0x4000_0003,
  x32: 0xc000_003e,
  aarch64: 0xc000_00b7,
  arm: 0x4000_0028,
  riscv64: 0xc000_00f3,
};
