import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import wabt from 'wabt';
import { hardenGuest } from '../../compiler/guest/guest.ts';
import { preview1 } from '../../compiler/guest/preview1.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { wasiImports } from '../../runtime/wasm/wasi-imports.ts';
import { compileText } from './compile-text.ts';
import { NaiveHost } from './naive-wasi-host.ts';

/** A path, which becomes an address and a length; a place that a call writes to; what was written there. */
export type Argument = number | bigint | string | { readonly out: number } | { readonly from: number };

export type Call = readonly [name: string, ...args: readonly Argument[]];

/** The parameters of the functions that the tests call. */
const signatures: Readonly<Record<string, string>> = {
  fd_close: 'i32',
  fd_filestat_set_size: 'i32 i64',
  fd_prestat_dir_name: 'i32 i32 i32',
  fd_read: 'i32 i32 i32 i32',
  fd_readdir: 'i32 i32 i32 i64 i32',
  fd_renumber: 'i32 i32',
  fd_write: 'i32 i32 i32 i32',
  path_create_directory: 'i32 i32 i32',
  path_filestat_get: 'i32 i32 i32 i32 i32',
  path_filestat_set_times: 'i32 i32 i32 i32 i64 i64 i32',
  path_link: 'i32 i32 i32 i32 i32 i32 i32',
  path_open: 'i32 i32 i32 i32 i32 i64 i64 i32 i32',
  path_readlink: 'i32 i32 i32 i32 i32 i32',
  path_remove_directory: 'i32 i32 i32',
  path_rename: 'i32 i32 i32 i32 i32 i32',
  path_symlink: 'i32 i32 i32 i32 i32',
  path_unlink_file: 'i32 i32 i32',
  proc_raise: 'i32',
  sock_accept: 'i32 i32 i32',
  clock_time_get: 'i32 i64 i32',
  random_get: 'i32 i32',
  sched_yield: '',
};

/** Where a program keeps things: errors of its calls, what they write, an iovec and its buffer, then paths. */
const place = { errors: 1024, out: 8192, vector: 16_384, buffer: 16_400, paths: 32_768 } as const;
const bufferSize = 1024;

/** The iovec that fd_read and fd_write take: `...transfer` is its address, its count, and where the length goes. */
export const transfer: readonly Argument[] = [place.vector, 1, { out: 99 }];
/** The same buffer for calls that take an address and a length. */
export const buffer: readonly Argument[] = [place.buffer, bufferSize];

export { preview1 };

/**
 * A program in the text format that makes these calls one after the other and notes the error of each.
 *
 * @param how the way in which it calls what it imports: directly, or through a table
 */
export function programText(calls: readonly Call[], how: 'directly' | 'indirectly' = 'directly'): string {
  const names = [...new Set(calls.map(([name]) => name))];
  const texts: string[] = [];
  let at: number = place.paths;
  const instruction = ([name, ...args]: Call, index: number) => {
    const operands = args.map((argument) => {
      if (typeof argument === 'bigint') return `(i64.const ${argument})`;
      if (typeof argument === 'number') return `(i32.const ${argument})`;
      if (typeof argument === 'object') {
        return 'out' in argument
          ? `(i32.const ${place.out + argument.out * 64})`
          : `(i32.load (i32.const ${place.out + argument.from * 64}))`;
      }
      const bytes = Buffer.from(argument);
      texts.push(
        `(data (i32.const ${at}) "${[...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}")`,
      );
      const both = `(i32.const ${at}) (i32.const ${bytes.length})`;
      at += bytes.length + 1;
      return both;
    });
    const call =
      how === 'directly'
        ? `(call $${name} ${operands.join(' ')})`
        : `(call_indirect (type $t.${name}) ${operands.join(' ')} (i32.const ${names.indexOf(name)}))`;
    return `(i32.store (i32.const ${place.errors + index * 4}) ${call})`;
  };
  const body = calls.map(instruction);
  return `(module
    ${names.map((name) => `(type $t.${name} (func (param ${signatures[name]}) (result i32)))`).join('\n')}
    ${names.map((name) => `(import "${preview1}" "${name}" (func $${name} (type $t.${name})))`).join('\n')}
    (memory (export "memory") 2)
    (table ${names.length} funcref)
    (elem (i32.const 0) ${names.map((name) => `$${name}`).join(' ')})
    ;; What no call has written is no descriptor: least of all the standard input of the tests.
    ${Array.from({ length: 100 }, (_, at) => `(data (i32.const ${place.out + at * 64}) "\\ff\\ff\\ff\\ff")`).join(' ')}
    (data (i32.const ${place.vector}) "\\10\\40\\00\\00\\00\\04\\00\\00")
    ${texts.join('\n')}
    (func (export "_start") ${body.join('\n')}))`;
}

