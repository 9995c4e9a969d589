import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialRamdisk } from './initial-ramdisk.ts';
import {
  architectureOf,
  commonFiles,
  kernelFile,
  type MachineArchitecture,
  type MachineKernel,
} from './machine-files.ts';

/** What runs in a machine. */
export interface MachineRun {
  readonly kernel: MachineKernel;
  /** By absolute path in the machine; every file may be executed. */
  readonly content: Readonly<Record<string, Uint8Array>>;
  /** Runs as root by busybox's shell; bpffs, cgroup2, securityfs and tmpfs on /tmp are mounted, bpftool is there. */
  readonly script: string;
  /** Seconds after which the machine is switched off, for when it hangs. Default: 400. */
  readonly seconds?: number;
  /** Memory; default: 512. */
  readonly megabytes?: number;
  /** The megabytes of an empty disk, /dev/nvme0n1; default: there is none. */
  readonly disk?: number;
}

const machines: Readonly<Record<MachineArchitecture, { readonly words: readonly string[]; readonly console: string }>> =
  {
    x86_64: { words: ['-cpu', 'max'], console: 'ttyS0' },
    aarch64: { words: ['-M', 'virt'], console: 'ttyAMA0' },
  };

/** `max` of aarch64 has pointer authentication, which costs an emulator more than all else. The older one has no pages of 16 KiB. */
function aarch64Processor(kernel: MachineKernel): readonly string[] {
  if (architectureOf(kernel) !== 'aarch64') return [];
  return ['-cpu', kernel === 'aarch64-6.12-16k' ? 'cortex-a76' : 'cortex-a57'];
}

/** Boots a machine with Landlock, BPF-LSM and cgroup v2, runs the script and returns what it printed. It takes about three seconds. */
export async function runInMachine(run: MachineRun): Promise<string> {
  const { kernel, content, script, seconds = 400, megabytes = 512, disk } = run;
  const architecture = architectureOf(kernel);
  const { words, console } = machines[architecture];
  const work = mkdtempSync(join(tmpdir(), 'polc-machine-'));
  try {
    const text = (value: string) => new TextEncoder().encode(value);
    const shared = commonFiles(architecture).map(([to, from]) => [to, readFileSync(from)] as const);
    writeFileSync(
      join(work, 'ramdisk'),
      initialRamdisk({ ...Object.fromEntries(shared), ...content, '/init': text(init), '/script': text(script) }),
    );
    if (disk !== undefined) {
      writeFileSync(join(work, 'disk'), '');
      truncateSync(join(work, 'disk'), disk << 20);
    }
    // Debian's kernels have this kind of disk without a module.
    const drive = `file=${join(work, 'disk')},format=raw,if=none,id=disk`;
    const output = await boot(
      `qemu-system-${architecture}`,
      [
        ...[
          ...words,
          ...aarch64Processor(kernel),
          '-accel',
          'tcg',
          '-m',
          String(megabytes),
          '-nographic',
          '-no-reboot',
          '-nic',
          'none',
        ],
        ...(disk === undefined ? [] : ['-drive', drive, '-device', 'nvme,drive=disk,serial=1']),
        ...['-kernel', kernelFile(kernel), '-initrd', join(work, 'ramdisk')],
        ...['-append', `console=${console} loglevel=1 lsm=landlock,bpf panic=-1`],
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
function boot(emulator: string, words: readonly string[], seconds: number): Promise<string> {
  return new Promise((resolve) => {
    const machine = spawn(emulator, words, { stdio: ['ignore', 'pipe', 'pipe'] });
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
