import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { hasProgram, kernelIn, placeFile, unpackPackages } from './debian-packages.ts';

export type MachineArchitecture = 'x86_64' | 'aarch64';

/** A machine's kernel: its `major.minor`, which on aarch64 stands behind the architecture; `16k`: of pages of so many bytes. */
export type MachineKernel = '5.15' | '6.1' | '6.12' | '7.0' | 'aarch64-6.1' | 'aarch64-6.12' | 'aarch64-6.12-16k';

/** What a machine of an architecture is made of. */
interface Parts {
  readonly debian: 'amd64' | 'arm64';
  readonly folder: string;
  /** What is copied out of packages, by its path there and in the machine. */
  readonly programs: Readonly<Record<string, string>>;
  /** The packages that depend on the newest kernel of a line. */
  readonly kernels: Readonly<Partial<Record<MachineKernel, string>>>;
}

const libraries = (triplet: string) => ({
  [`lib/${triplet}/libc.so.6`]: `/lib/${triplet}/libc.so.6`,
  [`lib/${triplet}/libz.so.1`]: `/lib/${triplet}/libz.so.1`,
  [`lib/${triplet}/libcap.so.2`]: `/lib/${triplet}/libcap.so.2`,
  [`usr/lib/${triplet}/libelf.so.1`]: `/lib/${triplet}/libelf.so.1`,
});

const architectures: Readonly<Record<MachineArchitecture, Parts>> = {
  x86_64: {
    debian: 'amd64',
    folder: 'virtual-machine',
    programs: {
      'bin/busybox': '/bin/busybox',
      'usr/sbin/bpftool': '/bin/bpftool',
      'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2': '/lib64/ld-linux-x86-64.so.2',
      ...libraries('x86_64-linux-gnu'),
    },
    kernels: { '6.1': 'linux-image-cloud-amd64', '6.12': 'linux-image-6.12-cloud-amd64' },
  },
  aarch64: {
    debian: 'arm64',
    folder: 'aarch64-machine',
    programs: {
      'bin/busybox': '/bin/busybox',
      'usr/sbin/bpftool': '/bin/bpftool',
      'lib/aarch64-linux-gnu/ld-linux-aarch64.so.1': '/lib/ld-linux-aarch64.so.1',
      ...libraries('aarch64-linux-gnu'),
    },
    kernels: { 'aarch64-6.1': 'linux-image-cloud-arm64', 'aarch64-6.12': 'linux-image-6.12-cloud-arm64' },
  },
};

/** Kernels of Debian that few tests need, which are downloaded when one does. */
const seldom: Readonly<Partial<Record<MachineKernel, string>>> = { 'aarch64-6.12-16k': 'linux-image-6.12-arm64-16k' };

const packages = ['busybox-static', 'bpftool', 'libc6', 'zlib1g', 'libcap2', 'libelf1'];

/**
 * Kernels of Ubuntu's releases as they came out, packages that stay as they are. Debian has none between 5.10 and 6.1 any
 * more, and of those after 6.12 only ones that come and go: 5.15 is of 22.04, with BPF-LSM and without LSM_CGROUP, and 7.0 of
 * 26.04, whose Landlock makes audit records.
 */
const ubuntu: Readonly<Partial<Record<MachineKernel, { readonly file: string; readonly hash: string }>>> = {
  '5.15': {
    file: 'linux-image-5.15.0-25-generic_5.15.0-25.25_amd64.deb',
    hash: 'SHA256:ad56f8c442a54d4f5ff2dff010d00321d53e32b543f3a92f3ba4e042d20a71da',
  },
  '7.0': {
    file: 'linux-image-7.0.0-14-generic_7.0.0-14.14_amd64.deb',
    hash: 'SHA256:e08c352cfca2fdef34f216cb67dae41712abfc8d76e983d8608f95486aa2ee6b',
  },
};
const ubuntuFolder = 'http://archive.ubuntu.com/ubuntu/pool/main/l/linux-signed/';

/** Whether a kernel is of another distribution than Debian: whoever runs the tests cannot promise that it is to be had. */
export function originOf(kernel: MachineKernel): 'elsewhere' | undefined {
  return ubuntu[kernel] === undefined ? undefined : 'elsewhere';
}

export function architectureOf(kernel: MachineKernel): MachineArchitecture {
  return kernel.startsWith('aarch64-') ? 'aarch64' : 'x86_64';
}

/** The kernel of a machine as a target. */
export function kernelTarget(kernel: MachineKernel): Target {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(versionOf(kernel)) ?? [];
  return { ...defaultTarget, kernel: { major: Number(major), minor: Number(minor) } };
}

function versionOf(kernel: MachineKernel): string {
  return kernel.replace('aarch64-', '');
}

function fileOf(architecture: MachineArchitecture, path: string): string {
  const { folder } = architectures[architecture];
  return join(process.env.POLC_ROOT ?? '.', 'build', folder, path.slice(path.lastIndexOf('/') + 1));
}

