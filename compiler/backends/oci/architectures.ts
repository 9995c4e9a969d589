import { decide } from '../../ir/evaluate.ts';
import type { Decision } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';

export const ociArchitecture: Readonly<Record<Architecture, string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  x86: 'SCMP_ARCH_X86',
  x32: 'SCMP_ARCH_X32',
  aarch64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  riscv64: 'SCMP_ARCH_RISCV64',
};

/** The architectures that the decision does not refuse as a whole; libseccomp kills calls of those it is not given. */
export function acceptedArchitectures(
  decision: Decision,
  architectures: readonly Architecture[],
): readonly Architecture[] {
  return architectures.filter((arch) => {
    const verdict = decide(decision, {
      attribute: (name) => (name === 'arch' ? arch : undefined),
      parameter: () => undefined,
    });
    const refused = verdict?.effect.kind === 'kill-process' || verdict?.effect.kind === 'kill-thread';
    return !refused || verdict.by === decision.otherwise;
  });
}
