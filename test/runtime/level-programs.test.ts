import { spawn } from 'node:child_process';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import type { Surroundings } from '../../compiler/backends/backend.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { compile } from '../../compiler/compile.ts';
import type { EnforcementLevel } from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { makeProgramGroup, removeProgramGroup } from '../../runtime/hook-programs/program-group.ts';
import { isRefusal } from '../../runtime/hook-programs/refusal.ts';
import { readyRun, runProgramsOf } from '../../runtime/hook-programs/run-programs.ts';
import { lacks } from '../../runtime/hook-programs/support.ts';
import { thisMachine } from '../../runtime/kernel/machine-facts.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';
import { runSupervised } from '../support/supervised.ts';
import { until } from '../support/until.ts';

const { test, skip, run } = suite('programs of levels');

const surroundings: Surroundings = { sha256: () => '', position: () => undefined };
const adaptive = (to: string) => `adaptive: { auto_upgrade: ${to}, triggers: [{ network_access: upgrade }] }\n`;

/** A policy that starts without rules and has one level, in which TCP and UDP reach only these ports. */
function oneLevel(level: string, low: number, high: number): Policy {
  const text = `profile: p\nmode: direct\nnetwork: { outbound: ["127.0.0.0/8:${low}-${high}"] }\n${adaptive(level)}`;
  const { policy, diagnostics } = compile('p.yaml', text, nodeHost, {
    backends: [bpfLsm],
    bundled: false,
    maximumMilliseconds: 0,
  });
  assert.ok(policy !== undefined, diagnostics.map(({ message }) => message).join('\n'));
  return policy;
}

const allowed = { sandbox: [1000, 5000], hardened: [3000, 9000] } as const;
const ports = [500, 2000, 4000, 7000];

/** Levels of which the later is not all of the earlier: only both together are the stricter. */
function twoLevels(): Policy {
  const [sandbox, hardened] = [oneLevel('sandbox', ...allowed.sandbox), oneLevel('hardened', ...allowed.hardened)];
  return {
    ...sandbox,
    adaptive: { start: 'direct', levels: [sandbox.adaptive!.levels[0]!, hardened.adaptive!.levels[0]!] },
  };
}

