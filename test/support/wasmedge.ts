import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { unpackPackages } from './debian-packages.ts';

/** WasmEdge and all that it needs, of a release of Debian which is newer than what tests may run on. */
const packages = [
  'libbsd0',
  'libc6',
  'libedit2',
  'libffi8',
  'libfmt10',
  'libgcc-s1',
  'libllvm19',
  'liblzma5',
  'libmd0',
  'libspdlog1.15',
  'libstdc++6',
  'libtinfo6',
  'libwasmedge0',
  'libxml2',
  'libz3-4',
  'libzstd1',
  'wasmedge',
  'zlib1g',
];

const folder = resolve(process.env.POLC_ROOT ?? '.', 'build', 'wasmedge');

/** @returns why there is no WasmEdge here; undefined where there is. Downloads it once. */
export function noWasmEdge(): string | undefined {
  if (process.arch !== 'x64') return 'WasmEdge is downloaded for x86_64 alone';
  if (existsSync(folder)) return undefined;
  return unpackPackages(
    'amd64',
    [],
    packages,
    (root) => {
      const half = `${folder}.${process.pid}`;
      mkdirSync(half, { recursive: true });
      cpSync(join(root, 'usr/lib/x86_64-linux-gnu'), join(half, 'lib'), { recursive: true, verbatimSymlinks: true });
      cpSync(join(root, 'usr/bin/wasmedge'), join(half, 'wasmedge'));
      try {
        renameSync(half, folder);
      } catch (error) {
        rmSync(half, { recursive: true });
        if (!existsSync(folder)) return String(error);
      }
      return undefined;
    },
    'trixie',
  );
}

const library = join(folder, 'lib');

/** The words that run a module, before its options: with the libraries of its own release of Debian. */
export const wasmEdgeCommand: readonly [string, ...string[]] = [
  join(library, 'ld-linux-x86-64.so.2'),
  '--library-path',
  library,
  join(folder, 'wasmedge'),
  'run',
];

/** Runs a module in WasmEdge, ended after a minute if it does not end. */
export function wasmEdge(
  options: readonly string[],
  module: string,
  args: readonly string[] = [],
): SpawnSyncReturns<string> {
  const [command, ...before] = wasmEdgeCommand;
  return spawnSync(command, [...before, ...options, module, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}
