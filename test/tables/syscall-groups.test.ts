import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { architectures } from '../../compiler/tables/architectures.ts';
import { basicStart, neededToStart } from '../../compiler/tables/program-start.ts';
import { groupDoc, groupMembers, groupNames } from '../../compiler/tables/syscall-groups.ts';
import { isSyscall, syscallNumber } from '../../compiler/tables/syscalls.ts';
import { suite } from '../support/harness.ts';
import { canCompile, withCProgram } from './c-program.ts';

const { test, skip, run } = suite('syscall-groups');

test('every group is described, sorted and closed over known calls', () => {
  assert.ok(groupNames().length >= 30);
  for (const name of groupNames()) {
    const members = groupMembers(name);
    assert.ok(members !== undefined && members.length > 0, name);
    assert.equal([...new Set(members)].sort(), members, name);
    for (const member of members!) assert.ok(isSyscall(member), `${name}: ${member}`);
    assert.ok((groupDoc(name) ?? '').length > 0, name);
  }
  assert.is(groupMembers('@nonsense'), undefined);
  assert.is(groupMembers('@basic-start'), undefined);
});

test('nested groups are resolved', () => {
  const service = new Set(groupMembers('@system-service'));
  for (const nested of ['@default', '@basic-io', '@file-system', '@signal', '@timer']) {
    for (const member of groupMembers(nested)!) assert.ok(service.has(member), member);
  }
  for (const refused of ['mount', 'ptrace', 'bpf', 'init_module', 'kexec_load', 'reboot']) {
    assert.not(service.has(refused), refused);
  }
});

test('what a start needs exists on the architecture and is in @basic-start', () => {
  for (const architecture of architectures) {
    for (const kind of ['kill', 'errno'] as const) {
      const group = new Set(basicStart(architecture, kind));
      for (const name of group) assert.ok(syscallNumber(architecture, name) !== undefined, `${architecture} ${name}`);
      for (const linking of ['static', 'dynamic'] as const) {
        const needed = neededToStart(architecture, kind, linking);
        assert.ok(needed.includes('execve'));
        for (const name of needed) assert.equal(group.has(name), name !== 'execve', name);
      }
    }
  }
});

const confine = `
#include <seccomp.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
  scmp_filter_ctx filter = seccomp_init(!strcmp(words[1], "kill") ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(1));
  for (int at = 3; at < count; at += 1)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(words[at]), 0)) return 97;
  if (seccomp_load(filter)) return 99;
  char *program[] = {words[2], 0};
  execv(words[2], program);
  return 98;
}`;
const greet = '#include <unistd.h>\nint main(void) { return write(1, "hi", 2) != 2; }';

function report(): string | undefined {
  const header = process.report.getReport();
  return typeof header === 'object' && 'header' in header
    ? (header as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime
    : undefined;
}

const title = 'on x86_64 a program starts with what it needs, and not with one call less';
if (process.arch !== 'x64' || report() !== '2.36')
  skip(title, `measured with glibc 2.36 on x86_64, here is ${report()}`);
else if (!canCompile('seccomp.h')) skip(title, 'no gcc or libseccomp headers');
else {
  test(title, () => {
    withCProgram(confine, ['-lseccomp'], (confined) => {
      for (const linking of ['static', 'dynamic'] as const) {
        withCProgram(greet, linking === 'static' ? ['-static'] : [], (program) => {
          for (const kind of ['kill', 'errno'] as const) {
            const starts = (calls: readonly string[]) => {
              const done = spawnSync(confined, [kind, program, ...calls], { encoding: 'utf8' });
              return done.status === 0 && done.stdout === 'hi';
            };
            const needed = neededToStart('x86_64', kind, linking);
            assert.ok(starts([...needed, 'write']), `${linking} ${kind}`);
            for (const left of needed) {
              const rest = needed.filter((name) => name !== left);
              assert.not(starts([...rest, 'write']), `${linking} ${kind} without ${left}`);
            }
            assert.ok(starts([...basicStart('x86_64', kind), 'execve']));
          }
        });
      }
    });
  });
}

run();