const probe = process.platform === 'linux' && process.arch === 'x64' ? compileHelper('level-probe.c', []) : {};
const [lack] = lacks(thisMachine(), { hooks: false, sockets: true });
const inForce = 'in whatever order levels are switched on, what one of them refuses stays refused';
if (probe.path === undefined) skip(inForce, probe.reason ?? 'it needs Linux on x86_64');
else if (lack !== undefined) skip(inForce, lack.what);
else {
  const program = probe.path;
  test(inForce, async () => {
    const policy = twoLevels();
    const { artifacts } = bpfLsm.emit(policy, defaultTarget, surroundings);
    const programs = runProgramsOf(policy, artifacts);
    assert.ok(programs !== undefined);
    const order = ['direct', 'sandbox', 'hardened'] as const;
    let group = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom<EnforcementLevel>(...order), { maxLength: 4 }), async (moves) => {
        const ready = await readyRun(programs);
        assert.not.ok(isRefusal(ready), isRefusal(ready) ? ready.problem : '');
        if (isRefusal(ready)) return;
        group += 1;
        const folder = makeProgramGroup(`polc-levels-${process.pid}-${group}`);
        const held = await ready.enforce(folder, 'p', () => {});
        assert.not.ok(isRefusal(held), isRefusal(held) ? held.problem : '');
        const asked = ports.flatMap((port) => ['connect', `${port}`]);
        const words = [asked, ...moves.map(() => ['line', ...asked])].flat();
        const inGroup = 'echo $$ > "$0/cgroup.procs"; exec "$@"';
        const child = spawn('sh', ['-c', inGroup, folder, program, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
        const closed = new Promise((resolve) => child.once('close', resolve));
        try {
          let output = '';
          child.stdout.on('data', (data: Buffer) => {
            output += data.toString();
          });
          const said = (after: number) => output.trim().split('\n').length >= (after + 1) * ports.length;
          const expected: string[] = [];
          let at = 0;
          const on = new Set<string>();
          for (const [index, move] of [undefined, ...moves].entries()) {
            if (move !== undefined) {
              at = Math.max(at, order.indexOf(move));
              const told = ready.tighten(move);
              // Once: a level that decides is switched on no second time.
              const added = order.slice(1, order.indexOf(move) + 1).filter((level) => !on.has(level));
              assert.is(told.length > 0, added.length > 0);
              for (const level of added) on.add(level);
              child.stdin.write('\n');
            }
            for (const port of ports) {
              const passes = (['sandbox', 'hardened'] as const)
                .slice(0, at)
                .every((level) => port >= allowed[level][0] && port <= allowed[level][1]);
              expected.push(passes ? 'connect done' : 'connect -1 EPERM');
            }
            await until(() => said(index), 'the program has asked');
          }
          assert.equal(output.trim().split('\n'), expected, moves.join());
        } finally {
          child.kill('SIGKILL');
          await closed;
          if (!isRefusal(held)) await held.end();
          assert.ok(removeProgramGroup(folder));
        }
      }),
      { numRuns: 12 },
    );
  });

  test('the call that is the event waits until the programs of the level decide, and each is named', async () => {
    const moved: string[] = [];
    const { lines, events, said } = await runSupervised(
      `profile: p\nmode: sandbox\nsecurity: { seccomp: { default: allow } }\n${adaptive('hardened')}`,
      [program, 'personality', 'socket', 'personality'],
      { programs: { tighten: (to) => [`${moved.push(to)}`, 'connect4'] } },
    );
    assert.equal([lines, moved, said], [['personality done', 'socket done', 'personality -1 EPERM'], ['hardened'], []]);
    assert.equal(
      events.map(({ from, to, programs }) => [from, to, programs]),
      [['sandbox', 'hardened', ['1', 'connect4']]],
    );
  });

  test('a program whose level cannot be switched on is killed before its call is answered', async () => {
    const { lines, signal, said, events } = await runSupervised(
      `profile: p\nmode: sandbox\nsecurity: { seccomp: { default: allow } }\n${adaptive('hardened')}`,
      [program, 'personality', 'socket', 'unix'],
      {
        programs: {
          tighten() {
            throw new Error('no word');
          },
        },
      },
    );
    assert.equal([lines, signal], [['personality done'], 'SIGKILL']);
    assert.match(said.join('\n'), 'the programs of level hardened: no word');
    // Nothing has moved.
    assert.equal(events, []);
  });
}

const refusing = 'a kernel that takes no programs refuses a level that needs them before the program starts';
if (process.getuid?.() !== 0) skip(refusing, 'only root has the capabilities that are taken away here');
else {
  test(refusing, () =>
    withProject(({ polc, write }) => {
      write({
        'p.yaml': `profile: p\nmode: direct\nsecurity: { bpf_lsm: { task_kill: h.bpf } }\n${adaptive('sandbox')}`,
        'h.bpf': 'hook task_kill\n  deny when sig == 9\n',
      });
      const prefix = ['setpriv', '--bounding-set', '-bpf,-perfmon,-sys_admin'];
      const { status, stdout, stderr } = polc(['run', 'p.yaml', '--', 'echo', 'started'], { prefix });
      assert.equal([status, stdout], [125, ''], stderr);
      assert.match(stderr, /adaptive\.sandbox\.security\.bpf_lsm/);
    }),
  );
}

test('a path of a level that leads over a symbolic link starts nothing', async () => {
  const text = `profile: p\nmode: direct\nsecurity:\n  landlock:\n    paths: [{ path: /proc/self/net, access: read-only }]\n${adaptive('sandbox')}`;
  const { policy } = compile('p.yaml', text, nodeHost, { backends: [bpfLsm], bundled: false, maximumMilliseconds: 0 });
  assert.ok(policy !== undefined);
  const programs = runProgramsOf(policy, bpfLsm.emit(policy, defaultTarget, surroundings).artifacts);
  assert.ok(programs !== undefined);
  const refusal = await readyRun(programs);
  assert.ok(isRefusal(refusal));
  assert.match(
    isRefusal(refusal) ? `${refusal.problem} ${refusal.help}` : '',
    /\/proc\/self\/net .*name where it leads: \/proc\/\d+\/net/,
  );
});

run();