const features = {
  bulk_memory: true,
  exceptions: true,
  reference_types: true,
  sign_extension: true,
  tail_call: true,
  threads: true,
};

/** A module from the text format. */
export async function moduleOf(text: string): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const module = parseWat('guest.wat', text, features);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

export function policyOf(lines: string): Policy {
  const { policy, diagnostics } = compileText(`runtime: wasm\n${lines}`, { backends: [] });
  if (policy === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return policy;
}

/** The module with the policy in it; throws where it cannot be hardened. */
export function hardened(bytes: Uint8Array, policy: Policy, fuel?: bigint): Uint8Array {
  const result = hardenGuest(bytes, policy, {
    valid: (each) => WebAssembly.validate(new Uint8Array(each)),
    ...(fuel === undefined ? {} : { fuel }),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.bytes;
}

export interface Ran {
  /** The error number of each call. */
  readonly errors: readonly number[];
  /** What the buffer of the transfers holds, up to its first NUL. */
  readonly text: string;
  readonly memory: Uint8Array;
}

/**
 * Runs a program of `programText` under Node's WASI.
 *
 * @param meanwhile what somebody else does while the program yields
 */
export function runCalls(
  bytes: Uint8Array,
  calls: readonly Call[],
  preopens: Readonly<Record<string, string>>,
  meanwhile?: () => void,
): Ran {
  const wasi = new WASI({ version: 'preview1', preopens: { ...preopens }, returnOnExit: true });
  const yielding = () => {
    meanwhile?.();
    return 0;
  };
  const imports = { [preview1]: { ...wasiImports(wasi)[preview1], sched_yield: yielding } };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), imports);
  wasi.start(instance);
  return ranOf(new Uint8Array(memoryOf(instance).buffer), calls);
}

export interface ProgramRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a whole program under Node's WASI, in this process.
 *
 * @param folders where it sees folders, and where they are
 * @param input its standard input
 */
export function runProgram(
  bytes: Uint8Array,
  args: readonly string[],
  folders: Readonly<Record<string, string>> = {},
  input = '',
): ProgramRun {
  const streams = mkdtempSync(join(tmpdir(), 'polc-guest-'));
  const fds: number[] = [];
  const stream = (name: string, flags: string) => {
    fds.push(openSync(join(streams, name), flags));
    return fds.at(-1)!;
  };
  try {
    writeFileSync(join(streams, 'stdin'), input);
    const wasi = new WASI({
      version: 'preview1',
      args: [...args],
      env: {},
      preopens: { ...folders },
      stdin: stream('stdin', 'r'),
      stdout: stream('stdout', 'w'),
      stderr: stream('stderr', 'w'),
      returnOnExit: true,
    });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), wasiImports(wasi));
    const code = wasi.start(instance);
    const said = (name: string) => readFileSync(join(streams, name), 'utf8');
    return { code, stdout: said('stdout'), stderr: said('stderr') };
  } finally {
    for (const fd of fds) closeSync(fd);
    rmSync(streams, { recursive: true });
  }
}

/** The calls under a host that holds nothing, which finds the folders under their own names. */
export function runNaively(bytes: Uint8Array, calls: readonly Call[], preopens: readonly string[]): Ran {
  const host = new NaiveHost(preopens);
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), host.imports());
    host.memory = memoryOf(instance);
    const { _start: start } = instance.exports;
    if (typeof start === 'function') start();
    return ranOf(new Uint8Array(memoryOf(instance).buffer), calls);
  } finally {
    host.close();
  }
}

export function memoryOf({ exports: { memory } }: WebAssembly.Instance): WebAssembly.Memory {
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('no memory is exported');
  return memory;
}

/** What a program's memory says of its calls. */
export function ranOf(memory: Uint8Array, calls: readonly Call[]): Ran {
  const view = new DataView(memory.buffer, memory.byteOffset);
  const text = Buffer.from(memory.subarray(place.buffer, place.buffer + bufferSize)).toString('latin1');
  return {
    errors: calls.map((_, at) => view.getUint32(place.errors + at * 4, true)),
    text: text.slice(0, text.indexOf('\0')),
    memory,
  };
}
