import * as assert from 'uvu/assert';
import { defaultTarget } from '../../compiler/target.ts';
import { compileText, coverageFindings, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('what-stays-open');

const emit = ['launcher', 'cgroup', 'landlock', 'seccomp'] as const;
const limits = 'resources: { memory: 64MiB, cpu: 1, pids: 9, timeout: 9s }\n';
const beneath = (path: string, access: string, more = '') =>
  `security: { ${more}landlock: { paths: [{ path: ${path}, access: ${access} }] } }\n`;

test('a control group holds only who cannot write to its hierarchy, nor start a process elsewhere in it', () => {
  const statuses = (text: string, landlock = 6) => {
    const target = { ...defaultTarget, landlock };
    const result = compileText(`${text}${limits}`, { emit, target });
    return ['memory', 'cpu', 'pids', 'timeout'].map(
      (resource) => coverageOf(result, `resources.${resource}`)[0]!.status,
    );
  };
  const open = ['partial', 'partial', 'partial', 'full'];
  const held = ['full', 'full', 'full', 'full'];
  const level = 'level: medium, ';
  assert.equal(statuses(''), open);
  assert.equal(statuses(beneath('/usr', 'read-write', level)), held);
  assert.equal(statuses(beneath('/sys', 'read-only', level)), held);
  assert.equal(statuses(beneath('/sys', 'read-write', level)), open);
  assert.equal(statuses(beneath('/sys/fs/cgroup/memory', 'read-write', level)), open);
  // Landlock sees nothing of clone3 with CLONE_INTO_CGROUP.
  assert.equal(statuses(beneath('/usr', 'read-write')), open);
  // Where there is no Landlock, paths restrict nothing.
  assert.equal(statuses(beneath('/usr', 'read-write', level), 0), open);
  const [memory] = coverageOf(compileText(limits, { emit }), 'resources.memory');
  assert.match(memory!.answers[0]!.lost!, /a process that stays root can leave its control group/);
});

test('without DNS, names are still looked up over UNIX sockets until the filter refuses them', () => {
  const dns = 'network: { mode: loopback-only, dns: disabled }\n';
  const filtered = (rule: string) =>
    `security:\n  seccomp:\n    default: allow\n    deny: [io_uring_setup]\n    rules:\n      - ${rule}\n${dns}`;
  const status = (text: string) => coverageOf(compileText(text, { emit }), 'network.dns')[0]!;
  const open = status(dns);
  assert.is(open.status, 'partial');
  assert.ok(open.answers.some(({ lost }) => lost?.includes('name services on UNIX sockets')));
  // Landlock leaves connect(2) on a path alone.
  assert.is(status(`${beneath('/usr', 'execute')}${dns}`).status, 'partial');
  assert.is(status(filtered('{ syscalls: [socket], when: arg0 == AF_INET, action: errno(EPERM) }')).status, 'partial');
  assert.is(status(filtered('{ syscalls: [socket], when: arg0 == AF_UNIX, action: errno(EPERM) }')).status, 'full');
  const finding = 'POL6004 warning `network.dns` is only partly enforced on this target';
  assert.equal(coverageFindings(compileText(dns, { emit })), [finding]);
  // Nobody asked for more than a network of one's own.
  assert.equal(coverageFindings(compileText('network: { mode: loopback-only }\n', { emit })), []);
});

run();
