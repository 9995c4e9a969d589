import { execFileSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { type Architecture, architectures, x32Bit } from '../../compiler/tables/architectures.ts';
import { syscallFrequency } from '../../compiler/tables/frequencies.ts';
import { argumentNames, pointerArguments } from '../../compiler/tables/syscall-arguments.ts';
import { syscallDoc } from '../../compiler/tables/syscall-docs.ts';
import {
  isSyscall,
  newestNumber,
  syscallName,
  syscallNames,
  syscallNumber,
  syscallNumbers,
  syscallSince,
} from '../../compiler/tables/syscalls.ts';
import { suite } from '../support/harness.ts';
import { canCompile, withCProgram } from './c-program.ts';

const { test, skip, run } = suite('syscall-tables');

const tokens: Readonly<Record<Architecture, string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  x86: 'SCMP_ARCH_X86',
  x32: 'SCMP_ARCH_X32',
  aarch64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  riscv64: 'SCMP_ARCH_RISCV64',
};

const resolver = `
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  unsigned tokens[] = {${architectures.map((architecture) => tokens[architecture]).join(', ')}};
  char name[256];
  while (fgets(name, sizeof name, stdin)) {
    name[strcspn(name, "\\n")] = 0;
    if (seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR) continue;
    printf("%s", name);
    for (int at = 0; at < ${architectures.length}; at += 1) printf(" %d", seccomp_syscall_resolve_name_arch(tokens[at], name));
    printf("\\n");
  }
}`;

if (canCompile('seccomp.h')) {
  test('every name has the number that libseccomp gives it, on every architecture', () => {
    const output = withCProgram(resolver, ['-lseccomp'], (program) =>
      execFileSync(program, { input: `${syscallNames().join('\n')}\n`, encoding: 'utf8' }),
    );
    const differences: string[] = [];
    let compared = 0;
    for (const line of output.trim().split('\n')) {
      const [name = '', ...numbers] = line.split(' ');
      architectures.forEach((architecture, at) => {
        const theirs = Number(numbers[at]);
        const ours = syscallNumber(architecture, name);
        compared += 1;
        // A negative number is libseccomp's mark of a call that the architecture lacks.
        if ((theirs < 0 ? undefined : theirs) !== ours) differences.push(`${architecture} ${name} ${theirs} ${ours}`);
      });
    }
    assert.equal(
      differences.filter((difference) => !addedSince(difference)),
      [],
    );
    assert.ok(compared > 2500, `${compared} comparisons`);
  });
} else {
  skip('every name has the number that libseccomp gives it, on every architecture', 'no gcc or libseccomp headers');
}

/** Calls that an architecture gained after the oldest libseccomp we meet (2.5.4). */
function addedSince(difference: string): boolean {
  return ['riscv64 memfd_secret -10244 447'].includes(difference);
}

test('names and numbers are inverse on every architecture', () => {
  for (const architecture of architectures) {
    for (const [name, number] of syscallNumbers(architecture)) {
      assert.is(syscallName(architecture, number), name);
      assert.ok(isSyscall(name));
      assert.is((number & x32Bit) !== 0, architecture === 'x32');
    }
  }
});

test('only the private ranges lie above the newest regular number', () => {
  for (const architecture of architectures) {
    const newest = newestNumber(architecture);
    assert.is(newest % x32Bit, 471);
    assert.ok(syscallName(architecture, newest));
    const above = [...syscallNumbers(architecture).values()].filter((number) => number > newest);
    const low = architecture === 'arm' ? 0xf_0001 : x32Bit + 512;
    assert.is(above.length > 0, architecture === 'arm' || architecture === 'x32');
    for (const number of above) assert.ok(number >= low);
  }
});

test('a name that is no call is unknown everywhere', () => {
  for (const name of ['', 'opennat', 'constructor', '__proto__', '--']) {
    assert.not(isSyscall(name));
    for (const architecture of architectures) assert.is(syscallNumber(architecture, name), undefined);
  }
  assert.is(syscallName('x86_64', -1), undefined);
  assert.is(syscallName('x86_64', 400), undefined);
});

test('every call of the common numbering has the kernel that brought it, in the order of numbers', () => {
  let last = 0;
  for (let number = 424; number <= newestNumber('x86_64'); number += 1) {
    const name = syscallName('x86_64', number)!;
    const since = syscallSince(name);
    assert.ok(since, name);
    const order = since!.major * 100 + since!.minor;
    // Numbers are given when a call is merged into a tree; these came with a later kernel than their successors.
    if (!['open_tree', 'clone3', 'close_range', 'memfd_secret', 'pidfd_open'].includes(name)) {
      assert.ok(order >= last || ['openat2', 'faccessat2', 'landlock_create_ruleset'].includes(name), name);
      last = Math.max(last, order);
    }
  }
  assert.equal(syscallSince('openat2'), { major: 5, minor: 6 });
  assert.equal(syscallSince('futex_time64'), { major: 5, minor: 1 });
  assert.is(syscallSince('read'), undefined);
});

test('pointers are known and the rest is not claimed', () => {
  assert.equal(pointerArguments('openat'), [1]);
  assert.equal(argumentNames('openat'), ['dfd', 'filename', 'flags', 'mode']);
  assert.equal(pointerArguments('execve'), [0, 1, 2]);
  assert.equal(pointerArguments('socket'), []);
  assert.equal(argumentNames('getpid'), []);
  assert.equal(pointerArguments('clone'), [2]);
  assert.equal(pointerArguments('clone3'), [0]);
  for (const name of ['ioctl', 'fcntl', 'prctl', 'ptrace', 'kill', 'mmap', 'personality']) {
    assert.equal(pointerArguments(name), [], name);
  }
  for (const name of syscallNames()) {
    const names = argumentNames(name);
    assert.ok((names?.length ?? 0) <= 6, name);
    for (const at of pointerArguments(name)) assert.ok(at < names!.length);
  }
  assert.is(argumentNames('nonsense'), undefined);
});

test('common calls weigh most, and every call weighs something', () => {
  for (const common of ['read', 'write', 'openat', 'close', 'newfstatat', 'mmap', 'munmap', 'mprotect', 'futex']) {
    for (const rare of ['ptrace', 'mount', 'kexec_load', 'bpf']) {
      assert.ok(syscallFrequency(common) > 50 * syscallFrequency(rare));
    }
  }
  for (const name of syscallNames()) assert.ok(syscallFrequency(name) >= 1);
  assert.is(syscallFrequency('mmap2'), syscallFrequency('mmap'));
});

test('the lines of documentation are of known calls and cover the common ones', () => {
  const undocumented = [...syscallNumbers('aarch64').keys()].filter((name) => syscallDoc(name) === undefined);
  assert.ok(undocumented.length < 40, undocumented.join(' '));
  assert.is(syscallDoc('chown32'), syscallDoc('chown'));
  assert.is(syscallDoc('nonsense'), undefined);
});

run();
