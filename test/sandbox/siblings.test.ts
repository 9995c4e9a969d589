import { equal } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('siblings');

function policy(seccomp: readonly string[]): string {
  return ['profile: web', 'mode: sandbox', 'security:', '  seccomp:', ...seccomp.map((line) => `    ${line}`), ''].join(
    '\n',
  );
}

function siblingsOf(text: string) {
  const { diagnostics, sources } = compile('policy.yaml', Buffer.from(text), nodeHost, { maximumMilliseconds: 0 });
  const found = diagnostics.filter(({ code }) => code === 'POL5026');
  const fixed = applyFixes(found, (file) => sources.get(file), 'all').texts.get('policy.yaml');
  return { messages: found.map(({ message }) => message), fixed };
}

const lists: readonly [name: string, before: readonly string[], after: readonly string[]][] = [
  [
    'a list in brackets',
    ['default: allow', 'architectures: [x86_64, x86]', 'deny: [ptrace, "socket", chmod]'],
    [
      'default: allow',
      'architectures: [x86_64, x86]',
      'deny: [ptrace, socketcall, "socket", fchmod, fchmodat, fchmodat2, chmod]',
    ],
  ],
  [
    'a list of lines',
    ['default: allow', 'deny:', '  - ptrace', '  - execve # no programs'],
    ['default: allow', 'deny:', '  - ptrace', '  - execveat', '  - execve # no programs'],
  ],
  [
    'the calls of a rule',
    ['default: log', 'rules:', '  - action: kill', '    syscalls: [mount]'],
    ['default: log', 'rules:', '  - action: kill', '    syscalls: [move_mount, mount]'],
  ],
];
for (const [name, before, after] of lists) {
  test(`the fix refuses what was left in ${name}, and then nothing is said`, () => {
    const { fixed } = siblingsOf(policy(before));
    equal(fixed, policy(after));
    equal(siblingsOf(policy(after)).messages, []);
  });
}

const silent: readonly [name: string, seccomp: readonly string[]][] = [
  ['a refusal with ENOSYS', ['default: allow', 'rules: [{ syscalls: [clone3], action: errno(ENOSYS) }]']],
  ['a refusal of some arguments', ['default: allow', 'rules: [{ syscalls: [mkdir], action: kill, when: arg1 == 0 }]']],
  [
    'a sibling of which some arguments are refused',
    ['default: allow', 'rules: [{ syscalls: [mkdirat], action: kill, when: arg2 == 0 }]', 'deny: [mkdir]'],
  ],
  ['a sibling that is allowed by name', ['default: allow', 'deny: [open, creat]', 'allow: [openat, openat2]']],
  ['what the default refuses', ['default: deny', 'allow: ["@basic-start"]', 'deny: [execve]']],
  ['an action that lets pass', ['default: allow', 'rules: [{ syscalls: [execve], action: log }]']],
  ['an entry that an earlier rule overrides', ['default: allow', 'rules: [{ syscalls: [execve] }]', 'deny: [execve]']],
  ['a call of another architecture', ['default: allow', 'architectures: [x86_64]', 'deny: [socket]']],
];
for (const [name, seccomp] of silent) {
  test(`nothing is said of ${name}`, () => equal(siblingsOf(policy(seccomp)).messages, []));
}

test('a sibling that comes in with a group is reported', () => {
  equal(
    siblingsOf(policy(['default: deny', 'architectures: [x86_64]', 'allow: ["@basic-start"]', 'deny: [open]']))
      .messages,
    ['`open` is refused, but `openat` can do the same and still pass'],
  );
});

run();