export function kernelFile(kernel: MachineKernel): string {
  return fileOf(architectureOf(kernel), `kernel-${versionOf(kernel)}`);
}

/** The module of Linux 6.1 on x86_64 for a file system that Debian's kernels have not built in. */
export function overlayModule(): string {
  return fileOf('x86_64', 'overlay.ko');
}

/** The files that every machine of an architecture has, by their path in it. */
export function commonFiles(architecture: MachineArchitecture): readonly (readonly [to: string, from: string])[] {
  return Object.entries(architectures[architecture].programs).map(([from, to]) => [to, fileOf(architecture, from)]);
}

/** @returns why such a machine is not to be had here; undefined where it is. Downloads what it needs once. */
export function noVirtualMachine(kernel: MachineKernel = '6.12'): string | undefined {
  const architecture = architectureOf(kernel);
  const emulator = `qemu-system-${architecture}`;
  if (!hasProgram(emulator)) return `${emulator} is not installed`;
  const wanted = [kernelFile(kernel), ...commonFiles(architecture).map(([, from]) => from), ...modulesOf(architecture)];
  if (wanted.every(existsSync)) return undefined;
  return fromDebian(architecture) ?? seldomKernel(kernel) ?? fromUbuntu(kernel);
}

function modulesOf(architecture: MachineArchitecture): readonly string[] {
  return architecture === 'x86_64' ? [overlayModule()] : [];
}

function fromDebian(architecture: MachineArchitecture): string | undefined {
  const { debian, folder, programs, kernels } = architectures[architecture];
  const wanted = Object.keys(kernels) as MachineKernel[];
  const programFiles = commonFiles(architecture).map(([, from]) => from);
  const files = [...wanted.map(kernelFile), ...programFiles, ...modulesOf(architecture)];
  if (files.every(existsSync)) return undefined;
  return unpackPackages(debian, Object.values(kernels), packages, (root) => {
    mkdirSync(join(process.env.POLC_ROOT ?? '.', 'build', folder), { recursive: true });
    for (const path of Object.keys(programs)) {
      // Folders that are one on an installed system are two in packages.
      const found = [path, path.replace(/^usr\//, ''), `usr/${path}`].map((each) => join(root, each)).find(existsSync);
      if (found === undefined) return `the packages hold no ${path}`;
      placeFile(found, fileOf(architecture, path));
    }
    for (const kernel of wanted) {
      const version = versionOf(kernel);
      const image = kernelIn(root, version === '6.1' ? '6.1.0' : `${version}.`);
      if (image === undefined) return `the packages hold no kernel ${version}`;
      placeFile(image, kernelFile(kernel));
    }
    for (const module of modulesOf(architecture)) {
      const folder = readdirSync(join(root, 'lib/modules')).find((name) => name.startsWith('6.1.0')) ?? '';
      const found = join(root, 'lib/modules', folder, 'kernel/fs/overlayfs/overlay.ko');
      if (!existsSync(found)) return 'the packages hold no module for overlayfs';
      placeFile(found, module);
    }
    return undefined;
  });
}

function seldomKernel(kernel: MachineKernel): string | undefined {
  const name = seldom[kernel];
  if (name === undefined || existsSync(kernelFile(kernel))) return undefined;
  return unpackPackages(architectures[architectureOf(kernel)].debian, [name], [], (root) => {
    const image = kernelIn(root);
    if (image === undefined) return `${name} holds no kernel`;
    placeFile(image, kernelFile(kernel));
    return undefined;
  });
}

/** apt's own helper: it goes the way that apt goes, and takes only what has the hash. */
function fromUbuntu(kernel: MachineKernel): string | undefined {
  const found = ubuntu[kernel];
  if (found === undefined || existsSync(kernelFile(kernel))) return undefined;
  const address = `${ubuntuFolder}${found.file}`;
  const helper = '/usr/lib/apt/apt-helper';
  if (!existsSync(helper)) return 'there is no apt that could download a kernel';
  const work = mkdtempSync(join(tmpdir(), 'polc-apt-'));
  try {
    const options = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=10'];
    const words = [...options, 'download-file', address, join(work, 'kernel.deb'), found.hash];
    if (spawnSync(helper, words, { timeout: 60_000 }).status !== 0) return `${address} cannot be downloaded`;
    if (spawnSync('dpkg', ['-x', join(work, 'kernel.deb'), join(work, 'root')]).status !== 0)
      return `${address} cannot be unpacked`;
    const image = kernelIn(join(work, 'root'), `${kernel}.`);
    if (image === undefined) return `the package holds no kernel ${kernel}`;
    placeFile(image, kernelFile(kernel));
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The words that run the same bpftool on this machine, without its libraries being installed. */
export function bpftoolWords(): readonly string[] {
  const [loader, tool] = ['ld-linux-x86-64.so.2', 'bpftool'].map((name) => resolve(fileOf('x86_64', name)));
  return [loader!, '--library-path', resolve(fileOf('x86_64', '.')), tool!];
}
