import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { newestNumber, syscallName } from '../../compiler/tables/syscalls.ts';
import type { Data } from './seccomp-program.ts';

/** Which architecture a call belongs to for a program that serves `served`. */
function architectureOfCall(data: Data, served: readonly Architecture[]): Architecture | 'other' {
  const marked = (data[0]! & 0x4000_0000) !== 0;
  for (const architecture of served) {
    if (auditArchitecture[architecture] !== data[1]) continue;
    if (architecture === 'x32' && !marked) continue;
    if (architecture === 'x86_64' && marked) continue;
    return architecture;
  }
  return 'other';
}

/** The verdict of the reference evaluator on one call, in the words of `verdictOf`. */
export function referenceVerdict(
  decision: Decision,
  data: Data,
  served: readonly Architecture[],
  parameters: Readonly<Record<string, bigint>> = {},
): string {
  const architecture = architectureOfCall(data, served);
  const name = architecture === 'other' ? undefined : syscallName(architecture, data[0]!);
  const verdict = decide(decision, {
    attribute(attribute) {
      if (attribute === 'arch') return architecture;
      if (attribute === 'syscall') return name ?? `#${data[0]!}`;
      if (attribute === 'newer') {
        return architecture !== 'other' && name === undefined && data[0]! > newestNumber(architecture);
      }
      const index = Number(attribute.slice(3));
      return (BigInt(data[5 + 2 * index]!) << 32n) | BigInt(data[4 + 2 * index]!);
    },
    parameter: (parameter) => parameters[parameter],
  });
  const effect = verdict?.effect ?? { kind: 'kill-process' };
  switch (effect.kind) {
    case 'deny':
      return 'kill-process';
    case 'errno':
      return `errno ${effect.errno}`;
    case 'trap':
    case 'trace':
      return `${effect.kind} ${effect.data}`;
    default:
      return effect.kind;
  }
}
