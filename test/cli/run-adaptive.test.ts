import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { koffiFiles } from '../support/machine-node.ts';
import { withProject } from '../support/polc-process.ts';
import { until } from '../support/until.ts';

const { test, skip, run } = suite('polc run of an adaptive policy');

const probe = process.platform === 'linux' && process.arch === 'x64' ? compileHelper('level-probe.c', []) : {};
const policy = `profile: web
mode: sandbox
security: { seccomp: { default: allow } }
resources: { timeout: 60s }
adaptive:
  auto_upgrade: hardened
  triggers: [{ network_access: upgrade }]
`;

if (probe.path === undefined) skip('every test', probe.reason ?? 'it needs Linux on x86_64');
else {
  const program = probe.path;

  test('each move is a line of JSON, and the program goes on in the stricter level', () =>
    withProject(({ polc, write }) => {
      write({ 'p.yaml': policy });
      const { status, stdout, stderr } = polc(['run', 'p.yaml', '--', program, 'personality', 'socket', 'personality']);
      assert.equal([status, stdout], [0, 'personality done\nsocket done\npersonality -1 EPERM\n'], stderr);
      const { time, microseconds, thread, ...event } = JSON.parse(stderr) as Record<string, unknown>;
      assert.equal(event, {
        policy: 'web',
        event: 'level',
        from: 'sandbox',
        to: 'hardened',
        rule: 'transition/network_access',
        trigger: 'network_access',
        syscall: 'socket',
      });
      assert.ok(typeof time === 'string' && typeof microseconds === 'number' && typeof thread === 'number');
    }));

  test('a polc that is killed leaves a program that is refused what it would have been asked about', () =>
    withProject(async ({ start, write }) => {
      write({ 'p.yaml': policy.replace(/resources.*\n/, '') });
      const child = start(['run', 'p.yaml', '--', program, 'personality', 'orphan', 'personality', 'unix', 'socket'], {
        stdio: 'pipe',
      });
      let output = '';
      child.stdout?.on('data', (data: Buffer) => {
        output += data.toString();
      });
      await until(() => output.includes('done'), 'the program has begun');
      child.kill('SIGKILL');
      await until(() => output.includes('socket'), 'the program has gone on');
      assert.is(output, 'personality done\npersonality -1 ENOSYS\nunix done\nsocket -1 ENOSYS\n');
    }));

  const ordinary = 'an ordinary user watches a program of its own, also in namespaces of its own';
  if (process.getuid?.() !== 0) skip(ordinary, 'only root becomes another user');
  else {
    test(ordinary, () =>
      withProject(({ folder, polc, write }) => {
        const prefix = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
        // The product is copied to where that user may read it; what it loads from beside it goes there too.
        polc(['--version'], { prefix });
        for (const [path, content] of Object.entries(koffiFiles())) {
          const copy = join(dirname(folder), path.replace('/polc/', 'product/'));
          mkdirSync(dirname(copy), { recursive: true });
          writeFileSync(copy, content);
        }
        chmodSync(dirname(program), 0o755);
        for (const more of ['', 'resources: { timeout: 60s }\n', 'network: { mode: loopback-only }\n']) {
          write({ 'p.yaml': policy.replace(/resources.*\n/, more) });
          const words = ['run', 'p.yaml', '--', program, 'personality', 'fork', 'socket', 'after', 'personality'];
          const { status, stdout, stderr } = polc(words, { prefix });
          assert.equal([status, stdout], [0, 'personality done\nsocket done\npersonality -1 EPERM\n'], stderr);
        }
      }),
    );
  }

  test('a policy that nobody can hold in its stricter level starts nothing', () =>
    withProject(({ polc, write }) => {
      write({
        'p.yaml': policy
          .replace('sandbox', 'direct')
          .replace('hardened', 'sandbox')
          .replace('resources', 'network: { mode: none }\nresources'),
      });
      const { status, stdout, stderr } = polc(['run', 'p.yaml', '--', 'echo', 'started']);
      assert.equal([status, stdout], [125, '']);
      assert.match(stderr, /`adaptive\.sandbox\.resources\.timeout` is enforced by no backend/);
      assert.match(stderr, /a process takes this on itself before the program starts/);
    }));
}

run();
