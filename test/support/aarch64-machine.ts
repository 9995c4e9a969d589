import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasProgram, kernelIn, placeFile, unpackPackages } from './debian-packages.ts';
import { initialRamdisk } from './initial-ramdisk.ts';

/** Debian's kernel and busybox for arm64, kept below the build folder once they were downloaded. */
export interface MachineFiles {
  readonly kernel: string;
  readonly busybox: string;
}

/** @returns the files, or why they are not to be had here. */
export function aarch64Files(): MachineFiles | string {
  if (!hasProgram('qemu-system-aarch64')) return 'qemu-system-aarch64 is not installed';
  const folder = join(process.env.POLC_ROOT ?? '.', 'build', 'aarch64-machine');
  const files = { kernel: join(folder, 'kernel'), busybox: join(folder, 'busybox') };
  if (existsSync(files.kernel) && existsSync(files.busybox)) return files;
  const failure = unpackPackages('arm64', ['linux-image-cloud-arm64'], ['busybox-static'], (root) => {
    const image = kernelIn(root);
    if (image === undefined) return 'the kernel package holds no kernel';
    mkdirSync(folder, { recursive: true });
    placeFile(image, files.kernel);
    placeFile(join(root, 'bin/busybox'), files.busybox);
    return undefined;
  });
  return failure ?? files;
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
    const ramdisk = initialRamdisk({
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
