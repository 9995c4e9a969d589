import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasProgram, kernelIn, placeFile, unpackPackages } from './debian-packages.ts';
import { initialRamdisk } from './initial-ramdisk.ts';

/** Kernels of Debian that a machine can have, by `major.minor`, and the packages that depend on the newest of each. */
const kernels = { '6.1': 'linux-image-cloud-amd64', '6.12': 'linux-image-6.12-cloud-amd64' } as const;
export type MachineKernel = keyof typeof kernels;

/** What is copied out of packages, by its path there and in the machine. */
const programs: Readonly<Record<string, string>> = {
  'bin/busybox': '/bin/busybox',
  'usr/sbin/bpftool': '/bin/bpftool',
  'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2': '/lib64/ld-linux-x86-64.so.2',
  'lib/x86_64-linux-gnu/libc.so.6': '/lib/x86_64-linux-gnu/libc.so.6',
  'lib/x86_64-linux-gnu/libz.so.1': '/lib/x86_64-linux-gnu/libz.so.1',
  'lib/x86_64-linux-gnu/libcap.so.2': '/lib/x86_64-linux-gnu/libcap.so.2',
  'usr/lib/x86_64-linux-gnu/libelf.so.1': '/lib/x86_64-linux-gnu/libelf.so.1',
};

const packages = ['busybox-static', 'bpftool', 'libc6', 'zlib1g', 'libcap2', 'libelf1'];

const folder = join(process.env.POLC_ROOT ?? '.', 'build', 'virtual-machine');
const fileOf = (path: string) => join(folder, path.slice(path.lastIndexOf('/') + 1));

/** @returns why virtual machines are not to be had here; undefined where they are. Downloads what they need once. */
export function noVirtualMachine(): string | undefined {
  if (!hasProgram('qemu-system-x86_64')) return 'qemu-system-x86_64 is not installed';
  const versions = Object.keys(kernels);
  const wanted = [...Object.keys(programs), ...versions.map((version) => `kernel-${version}`)];
  if (wanted.every((path) => existsSync(fileOf(path)))) return undefined;
  return unpackPackages('amd64', Object.values(kernels), packages, (root) => {
    mkdirSync(folder, { recursive: true });
    for (const path of Object.keys(programs)) {
      // Folders that are one on an installed system are two in packages.
      const found = [path, path.replace(/^usr\//, ''), `usr/${path}`].map((each) => join(root, each)).find(existsSync);
      if (found === undefined) return `the packages hold no ${path}`;
      placeFile(found, fileOf(path));
    }
    for (const version of versions) {
      const image = kernelIn(root, version.endsWith('.1') ? `${version}.0` : `${version}.`);
      if (image === undefined) return `the packages hold no kernel ${version}`;
      placeFile(image, fileOf(`kernel-${version}`));
    }
    return undefined;
  });
}

/** The words that run the same bpftool on this machine, without its libraries being installed. */
export function bpftoolWords(): readonly string[] {
  const program = (name: string) => resolve(fileOf(name));
  return [program('ld-linux-x86-64.so.2'), '--library-path', resolve(folder), program('bpftool')];
}

/** What runs in a machine. */
export interface MachineRun {
  readonly kernel: MachineKernel;
  /** By absolute path in the machine; every file may be executed. */
  readonly content: Readonly<Record<string, Uint8Array>>;
  /** Runs as root by busybox's shell; bpffs, cgroup2, securityfs and tmpfs on /tmp are mounted, bpftool is there. */
  readonly script: string;
  /** Seconds after which the machine is switched off. Default: 240. */
  readonly seconds?: number;
}

/** Boots a machine with BPF-LSM and cgroup v2, runs the script and returns what it printed. It takes about three seconds. */
export async function runInMachine({ kernel, content, script, seconds = 240 }: MachineRun): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'polc-machine-'));
  try {
    const text = (value: string) => new TextEncoder().encode(value);
    const shared = Object.entries(programs).map(([from, to]) => [to, readFileSync(fileOf(from))] as const);
    writeFileSync(
      join(work, 'ramdisk'),
      initialRamdisk({ ...Object.fromEntries(shared), ...content, '/init': text(init), '/script': text(script) }),
    );
    const output = await boot(
      [
        ...['-accel', 'tcg', '-cpu', 'max', '-m', '512', '-nographic', '-no-reboot', '-nic', 'none'],
        ...['-kernel', fileOf(`kernel-${kernel}`), '-initrd', join(work, 'ramdisk')],
        ...['-append', 'console=ttyS0 quiet lsm=landlock,bpf panic=-1'],
      ],
      seconds,
    );
    const plain = output.replaceAll('\r', '');
    const begin = plain.indexOf('BEGIN\n');
    const end = plain.lastIndexOf('END\n');
    return begin === -1 || end < begin ? `no output: ${plain}` : plain.slice(begin + 6, end);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /etc /root /sbin /usr/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t securityfs securityfs /sys/kernel/security
ip link set lo up
chmod 1777 /tmp
echo BEGIN
sh /script 2>&1
echo END
poweroff -f
`;

/** Runs qemu and returns what the machine wrote to its console. */
function boot(words: readonly string[], seconds: number): Promise<string> {
  return new Promise((resolve) => {
    const machine = spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const end = () => machine.kill('SIGKILL');
    const timer = setTimeout(end, seconds * 1000);
    process.on('exit', end);
    const output: Buffer[] = [];
    machine.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    machine.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    const done = (more = '') => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve(Buffer.concat(output).toString('utf8') + more);
    };
    machine.on('error', (error) => done(error.message));
    machine.on('close', () => done());
  });
}
