import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's kernel and busybox for arm64, kept below the build folder once they were downloaded. */
export interface MachineFiles {
  readonly kernel: string;
  readonly busybox: string;
}

const kernelPackage = 'linux-image-cloud-arm64';

/** @returns the files, or why they are not to be had here. */
export function aarch64Files(): MachineFiles | string {
  if (!has('qemu-system-aarch64')) return 'qemu-system-aarch64 is not installed';
  const folder = join(process.env.POLC_ROOT ?? '.', 'build', 'aarch64-machine');
  const files = { kernel: join(folder, 'kernel'), busybox: join(folder, 'busybox') };
  if (existsSync(files.kernel) && existsSync(files.busybox)) return files;
  if (!has('apt-get') || !has('dpkg')) return 'there is no apt-get that could download a kernel';
  return download(folder) ?? files;
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/** Downloads with lists and a cache of its own: the system's package state stays as it is. */
function download(folder: string): string | undefined {
  const work = mkdtempSync(join(tmpdir(), 'polc-apt-'));
  try {
    for (const name of ['lists/partial', 'cache/archives/partial', 'packages'])
      mkdirSync(join(work, name), { recursive: true });
    writeFileSync(join(work, 'status'), '');
    const options = [
      ['APT::Architecture', 'arm64'],
      ['APT::Architectures', 'arm64'],
      ['APT::Sandbox::User', 'root'],
      ['Acquire::Languages', 'none'],
      ['Dir::State::lists', join(work, 'lists')],
      ['Dir::State::status', join(work, 'status')],
      ['Dir::Cache', join(work, 'cache')],
    ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const apt = (program: string, words: readonly string[]) =>
      spawnSync(program, [...options, ...words], { cwd: join(work, 'packages'), encoding: 'utf8', timeout: 60_000 });
    if (apt('apt-get', ['-q', 'update']).status !== 0) return 'the lists of arm64 packages cannot be downloaded';
    const depends = apt('apt-cache', ['depends', kernelPackage]).stdout ?? '';
    const kernel = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
    if (kernel === undefined) return `there is no package ${kernelPackage}`;
    if (apt('apt-get', ['-q', 'download', kernel, 'busybox-static']).status !== 0)
      return 'the arm64 kernel cannot be downloaded';
    for (const name of readdirSync(join(work, 'packages'))) {
      const unpacked = spawnSync('dpkg', ['-x', join(work, 'packages', name), join(work, 'root')]);
      if (unpacked.status !== 0) return `${name} cannot be unpacked`;
    }
    const image = readdirSync(join(work, 'root/boot')).find((name) => name.startsWith('vmlinuz'));
    if (image === undefined) return 'the kernel package holds no kernel';
    mkdirSync(folder, { recursive: true });
    place(join(work, 'root/boot', image), join(folder, 'kernel'));
    place(join(work, 'root/bin/busybox'), join(folder, 'busybox'));
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** In one step, so that another test process never sees half a file. */
function place(from: string, to: string): void {
  const half = `${to}.${process.pid}`;
  writeFileSync(half, readFileSync(from), { mode: 0o755 });
  renameSync(half, to);
}

/**
 * Boots the kernel with busybox and the given files, runs the script as root and returns what it printed.
 *
 * @param content by absolute path; every file may be executed
 */
export function bootAarch64(
  files: MachineFiles,
  content: Readonly<Record<string, Uint8Array>>,
  script: string,
): string {
  const work = mkdtempSync(join(tmpdir(), 'polc-machine-'));
  try {
    const init = `#!/bin/sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /etc
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
chmod 1777 /tmp
echo BEGIN
sh /script 2>&1
echo END
poweroff -f
`;
    const text = (value: string) => new TextEncoder().encode(value);
    const ramdisk = archive({
      ...content,
      '/bin/busybox': readFileSync(files.busybox),
      '/bin/sh': readFileSync(files.busybox),
      '/init': text(init),
      '/script': text(script),
    });
    writeFileSync(join(work, 'ramdisk'), ramdisk);
    const machine = [
      '-M',
      'virt',
      '-cpu',
      'cortex-a57',
      '-accel',
      'tcg',
      '-m',
      '512',
      '-nographic',
      '-no-reboot',
      '-nic',
      'none',
    ];
    const append = 'console=ttyAMA0 quiet lsm=landlock panic=-1';
    const boot = ['-kernel', files.kernel, '-initrd', join(work, 'ramdisk'), '-append', append];
    const done = spawnSync('qemu-system-aarch64', [...machine, ...boot], {
      encoding: 'utf8',
      timeout: 60_000,
      input: '',
    });
    const output = done.stdout.replaceAll('\r', '');
    return /BEGIN\n([\s\S]*?)END\n/.exec(output)?.[1] ?? `no output: ${output}${done.stderr}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The kernel's initramfs format: cpio "newc" (Documentation/driver-api/early-userspace/buffer-format.rst). */
function archive(content: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const add = (name: string, mode: number, bytes: Uint8Array) => {
    const numbers = [inode++, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
    const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`;
    parts.push(padded(Buffer.from(header, 'latin1')), padded(Buffer.from(bytes)));
  };
  const folders = new Set<string>();
  for (const path of Object.keys(content)) {
    const components = path.split('/').slice(1, -1);
    for (const index of components.keys()) folders.add(components.slice(0, index + 1).join('/'));
  }
  for (const folder of [...folders].sort()) add(folder, 0o40755, new Uint8Array());
  for (const [path, bytes] of Object.entries(content)) add(path.slice(1), 0o100755, bytes);
  add('TRAILER!!!', 0, new Uint8Array());
  return Buffer.concat(parts);
}
