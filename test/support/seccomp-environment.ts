import type { SeccompData } from '../../compiler/backends/seccomp/interpret.ts';
import type { Environment } from '../../compiler/expressions/evaluate.ts';
import { type Architecture, auditArchitecture, x32Bit } from '../../compiler/tables/architectures.ts';
import { newestNumber, syscallName } from '../../compiler/tables/syscalls.ts';

/** The attributes of the `syscall` point, as points.ts declares them, for what the kernel gives a filter. */
export function seccompEnvironment(
  data: SeccompData,
  served: readonly Architecture[],
  parameters: Readonly<Record<string, bigint>> = {},
): Environment {
  const isX32 = data.architecture === auditArchitecture.x86_64 && (data.number & x32Bit) !== 0;
  const architecture = served.find(
    (candidate) =>
      auditArchitecture[candidate] === data.architecture &&
      (data.architecture !== auditArchitecture.x86_64 || (candidate === 'x32') === isX32),
  );
  const name = architecture === undefined ? undefined : syscallName(architecture, data.number);
  return {
    attribute(attribute) {
      if (attribute === 'arch') return architecture ?? 'other';
      if (attribute === 'syscall') return name ?? `#${data.number}`;
      if (attribute === 'newer') {
        return architecture !== undefined && name === undefined && data.number > newestNumber(architecture);
      }
      return data.arguments[Number(attribute.slice(3))];
    },
    parameter: (parameter) => parameters[parameter],
  };
}
