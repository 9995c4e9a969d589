import { nearest } from '../diagnostics/suggest.ts';
import type { MachineArchitecture } from '../ir/obligation.ts';
import { types } from './instance-types.generated.ts';

export interface InstanceType {
  readonly name: string;
  /** Virtual CPUs; absent where only the name is known. */
  readonly cpus?: number;
  /** MiB; absent where only the name is known. */
  readonly memory?: number;
  readonly architecture: MachineArchitecture;
  /** At least, where only the name is known. */
  readonly gpus: number;
}

let table: ReadonlyMap<string, InstanceType> | undefined;

function decoded(): ReadonlyMap<string, InstanceType> {
  if (table !== undefined) return table;
  const found = new Map<string, InstanceType>();
  let family = '';
  let architecture: MachineArchitecture = 'x86_64';
  for (const word of types.trim().split(/\s/)) {
    if (word.includes('.')) {
      family = word.slice(0, -2);
      architecture = word.endsWith('.a') ? 'arm64' : 'x86_64';
      continue;
    }
    const [size = '', cpus = '', memory = '', gpus = '0'] = word.split(':');
    const name = `${family}.${size}`;
    found.set(name, {
      name,
      ...(cpus === '' ? {} : { cpus: Number(cpus) }),
      ...(memory === '' ? {} : { memory: Number(memory) }),
      architecture,
      gpus: Number(gpus),
    });
  }
  table = found;
  return found;
}

/** What EC2 says of an instance type; undefined where the table has none of that name. */
export function instanceType(name: string): InstanceType | undefined {
  return decoded().get(name);
}

/** Every type, by family and then by size, both in the order of code units. */
export function instanceTypes(): Iterable<InstanceType> {
  return decoded().values();
}

/** The type that a misspelt name probably stands for. */
export function nearestInstanceType(name: string): string | undefined {
  // A size alone that is wrong says more than a family: `t3.meduim` is no `t2.medium`.
  const dot = name.indexOf('.');
  const family = [...decoded().keys()].filter((known) => known.startsWith(name.slice(0, dot + 1)));
  return (dot > 0 ? nearest(name, family) : undefined) ?? nearest(name, decoded().keys());
}
