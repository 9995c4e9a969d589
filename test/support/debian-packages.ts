import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function hasProgram(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/**
 * Downloads packages of Debian for an architecture and unpacks them into a folder that lasts as long as `use` runs. It has
 * lists and a cache of its own: the system's package state stays as it is.
 *
 * @param kernels packages that depend on the newest kernel of their line, which is what is downloaded
 * @param use what to do with the unpacked files; what it returns is why it failed
 * @param release whose packages these are; default: this system's
 * @returns why it failed; undefined where it did not
 */
export function unpackPackages(
  architecture: 'amd64' | 'arm64',
  kernels: readonly string[],
  packages: readonly string[],
  use: (root: string) => string | undefined,
  release?: 'trixie',
): string | undefined {
  if (!hasProgram('apt-get') || !hasProgram('dpkg')) return 'there is no apt-get that could download packages';
  const work = mkdtempSync(join(tmpdir(), 'polc-apt-'));
  try {
    for (const name of ['lists/partial', 'cache/archives/partial', 'packages'])
      mkdirSync(join(work, name), { recursive: true });
    writeFileSync(join(work, 'status'), '');
    const options = [
      ['APT::Architecture', architecture],
      ['APT::Architectures', architecture],
      ['APT::Sandbox::User', 'root'],
      ['Acquire::Languages', 'none'],
      ['Dir::State::lists', join(work, 'lists')],
      ['Dir::State::status', join(work, 'status')],
      ['Dir::Cache', join(work, 'cache')],
      ...(release === undefined
        ? []
        : [
            ['Dir::Etc::SourceList', ownSources(work, release)],
            ['Dir::Etc::SourceParts', '-'],
          ]),
    ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const apt = (program: string, words: readonly string[]) =>
      spawnSync(program, [...options, ...words], { cwd: join(work, 'packages'), encoding: 'utf8', timeout: 300_000 });
    if (apt('apt-get', ['-q', 'update']).status !== 0)
      return `the lists of ${architecture} packages cannot be downloaded`;
    const wanted = [...packages];
    for (const kernel of kernels) {
      const name = /Depends: (linux-image-\S+)/.exec(apt('apt-cache', ['depends', kernel]).stdout ?? '')?.[1];
      if (name === undefined) return `there is no package ${kernel}`;
      wanted.push(name);
    }
    if (apt('apt-get', ['-q', 'download', ...wanted]).status !== 0)
      return `${wanted.join(', ')} for ${architecture} cannot be downloaded`;
    for (const name of readdirSync(join(work, 'packages'))) {
      const unpacked = spawnSync('dpkg', ['-x', join(work, 'packages', name), join(work, 'root')]);
      if (unpacked.status !== 0) return `${name} cannot be unpacked`;
    }
    return use(join(work, 'root'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A list of one release alone. */
function ownSources(folder: string, release: string): string {
  const file = join(folder, 'own.list');
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(file, `deb [signed-by=${key}] http://deb.debian.org/debian ${release} main\n`);
  return file;
}

/** The image of the kernel whose version begins so, among unpacked packages. */
export function kernelIn(root: string, version = ''): string | undefined {
  const image = readdirSync(join(root, 'boot')).find((name) => name.startsWith(`vmlinuz-${version}`));
  return image === undefined ? undefined : join(root, 'boot', image);
}

/** Puts a file in its place in one step, so that another test process never sees half of it. */
export function placeFile(from: string, to: string): void {
  const half = `${to}.${process.pid}`;
  writeFileSync(half, readFileSync(from), { mode: 0o755 });
  renameSync(half, to);
}
