import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { attachObject } from '../../runtime/hook-programs/attach.ts';
import { loadObject } from '../../runtime/hook-programs/load.ts';
import { unifiedMount } from '../../runtime/hook-programs/program-group.ts';
import { isRefusal } from '../../runtime/hook-programs/refusal.ts';
import { Bpf } from '../../runtime/kernel/bpf.ts';
import { starterSocket } from '../../runtime/sandbox/starter-socket.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { buildLauncher } from '../support/launcher.ts';
import { policyOf } from '../support/policies.ts';
import { calls, connectFrom, programs } from '../support/socket-programs.ts';
import { until } from '../support/until.ts';

const { test, skip, run } = suite('programs of a run whose processes are killed');

/** The processes whose parent is one of these, whatever namespace they are in. */
function childrenOf(parents: readonly number[]): readonly number[] {
  const parentOf = (id: number): number => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      return -1;
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((id) => id > 0 && parents.includes(parentOf(id)));
}

const detached = 'programs hold to the end of the program, also where who started it is killed';
const root = process.platform === 'linux' && process.getuid?.() === 0;
const group = root && process.arch === 'x64' ? unifiedMount() : undefined;
if (group === undefined) skip(detached, 'it needs root and control groups of version 2, on x86_64');
else {
  const { path: connects, reason } = compileHelper('connects.c', []);
  if (connects === undefined) skip(detached, reason ?? '');
  else {
    test(detached, async () => {
      const bpf = new Bpf(await calls());
      const folder = join(group, `polc-bound-${process.pid}`);
      const output = mkdtempSync(join(tmpdir(), 'polc-bound-'));
      mkdirSync(folder);
      const launcher = buildLauncher(policyOf({}), {
        surroundings: { bound: true, cgroup: { version: 2, directory: folder } },
      });
      try {
        for (let round = 0; round < 6; round += 1) {
          const loaded = loadObject(bpf, programs().object, 'policy.bpf.o');
          if (isRefusal(loaded)) throw new Error(loaded.problem);
          const attached = attachObject(bpf, loaded, folder);
          if (isRefusal(attached)) throw new Error(attached.problem);
          const starter = await starterSocket(attached.links.map(({ descriptor }) => descriptor));
          if ('problem' in starter) throw new Error(starter.problem);
          const path = join(output, `${round}`);
          const said = openSync(path, 'w');
          const child = spawn(launcher, [connects], { stdio: ['ignore', said, 'inherit', starter.handed] });
          closeSync(said);
          const ended = new Promise((resolve) => child.on('close', resolve));
          const all = 'up\n'.repeat(4);
          const text = () => readFileSync(path, 'utf8');
          await until(() => text().length >= all.length || child.exitCode !== null, 'it connects');
          assert.is(text(), all);
          const init = childrenOf([child.pid!]);
          const program = childrenOf(init);
          const processes = [...init, ...program, ...childrenOf(program)];
          assert.is(processes.length, 5);
          // As where polc is killed while the first parent does not run: nobody else holds the links.
          child.kill('SIGSTOP');
          starter.end();
          attached.detach();
          loaded.close();
          child.kill('SIGKILL');
          await ended;
          await until(() => !processes.some((id) => existsSync(`/proc/${id}`)), 'nobody is left');
          assert.is(text(), all, `round ${round}`);
          await until(() => connectFrom(folder, '127.0.0.4') === 'ECONNREFUSED', 'they are detached');
        }
      } finally {
        rmSync(output, { recursive: true });
        rmdirSync(folder);
      }
    });
  }
}

run();
