import { execFileSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { architectures } from '../../compiler/tables/architectures.ts';
import { capabilityBit, capabilityNames, capabilitySince } from '../../compiler/tables/capabilities.ts';
import { constantNames, constantValue } from '../../compiler/tables/constants.ts';
import { errnoName, errnoNames, errnoValue } from '../../compiler/tables/errno.ts';
import {
  fileSystemRights,
  landlockAbiOfKernel,
  landlockMask,
  landlockScopes,
  networkRights,
  newestLandlockAbi,
} from '../../compiler/tables/landlock.ts';
import { rlimits } from '../../compiler/tables/rlimits.ts';
import { suite } from '../support/harness.ts';
import { canCompile, withCProgram } from './c-program.ts';

const { test, skip, run } = suite('constant-tables');

/** The C library's own headers: written apart from the kernel's, which the table comes from. */
const headers =
  'fcntl.h sys/stat.h sys/mman.h sys/socket.h netinet/in.h netinet/tcp.h sched.h sys/prctl.h sys/ptrace.h ' +
  'sys/ioctl.h signal.h sys/mount.h sys/epoll.h sys/eventfd.h sys/random.h sys/resource.h sys/personality.h ' +
  'sys/ipc.h sys/shm.h sys/sem.h sys/wait.h sys/xattr.h sys/inotify.h sys/timerfd.h time.h sys/swap.h errno.h';

/** Where glibc means something else than the kernel: O_LARGEFILE is 0 on 64 bits, two signals are taken. */
const glibcDiffers = new Set(['O_LARGEFILE', 'O_TMPFILE_MASK', 'SIGRTMIN', 'SIGRTMAX', 'SIGSTKSZ', 'MINSIGSTKSZ']);

/** Their values need a structure that the C library does not declare. */
const incomplete = /^TC[GS]ETS[WF]?2$/;

if (process.arch === 'x64' && canCompile('sys/personality.h')) {
  test('constants have the values of the C library where it has them', () => {
    const names = [...constantNames(), ...errnoNames()].filter(
      (name) => !glibcDiffers.has(name) && !incomplete.test(name),
    );
    const source = [
      '#define _GNU_SOURCE',
      ...headers.split(' ').map((header) => `#include <${header}>`),
      '#include <stdio.h>',
      'int main(void) {',
      ...names.map(
        (name) =>
          `#ifdef ${name}\n  printf("${name} %llu\\n", sizeof(${name}) <= 4 ? (unsigned)(${name}) : (unsigned long long)(${name}));\n#endif`,
      ),
      '}',
    ].join('\n');
    const output = withCProgram(source, [], (program) => execFileSync(program, { encoding: 'utf8' }));
    const differences: string[] = [];
    const lines = output.trim().split('\n');
    for (const line of lines) {
      const [name = '', value = ''] = line.split(' ');
      const ours = constantValue(name, 'x86_64') ?? errnoValue(name);
      if (ours !== undefined && BigInt(ours) !== BigInt(value)) differences.push(`${line}, ours ${ours}`);
    }
    assert.equal(differences, []);
    assert.ok(lines.length > 900, `${lines.length} constants compared`);
  });
} else {
  skip('constants have the values of the C library where it has them', 'no gcc for x86_64');
}

test('values that differ by architecture differ, and are the kernel’s', () => {
  assert.is(constantValue('O_LARGEFILE', 'x86_64'), 0o100000n);
  assert.is(constantValue('O_LARGEFILE', 'aarch64'), 0o400000n);
  assert.is(constantValue('O_DIRECT', 'x86_64'), 0o40000n);
  assert.is(constantValue('O_DIRECT', 'arm'), 0o200000n);
  assert.is(constantValue('O_DIRECTORY', 'aarch64'), 0o40000n);
  assert.is(constantValue('FS_IOC_GETFLAGS', 'x86_64'), 0x8008_6601n);
  assert.is(constantValue('FS_IOC_GETFLAGS', 'arm'), 0x8004_6601n);
  assert.is(constantValue('MAP_32BIT', 'aarch64'), undefined);
  for (const architecture of architectures) {
    assert.is(constantValue('CLONE_NEWUSER', architecture), 0x1000_0000n);
    assert.is(constantValue('AT_FDCWD', architecture), 0xffff_ff9cn);
    assert.is(constantValue('TIOCSTI', architecture), 0x5412n);
  }
  assert.is(constantValue('AF_NONSENSE', 'x86_64'), undefined);
  assert.is(constantValue('constructor', 'x86_64'), undefined);
});

test('every constant has a value of at most 64 bits somewhere', () => {
  for (const name of constantNames()) {
    const values = architectures.map((architecture) => constantValue(name, architecture));
    assert.ok(
      values.some((value) => value !== undefined && value >= 0n && value < 1n << 64n),
      name,
    );
  }
});

test('error numbers have their usual names', () => {
  assert.is(errnoName(1), 'EPERM');
  assert.is(errnoName(11), 'EAGAIN');
  assert.is(errnoValue('EWOULDBLOCK'), 11);
  assert.is(errnoValue('ENOSYS'), 38);
  for (const name of errnoNames()) assert.is(errnoValue(errnoName(errnoValue(name)!)!), errnoValue(name));
  assert.is(errnoValue('EWHATEVER'), undefined);
});

test('capabilities and resource limits have the kernel’s numbers', () => {
  assert.is(capabilityNames().length, 41);
  for (const name of capabilityNames()) {
    assert.is(constantValue(`CAP_${name.toUpperCase()}`, 'x86_64'), BigInt(capabilityBit(name)!), name);
  }
  assert.equal(capabilitySince('bpf'), { major: 5, minor: 8 });
  for (const { name, number } of rlimits) {
    assert.is(constantValue(`RLIMIT_${name.toUpperCase()}`, 'arm'), BigInt(number), name);
  }
});

test('Landlock rights have the kernel’s bits and grow with the ABI', () => {
  for (const [prefix, rights] of [
    ['LANDLOCK_ACCESS_FS_', fileSystemRights()],
    ['LANDLOCK_ACCESS_NET_', networkRights()],
    ['LANDLOCK_SCOPE_', landlockScopes()],
  ] as const) {
    for (const { name, bit } of rights) {
      const theirs = constantValue(`${prefix}${name.toUpperCase()}`, 'x86_64');
      // The kernel headers of the generated table are older than this right.
      if (name === 'resolve_unix' && theirs === undefined) continue;
      assert.is(theirs, bit, name);
    }
  }
  assert.is(landlockAbiOfKernel(5, 12), 0);
  assert.is(landlockAbiOfKernel(5, 13), 1);
  assert.is(landlockAbiOfKernel(6, 1), 2);
  assert.is(landlockAbiOfKernel(6, 12), 6);
  assert.is(landlockAbiOfKernel(6, 18), 7);
  assert.is(landlockAbiOfKernel(8, 0), newestLandlockAbi);
  assert.is(landlockMask('fs', 1), 8191n);
  assert.is(landlockMask('fs', 5), 65535n);
  assert.is(landlockMask('fs', 9), 131071n);
  assert.is(landlockMask('net', 3), 0n);
  assert.is(landlockMask('scope', 6), 3n);
});

run();
