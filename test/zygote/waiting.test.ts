import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Policy } from '../../compiler/ir/policy.ts';
import { runningServers, stopServers } from '../../runtime/sandbox/zygote/servers.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { limitOf } from '../support/policies.ts';
import { until } from '../support/until.ts';
import { forked, noZygote, zygoteFor } from '../support/zygote.ts';

const { test, skip, run } = suite('programs that wait to be asked for');

const missing = await noZygote();

/** A policy of this file's alone. */
const policy: Partial<Policy> = { limits: [limitOf('rlimit:core', 'count', 77)] };

async function serverPid(): Promise<number> {
  const { zygote } = await zygoteFor(policy, ['-c', 'pass']);
  const servers = await runningServers();
  assert.not('problem' in servers);
  const own = 'problem' in servers ? undefined : servers.find((each) => zygote.plan.socket.includes(each.identity));
  return own?.pid ?? 0;
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

const contentOf = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** The keeper, the first process of the namespace and the interpreter that waits in recvmsg(2), once all are there. */
async function waiting(): Promise<readonly [keeper: number, init: number, program: number]> {
  const server = await serverPid();
  let found: number[] = [];
  await until(() => {
    try {
      const keepers = childrenOf(server);
      const inits = keepers.flatMap(childrenOf);
      found = [...keepers, ...inits, ...inits.flatMap(childrenOf)];
      return found.length === 3 && contentOf(`/proc/${found[2]}/stack`).includes('unix_stream_recvmsg');
    } catch {
      return false; // one has just ended
    }
  }, 'a program waits');
  return [found[0]!, found[1]!, found[2]!];
}

/** proc_pid_stat(5): page faults that needed no reading. */
const faultsOf = (stat: string) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7]);

if (missing !== undefined) skip('every test', missing);
else if (!existsSync(`/proc/self/task/${process.pid}/children`)) skip('every test', 'the kernel lists no children');
else {
  test('a program that waits is in its sandbox, and has the pages that a start takes', async () => {
    await forked(policy, ['-c', 'pass']);
    const [, , program] = await waiting();
    const status = readFileSync(`/proc/${program}/status`, 'utf8');
    assert.match(status, /^NoNewPrivs:\t1$/m);
    const before = faultsOf(readFileSync(`/proc/${program}/stat`, 'utf8'));
    const text = 'print(open("/proc/self/stat").read())';
    const { stdout } = await forked(policy, ['-c', text], { environment: { HOME: '/' } });
    const taken = faultsOf(stdout) - before;
    // Without them it is 160 and more; that which prints takes a few.
    assert.ok(taken < 80, `${taken} faults`);
  });

  for (const [index, name] of ['keeper', 'first process', 'interpreter'].entries()) {
    test(`where the ${name} of a program that waits ends, another takes its place`, async () => {
      await forked(policy, ['-c', 'pass']);
      const before = await waiting();
      process.kill(before[index]!, 'SIGKILL');
      await until(() => before.every((pid) => !existsSync(`/proc/${pid}`)), 'all three have ended');
      const after = await waiting();
      assert.equal(
        after.filter((pid) => before.includes(pid)),
        [],
      );
      assert.is((await forked(policy, ['-c', 'print(1)'])).stdout, '1\n');
    });
  }

  test('the end of a program is told while its server does nothing', async () => {
    const server = await serverPid();
    await withFolder(async (folder) => {
      const sign = join(folder, 'sign');
      const text =
        'import os, sys, time\nprint(1, flush=True)\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\nsys.exit(7)';
      let output = () => '';
      const ended = forked(policy, ['-c', text, sign], {
        started(_, read) {
          output = read;
        },
      });
      await until(() => output() !== '', 'the program runs');
      process.kill(server, 'SIGSTOP');
      try {
        writeFileSync(sign, '');
        assert.equal((await ended).end, { code: 7 });
      } finally {
        process.kill(server, 'SIGCONT');
      }
    });
    assert.is((await forked(policy, ['-c', 'print(1)'])).stdout, '1\n');
  });

  test('of what waited nothing is left after the server', async () => {
    await forked(policy, ['-c', 'pass']);
    const pids = [await serverPid(), ...(await waiting())];
    const result = await stopServers();
    assert.equal('left' in result && result.left, []);
    // Who loses its keeper is ended by the kernel, a moment later.
    await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), 'all have ended');
  });
}

run();
