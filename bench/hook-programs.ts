// From the text of hook programs to what the kernel is given: compiled, run by the validator, with the fields that this
// kernel has. And the load itself, of programs for sockets, which a kernel that is locked down takes as well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../cli/host.ts';
import { type CompileOptions, compile } from '../compiler/compile.ts';
import { decodeObject } from '../compiler/verify/bpf-lsm/object.ts';
import { findTypes } from '../runtime/hook-programs/kernel-types.ts';
import { withFileBytes } from '../runtime/hook-programs/kernel-types-file.ts';
import { loadObject } from '../runtime/hook-programs/load.ts';
import { isRefusal } from '../runtime/hook-programs/refusal.ts';
import { fieldKey, relocated, wantedFields } from '../runtime/hook-programs/relocate.ts';
import { Bpf } from '../runtime/kernel/bpf.ts';
import { systemCalls } from '../runtime/kernel/system-calls.ts';
import { root } from './support/native.ts';
import { timePerCall, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const hooks = readFileSync(join(root, 'examples/python-file-policy.bpf'), 'utf8');
const addresses = '["192.0.2.0/24:443", "udp://192.0.2.53:53"]';
const sockets = `profile: web\nmode: sandbox\nnetwork: { mode: host, outbound: ${addresses} }\n`;
const options: CompileOptions = { maximumMilliseconds: 0, emit: ['bpf-lsm'] };

function objectOf(file: string, text: string): Uint8Array {
  const { outputs, diagnostics } = compile(file, text, nodeHost, options);
  const content = outputs.flatMap(({ artifacts }) => artifacts).find(({ path }) => path === 'policy.bpf.o')?.content;
  if (!(content instanceof Uint8Array)) throw new Error(diagnostics[0]?.message ?? 'there is no object');
  return content;
}

const calls = await systemCalls();
const callsOrNone = 'problem' in calls ? undefined : calls;

/** What `loadObject` does before the kernel is asked. */
function relocate(object: Uint8Array): void {
  const decoded = decodeObject(object);
  if (typeof decoded === 'string') throw new Error(decoded);
  const fields = wantedFields(decoded);
  const wanted = { fields: [...fields.values()], functions: ['bpf_lsm_file_open'] };
  const found = withFileBytes('/sys/kernel/btf/vmlinux', callsOrNone, (file) => findTypes(file, wanted));
  const offsets = new Map([...fields.keys()].map((key, index) => [key, found?.offsets[index]]));
  for (const program of decoded.programs) {
    const code = relocated(program, {
      fieldOffset: (structure, members) => offsets.get(fieldKey(structure, members)),
      map: () => 3,
      constants: 4,
    });
    if (typeof code === 'string') throw new Error(code);
  }
}

const object = objectOf('files.bpf', hooks);
const first = performance.now();
relocate(object);
const cold = performance.now() - first;
warmUp(1500, () => relocate(objectOf('files.bpf', hooks)));
const compiling = timePerCall(1000, () => objectOf('files.bpf', hooks));
const relocating = timePerCall(1000, () => relocate(object));
printTable('text of examples/python-file-policy.bpf to what the kernel is given', 'ms', [
  { what: 'compiled and checked', ours: compiling },
  { what: 'fields found in the kernel’s types', ours: relocating },
  { what: 'the same, the first time in a process', ours: cold },
  { what: 'both', ours: compiling + relocating, target: 10 },
]);

if ('problem' in calls) console.log(`absent: loading, ${calls.problem}`);
else {
  const bpf = new Bpf(calls);
  const programs = compile('web.yaml', sockets, nodeHost, { maximumMilliseconds: 0, also: ['bpf-lsm'] })
    .outputs.flatMap(({ artifacts }) => artifacts)
    .find(({ path }) => path === 'policy.bpf.o')?.content as Uint8Array;
  const load = () => {
    const loaded = loadObject(bpf, programs, 'policy.bpf.o');
    if (isRefusal(loaded)) throw new Error(loaded.problem);
    loaded.close();
    return loaded.programs.length;
  };
  const rows: Row[] = [];
  try {
    const count = load();
    rows.push({ what: `${count} programs, verified and given up`, ours: timePerCall(1000, load) });
    printTable('loading programs for sockets, the kernel’s own time included', 'ms', rows);
  } catch (error) {
    console.log(`absent: loading, ${error instanceof Error ? error.message : String(error)}`);
  }
}
