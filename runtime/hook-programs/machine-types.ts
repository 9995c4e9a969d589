import type { SystemCalls } from '../kernel/system-calls.ts';
import { findTypes, type WantedTypes } from './kernel-types.ts';
import { withFileBytes } from './kernel-types-file.ts';
import type { LoadRefusal } from './refusal.ts';
import { fieldKey } from './relocate.ts';

/** The types of the kernel that runs. */
const kernelTypesFile = '/sys/kernel/btf/vmlinux';

/** What was found of them before: they do not change while a kernel runs. Undefined for what it does not have. */
const known = { fields: new Map<string, number | undefined>(), functions: new Map<string, number | undefined>() };

/** Where the running kernel has things. */
export interface MachineTypes {
  readonly fieldOffset: (structure: string, members: readonly string[]) => number | undefined;
  /** The id of a function by its name. */
  readonly functionId: (name: string) => number | undefined;
}

/** What programs ask for among the types of the running kernel, each looked for once; nothing is read for nothing. */
export function machineTypes(calls: SystemCalls, wanted: WantedTypes): MachineTypes | LoadRefusal {
  const fields = wanted.fields.filter(({ structure, members }) => !known.fields.has(fieldKey(structure, members)));
  const functions = wanted.functions.filter((name) => !known.functions.has(name));
  if (fields.length > 0 || functions.length > 0) {
    let found: ReturnType<typeof findTypes>;
    try {
      found = withFileBytes(kernelTypesFile, calls, (file) => findTypes(file, { fields, functions }));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      return {
        by: 'kernel',
        problem: `the kernel does not describe its types: ${kernelTypesFile} is not to be read`,
        help: 'start one that is built with CONFIG_DEBUG_INFO_BTF=y, as those of distributions are',
      };
    }
    if (found === undefined) {
      return {
        by: 'kernel',
        problem: `${kernelTypesFile} is in no form that polc knows`,
        help: 'report this with the version of the kernel',
      };
    }
    for (const [index, { structure, members }] of fields.entries()) {
      known.fields.set(fieldKey(structure, members), found.offsets[index]);
    }
    for (const name of functions) known.functions.set(name, found.functions.get(name));
  }
  return {
    fieldOffset: (structure, members) => known.fields.get(fieldKey(structure, members)),
    functionId: (name) => known.functions.get(name),
  };
}
