// What it takes until `python3 -c pass` has run and its exit code is known: started by the launcher of a policy, bare, and
// forked by the policy's server, asked from this process. Server and programs are warm: a moment passes between two asks.
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitLauncher } from '../compiler/backends/launcher/index.ts';
import type { Policy } from '../compiler/ir/policy.ts';
import { localMachine } from '../runtime/sandbox/machine.ts';
import { sandboxPlan } from '../runtime/sandbox/zygote/plan.ts';
import { pythonProgram } from '../runtime/sandbox/zygote/python-command.ts';
import { startInZygote, zygoteOf } from '../runtime/sandbox/zygote/run-program.ts';
import { stopServers } from '../runtime/sandbox/zygote/servers.ts';
import { scratchFolder } from './support/native.ts';
import { spawner } from './support/spawn.ts';
import { printTable } from './support/table.ts';

const rounds = 100;
const pause = 40;
const command = ['/usr/bin/python3', '-c', 'pass'];

const span = { file: 'zygote.yaml', start: 0, end: 0 };
/** A filter, and namespaces: what a program is put into beside the Landlock domain that each has. */
const policy: Policy = {
  name: 'zygote',
  decisions: [
    {
      point: 'syscall',
      combine: 'first-match',
      rules: [],
      otherwise: { id: 'syscall/otherwise', topic: 'syscall', origin: { span }, effect: { kind: 'allow' } },
    },
  ],
  limits: [
    {
      id: 'timeout',
      topic: 'resources.timeout',
      origin: { span },
      resource: 'timeout',
      ceiling: { unit: 'milliseconds', amount: 60_000 },
    },
  ],
  obligations: [],
};

async function forkedTimes(): Promise<readonly number[] | string> {
  const local = localMachine();
  if ('problem' in local) return local.problem;
  const plan = sandboxPlan(policy, local.target, local.machine, { separate: true }, undefined);
  if ('problem' in plan) return plan.problem;
  const environment = { PATH: '/usr/bin:/bin', HOME: '/', LANG: 'C.UTF-8' };
  const program = pythonProgram(command, environment, undefined, local.machine);
  if ('problem' in program) return program.problem;
  const zygote = await zygoteOf(plan, program);
  if ('problem' in zygote) return zygote.problem;
  const nothing = openSync('/dev/null', 'r+');
  const times: number[] = [];
  try {
    for (let round = -5; round < rounds; round++) {
      const at = performance.now();
      const run = { folder: '/', environment, descriptors: [nothing, nothing, nothing] } as const;
      const started = await startInZygote(zygote, program, run);
      if ('problem' in started) return started.problem;
      const end = await started.end;
      if (!('code' in end) || end.code !== 0) return JSON.stringify(end);
      if (round >= 0) times.push(performance.now() - at);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } finally {
    closeSync(nothing);
    await stopServers();
  }
  return times;
}

const spawn = spawner();
const local = localMachine();
if ('problem' in local) console.log(`absent: fork servers, ${local.problem}`);
else if (spawn !== undefined) {
  const runtime = join(scratchFolder(), 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  process.env.XDG_RUNTIME_DIR = runtime;
  const { artifacts } = emitLauncher(policy, local.target, { separate: true });
  const launcher = join(scratchFolder(), 'launcher');
  writeFileSync(launcher, artifacts.find(({ path }) => path === `launcher.${local.machine}`)!.content, { mode: 0o755 });
  const forked = await forkedTimes();
  if (typeof forked === 'string') console.log(`absent: fork servers, ${forked}`);
  else {
    const [plain, bare] = spawn(rounds, [[launcher, ...command], command]);
    const median = [...forked].sort((left, right) => left - right)[Math.floor(rounds / 2)]!;
    const peer = { name: 'plain start', value: plain!.elapsed };
    printTable('`python3 -c pass` until its exit code is known, median', 'ms', [
      { what: 'forked by a warm server', ours: median, peer, target: plain!.elapsed / 5 },
      { what: '  beside python3 without a sandbox', ours: median, peer: { name: 'python3', value: bare!.elapsed } },
    ]);
  }
}
