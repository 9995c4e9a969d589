import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { KernelRefusal, type SystemCalls, systemCalls } from '../../runtime/kernel/system-calls.ts';
import { killWaiting } from '../../runtime/sandbox/supervisor/kill-process.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { runSupervised } from '../support/supervised.ts';

const { test, skip, run } = suite('a supervisor whose calls fail');

const errnos = { EPERM: 1, ENOENT: 2, ESRCH: 3, EINTR: 4, EBADF: 9, EINVAL: 22, EMFILE: 24 } as const;
const sends = 0xc018_2101;
const receives = 0xc050_2100;

/** Refuses a call when `when` says so, which is given how many of its kind came before. */
function refusing(
  name: Parameters<SystemCalls['call']>[0],
  error: keyof typeof errnos,
  when: (before: number, words: readonly unknown[]) => boolean,
): (calls: SystemCalls) => SystemCalls {
  let before = 0;
  return (calls) => ({
    ...calls,
    call(called, ...words) {
      if (called === name) {
        if (when(before, words)) {
          before += 1;
          throw new KernelRefusal(name, errnos[error]);
        }
        before += 1;
      }
      return calls.call(called, ...words);
    },
  });
}

/** The same, from when something is asked of the listener: a launcher is looked at as often as it takes until it has one. */
function onceListening(wrong: (calls: SystemCalls) => SystemCalls): (calls: SystemCalls) => SystemCalls {
  return (calls) => {
    const failing = wrong(calls);
    let listening = false;
    return {
      ...calls,
      call(name, ...words) {
        listening ||= name === 'ioctl';
        return (listening ? failing : calls).call(name, ...words);
      },
    };
  };
}

const probe = process.platform === 'linux' && process.arch === 'x64' ? compileHelper('level-probe.c', []) : {};
const loaded = await systemCalls();

if (probe.path === undefined || 'problem' in loaded)
  skip('every test', 'it needs Linux on x86_64, koffi and a compiler');
else {
  const program = probe.path;
  const calls = loaded;
  const policy = (seccomp: string) =>
    `profile: p\nmode: sandbox\nsecurity: { seccomp: { ${seccomp} } }\nadaptive:\n  auto_upgrade: hardened\n  triggers: [{ network_access: upgrade }]\n`;
  const plain = policy('default: allow');
  const groups = '"@basic-start", "@basic-io", "@file-system", "@process", "@signal", "@sync", "@network-io", "@timer"';
  const killing = policy(`default: kill, allow: [${groups}, personality, getppid]`);
  const words = [program, 'personality', 'socket', 'personality', 'unix'];
  const usual = ['personality done', 'socket done', 'personality -1 EPERM', 'unix done'];

  test('a signal, and a call that was given up meanwhile, change nothing', async () => {
    const failures = [
      refusing('ppoll', 'EINTR', (before) => before % 2 === 0),
      refusing('ioctl', 'EINTR', (before, [, what]) => what === receives && before % 3 === 1),
      refusing('ioctl', 'ENOENT', (before, [, what]) => what === receives && before % 3 === 1),
    ];
    for (const wrong of failures) {
      const { code, lines, said } = await runSupervised(plain, words, { calls: wrong });
      assert.equal([code, lines, said], [0, usual, []]);
    }
  });

  test('an answer that the kernel does not take ends the program, and nothing passes unanswered', async () => {
    for (const error of ['EINVAL', 'EBADF', 'EPERM'] as const) {
      let sent = 0;
      const wrong = refusing('ioctl', error, (_, [, what]) => {
        if (what === sends) sent += 1;
        return what === sends && sent > 1;
      });
      const { lines, signal, said } = await runSupervised(plain, words, { calls: wrong });
      assert.equal([lines, signal], [[], 'SIGKILL'], error);
      assert.equal(said, [`the supervisor of the program: ioctl: ${error}; the program is killed`]);
    }
  });

  test('a process that is to be killed and cannot be ends the program, which sees no answer first', async () => {
    const after = ['socket', 'personality', 'unix'];
    for (const [name, error] of [
      ['pidfd_send_signal', 'EPERM'],
      ['pidfd_open', 'EMFILE'],
      ['pidfd_open', 'ESRCH'],
    ] as const) {
      const wrong = onceListening(refusing(name, error, () => true));
      const { lines, signal, said } = await runSupervised(killing, [program, ...after], { calls: wrong });
      assert.equal([lines, signal], [['socket done'], 'SIGKILL'], `${name} ${error}`);
      assert.match(said.join(), `a process that is to be killed cannot be: ${name}: ${error}; the program is killed`);
    }
  });

  test('a thread is killed with its process while it waits, and nobody who has its number later', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const thread = child.pid ?? 0;
    killWaiting(calls, { id: 1n, thread }, { isValid: () => false });
    assert.ok(child.kill(0));
    killWaiting(calls, { id: 1n, thread }, { isValid: () => true });
    assert.equal(await ended, [null, 'SIGKILL']);
    const nobody = { id: 1n, thread: 2 ** 30 };
    killWaiting(calls, nobody, { isValid: () => false });
    assert.throws(() => killWaiting(calls, nobody, { isValid: () => true }), 'in no process that /proc tells of');
  });
}

run();
