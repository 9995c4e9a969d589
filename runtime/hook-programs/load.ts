import { closeSync } from 'node:fs';
import { type DecodedObject, type DecodedProgram, decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { attachTypes, type Bpf, programTypes } from '../kernel/bpf.ts';
import { KernelRefusal } from '../kernel/system-calls.ts';
import { type MachineTypes, machineTypes } from './machine-types.ts';
import { isRefusal, type LoadRefusal, verifierRefusal } from './refusal.ts';
import { debugRecords, relocated, wantedFields } from './relocate.ts';

/** Where a program goes, by the section that it lies in. */
export interface ProgramPlace {
  readonly kind: 'lsm' | 'lsm-cgroup' | 'socket-address';
  /** The hook, or the call on sockets. */
  readonly at: string;
  readonly attachType: number;
}

export interface LoadedProgram extends ProgramPlace {
  readonly name: string;
  readonly section: string;
  readonly descriptor: number;
}

export interface LoadedMap {
  readonly name: string;
  readonly descriptor: number;
  readonly entries: number;
}

/** Programs in the kernel that nothing asks yet. */
export interface LoadedObject {
  readonly programs: readonly LoadedProgram[];
  readonly maps: ReadonlyMap<string, LoadedMap>;
  /** Gives up the descriptors: what is neither attached nor pinned is gone then. Once. */
  close(): void;
}

const arrayMap = 2;
const taskStorage = 29;
/** BPF_F_RDONLY_PROG. */
const readOnlyForPrograms = 0x80;
const logBytes = 1 << 20;

/**
 * Loads every program of an object, with the fields that the running kernel has where it has them, and attaches none. All or
 * nothing: what was loaded before a failure is given up.
 */
export function loadObject(bpf: Bpf, bytes: Uint8Array, name: string): LoadedObject | LoadRefusal {
  const object = decodeObject(bytes);
  if (typeof object === 'string') return ofObject(name, object);
  const places = new Map<DecodedProgram, ProgramPlace>();
  for (const program of object.programs) {
    const place = placeOf(program.section);
    if (place === undefined)
      return ofObject(name, `has a program in \`${program.section}\`, which polc attaches to nothing`);
    places.set(program, place);
  }
  const types = machineTypes(bpf.calls, {
    fields: [...wantedFields(object).values()],
    functions: [...places.values()].flatMap(({ kind, at }) => (kind === 'socket-address' ? [] : [hookFunction(at)])),
  });
  if (isRefusal(types)) return types;
  const opened: number[] = [];
  const close = () => {
    for (const descriptor of opened.splice(0)) closeSync(descriptor);
  };
  const keep = (descriptor: number) => {
    opened.push(descriptor);
    return descriptor;
  };
  try {
    const ownTypes = keep(bpf.loadTypes(object.types));
    const maps = new Map<string, LoadedMap>();
    for (const map of object.maps) {
      const needsTypes = map.type === taskStorage;
      const definition = needsTypes
        ? { ...map, types: { descriptor: ownTypes, key: map.keyType, value: map.valueType } }
        : map;
      const descriptor = keep(bpf.createMap(definition));
      maps.set(map.name, { name: map.name, descriptor, entries: map.entries });
    }
    const constants = object.constants.length === 0 ? undefined : keep(constantsMap(bpf, object.constants));
    const programs: LoadedProgram[] = [];
    for (const program of object.programs) {
      const place = places.get(program)!;
      const code = relocated(program, {
        fieldOffset: types.fieldOffset,
        map: (its) => maps.get(its)?.descriptor,
        constants,
      });
      const loaded =
        typeof code === 'string' ? ofProgram(program, code) : load(bpf, object, program, place, code, types, ownTypes);
      if (typeof loaded !== 'number') {
        close();
        return loaded;
      }
      programs.push({ ...place, name: program.name, section: program.section, descriptor: keep(loaded) });
    }
    return { programs, maps, close };
  } catch (error) {
    close();
    if (!(error instanceof KernelRefusal)) throw error;
    return refusedBy(error, 'load what the programs need');
  }
}

function load(
  bpf: Bpf,
  { licence }: DecodedObject,
  program: DecodedProgram,
  place: ProgramPlace,
  code: Uint8Array,
  types: MachineTypes,
  ownTypes: number,
): number | LoadRefusal {
  const isHook = place.kind !== 'socket-address';
  const attachedTo = isHook ? types.functionId(hookFunction(place.at)) : undefined;
  if (isHook && attachedTo === undefined) {
    return {
      by: 'kernel',
      problem: `this kernel has no hook \`${place.at}\` for programs`,
      help: 'take the hook out of the policy, accept its loss by name, or start a kernel that has it',
    };
  }
  const records = debugRecords(program);
  const wanted = {
    name: program.name,
    type: isHook ? programTypes.lsm : programTypes.socketAddress,
    attachType: place.attachType,
    ...(attachedTo === undefined ? {} : { attachedTo }),
    code,
    licence,
    debug: {
      types: ownTypes,
      functions: { recordBytes: 8, records: records.functions },
      lines: { recordBytes: 16, records: records.lines },
    },
  };
  try {
    return bpf.loadProgram(wanted);
  } catch (error) {
    if (!(error instanceof KernelRefusal)) throw error;
    // Nothing was read of the program: the kernel does not let it come so far.
    if (error.code === 'EPERM') return refusedBy(error, `load the program in \`${program.section}\``);
    const log = new Uint8Array(logBytes);
    try {
      return bpf.loadProgram(wanted, log);
    } catch (again) {
      if (!(again instanceof KernelRefusal)) throw again;
      const text = new TextDecoder().decode(log.subarray(0, Math.max(0, log.indexOf(0))));
      if (text === '') return refusedBy(again, `load the program in \`${program.section}\``);
      return verifierRefusal(program, again.code, text);
    }
  }
}

function placeOf(section: string): ProgramPlace | undefined {
  const [kind, at, ...more] = section.split('/');
  if (at === undefined || at === '' || more.length > 0) return undefined;
  if (kind === 'lsm') return { kind: 'lsm', at, attachType: attachTypes.lsm };
  if (kind === 'lsm_cgroup') return { kind: 'lsm-cgroup', at, attachType: attachTypes.lsmCgroup };
  if (kind !== 'cgroup') return undefined;
  const { lsm: _lsm, lsmCgroup: _lsmCgroup, ...calls } = attachTypes;
  const attachType: number | undefined = new Map(Object.entries(calls)).get(at);
  return attachType === undefined ? undefined : { kind: 'socket-address', at, attachType };
}

export function hookFunction(hook: string): string {
  return `bpf_lsm_${hook}`;
}

function constantsMap(bpf: Bpf, constants: Uint8Array): number {
  const map = bpf.createMap({
    name: '.rodata',
    type: arrayMap,
    keyBytes: 4,
    valueBytes: constants.length,
    entries: 1,
    flags: readOnlyForPrograms,
  });
  try {
    bpf.updateMap(map, new Uint8Array(4), constants);
    bpf.freezeMap(map);
    return map;
  } catch (error) {
    closeSync(map);
    throw error;
  }
}

function ofObject(name: string, problem: string): LoadRefusal {
  return { by: 'object', problem: `\`${name}\` ${problem}`, help: 'build it again: `polc build --emit bpf-lsm`' };
}

function ofProgram({ section }: DecodedProgram, problem: string): LoadRefusal {
  return {
    by: 'kernel',
    problem: `the program in \`${section}\` ${problem}`,
    help: 'take the field out of the policy, accept its loss by name, or start a kernel that has it',
  };
}

/** A refusal for which the kernel gives a number alone. */
export function refusedBy({ code }: KernelRefusal, doing: string): LoadRefusal {
  const reasons: Readonly<Record<string, readonly [problem: string, help: string]>> = {
    EPERM: [
      'it lets this process do no such thing, or is locked down',
      'start polc as root in the first user namespace, on a kernel without lockdown; `polc doctor` says what is lacking',
    ],
    ENOSYS: ['it has no bpf(2)', 'start a kernel that is built with CONFIG_BPF_SYSCALL=y'],
    EINVAL: ['it knows no such programs', 'start a kernel of 5.15 or later that is built with CONFIG_BPF_LSM=y'],
    ENOMEM: ['it has no memory for them', 'free some, or raise the limit of locked memory'],
    E2BIG: [
      'it has no room for more of them: a machine takes programs of cgroups at ten hooks',
      'detach what is not needed: `polc sandbox status`, `bpftool cgroup tree`',
    ],
  };
  const [problem, help] = reasons[code] ?? [`it says ${code}`, 'see `polc doctor` for what this machine takes'];
  return { by: 'kernel', problem: `the kernel does not ${doing}: ${problem} (${code})`, help };
}
