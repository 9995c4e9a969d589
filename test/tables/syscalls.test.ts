import { execFileSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { type Architecture, architectures, x32Bit } from '../../compiler/tables/architectures.ts';
import { syscallFrequency } from '../../compiler/tables/frequencies.ts';
import { argumentNames, argumentWidth, pointerArguments } from '../../compiler/tables/syscall-arguments.ts';
import { syscallDoc } from '../../compiler/tables/syscall-docs.ts';
import { syscallSiblings } from '../../compiler/tables/syscall-siblings.ts';
import { syscallSince } from '../../compiler/tables/syscall-versions.ts';
import {
  isSyscall,
  newestNumber,
  syscallName,
  syscallNames,
  syscallNumber,
  syscallNumbers,
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
        if (isMultiplexed(architecture, theirs)) return;
        compared += 1;
        // A negative number is libseccomp's mark of a call that the architecture lacks.
        if ((theirs < 0 ? undefined : theirs) !== ours && !addedSince.includes(`${architecture} ${name}`)) {
          differences.push(`${architecture} ${name}: theirs ${theirs}, ours ${ours}`);
        }
      });
    }
    assert.equal(differences, []);
    assert.ok(compared > 2500, `${compared} comparisons`);
  });
} else {
  skip('every name has the number that libseccomp gives it, on every architecture', 'no gcc or libseccomp headers');
}

/** Linux gave x32 this call after the libseccomp of Debian 12 (2.5.4 with newer tables) had been made. */
const addedSince: readonly string[] = ['x32 map_shadow_stack'];

/**
 * libseccomp marks a call that 32-bit x86 also makes through socketcall (-100 to -120) or ipc (-200 to -224) by a
 * number of its own, and resolves the direct number later; that number is no answer about the direct call.
 */
function isMultiplexed(architecture: Architecture, number: number): boolean {
  return architecture === 'x86' && number <= -100 && number >= -224;
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

test('every call of the common numbering has the kernel that brought it', () => {
  for (let number = 424; number <= newestNumber('x86_64'); number += 1) {
    const name = syscallName('x86_64', number)!;
    const since = syscallSince(name);
    assert.ok(since, name);
    const order = since!.major * 100 + since!.minor;
    assert.ok(order >= 501 && order <= 701, name);
    // The unified numbering began with 5.1; 450 came with 5.17.
    assert.is(order > 517, number > 450, name);
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

test('arguments are as wide as the kernel takes them', () => {
  const widthsOf = (name: string) => argumentNames(name)!.map((_, index) => argumentWidth(name, index));
  assert.equal(widthsOf('socket'), [32, 32, 32]);
  assert.equal(widthsOf('ioctl'), [32, 32, 64]);
  assert.equal(widthsOf('openat'), [32, 64, 32, 16]);
  assert.equal(widthsOf('mprotect'), [64, 64, 64]);
  assert.equal(widthsOf('mmap'), [64, 64, 64, 64, 32, 64]);
  assert.equal(widthsOf('preadv'), [32, 64, 64, 64, 64]);
  assert.equal(widthsOf('add_key'), [64, 64, 64, 64, 32]);
  assert.equal(widthsOf('setresuid'), [32, 32, 32]);
  assert.is(argumentWidth('clone', 0), 32);
  assert.is(argumentWidth('socket', 3), 64);
  assert.is(argumentWidth('nonsense', 0), 64);
  for (const name of syscallNames()) {
    for (const at of pointerArguments(name)) assert.is(argumentWidth(name, at), 64, name);
  }
});

test('siblings are calls, and each of two has the other', () => {
  const multiplexers = ['socketcall', 'ipc'];
  for (const name of syscallNames()) {
    for (const sibling of syscallSiblings(name, 'x86')) {
      assert.ok(syscallNames().includes(sibling), sibling);
      assert.is.not(sibling, name);
      assert.is(syscallSiblings(sibling, 'x86').includes(name), !multiplexers.includes(sibling), `${name} ${sibling}`);
    }
  }
  assert.equal(syscallSiblings('shmat', 'x86'), ['ipc']);
  assert.equal(syscallSiblings('shmat', 'x86_64'), []);
  assert.equal(syscallSiblings('ptrace', 'x86'), []);
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
