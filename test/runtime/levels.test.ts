import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { opcode } from '../../compiler/backends/seccomp/instruction.ts';
import type { EnforcementLevel } from '../../compiler/ir/obligation.ts';
import { LevelMachine } from '../../runtime/sandbox/supervisor/level-machine.ts';
import { compileHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { compileHere, runSupervised } from '../support/supervised.ts';

const { test, skip, run } = suite('levels of a running program');

const names: readonly EnforcementLevel[] = ['direct', 'sandbox', 'hardened'];
const returning = (k: number) => [{ code: opcode.return, jt: 0, jf: 0, k }];
const answers: readonly number[] = [
  0x7fff_0000, 0x7ffc_0000, 0x0005_0001, 0x0005_000d, 0x0003_0000, 0x8000_0000, 0,
] as const;
/** How strict an answer is, as the kernel has it where several filters differ. */
const rank = [0, 1, 2, 2, 3, 5, 4] as const;
const strictnessOf = (answer: number) => rank[answers.indexOf(answer)]!;
const call = { number: 1, architecture: 0, arguments: [] };

test('whatever arrives in whatever order, no answer becomes looser and no level lower', () => {
  const answer = fc.constantFrom(...answers);
  const event = fc.constantFrom('network_access', 'process_spawn', 'policy_violation', 'unknown');
  const transition = fc.record({
    event,
    to: fc.constantFrom(...names),
    program: fc.option(fc.constantFrom(returning(0x7fc0_0000), returning(0x7fff_0000)), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(answer, { minLength: 1, maxLength: 3 }),
      fc.array(transition, { maxLength: 5 }),
      fc.array(fc.option(event, { nil: undefined }), { maxLength: 12 }),
      (programs, given, arriving) => {
        const machine = new LevelMachine(
          programs.map((each, at) => ({ level: names[at]!, program: returning(each) })),
          given.map(({ program, ...each }, at) => ({
            id: `${at}`,
            ...each,
            ...(program === undefined ? {} : { program }),
          })),
        );
        let level = 0;
        let strictness = 0;
        for (const each of arriving) {
          const change = each === undefined ? machine.changeBy(call) : machine.fire(each);
          const now = names.indexOf(machine.level);
          assert.ok(now >= level);
          assert.is(now > level, change !== undefined);
          if (change !== undefined) assert.equal([change.from, change.to], [names[level], names[now]]);
          // A move is what some transition asks for.
          if (change !== undefined) assert.ok(given.some(({ to }) => to === change.to));
          level = now;
          const strict = strictnessOf(machine.answer(call));
          assert.ok(strict >= strictness);
          assert.is(strict, Math.max(...programs.slice(0, level + 1).map((value) => strictnessOf(value))));
          strictness = strict;
        }
      },
    ),
    { numRuns: 2000 },
  );
});

const probe = process.platform === 'linux' && process.arch === 'x64' ? compileHelper('level-probe.c', []) : {};
const policy = (triggers: string, rest = '', seccomp = 'default: allow') =>
  `profile: p\nmode: sandbox\nsecurity: { seccomp: { ${seccomp} } }\n${rest}adaptive:\n  auto_upgrade: hardened\n  triggers: [${triggers}]\n`;
const onNetwork = policy('{ network_access: upgrade }');

if (probe.path === undefined) skip('every test of a process', probe.reason ?? 'it needs Linux on x86_64');
else {
  const program = probe.path;

  test('a call that is the event is answered in the stricter level, as is every later one', async () => {
    const words = ['personality', 'vmsplice', 'unix', 'personality', 'socket', 'personality', 'vmsplice', 'socket'];
    const { code, lines, events, said } = await runSupervised(onNetwork, [program, ...words]);
    assert.equal(lines, [
      'personality done',
      'vmsplice done',
      'unix done',
      'personality done',
      'socket done',
      'personality -1 EPERM',
      'vmsplice -1 EPERM',
      'socket done',
    ]);
    assert.equal([code, said], [0, []]);
    assert.is(events.length, 1);
    const { from, to, trigger, syscall, rule, microseconds } = events[0]!;
    assert.equal(
      [from, to, trigger, syscall, rule],
      ['sandbox', 'hardened', 'network_access', 'socket', 'transition/network_access'],
    );
    assert.ok(microseconds >= 0);
  });

  test('a whole tree of processes becomes stricter at once, programs that it starts later too', async () => {
    const { lines, events } = await runSupervised(onNetwork, [
      program,
      ...['personality', 'fork', 'personality', 'socket', 'after', 'personality', 'exec', 'personality'],
    ]);
    assert.equal(lines, [
      'personality done',
      'personality done',
      'socket done',
      'personality -1 EPERM',
      'personality -1 EPERM',
    ]);
    assert.is(events.length, 1);
  });

  test('no thread gets a call through that begins after the event', async () => {
    const { lines, events } = await runSupervised(onNetwork, [program, 'race', 'personality']);
    assert.equal(lines, ['race wrong 0', 'personality -1 EPERM']);
    assert.is(events.length, 1);
  });

  test('a program that ends while calls of it are open, or is killed, ends its supervisor', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { code, said } = await runSupervised(onNetwork, [program, 'exit-amid']);
      assert.equal([code, said], [7, []]);
    }
    const { signal, said } = await runSupervised(onNetwork, [program, 'personality', 'race', 'wait'], {
      line: (_, { kill }) => kill(),
    });
    assert.equal([signal, said], ['SIGKILL', []]);
  });

  test('without its supervisor the kernel refuses what it would be asked about, and nothing else', async () => {
    const { lines } = await runSupervised(
      onNetwork,
      [program, 'personality', 'line', 'personality', 'unix', 'socket'],
      {
        line(line, { supervision, go }) {
          if (line === 'personality done') supervision.end().then(go);
        },
      },
    );
    assert.equal(lines, ['personality done', 'personality -1 ENOSYS', 'unix done', 'socket -1 ENOSYS']);
  });

  test('an event that is no call of the program moves it too', async () => {
    const { lines, events } = await runSupervised(onNetwork, [program, 'personality', 'line', 'personality'], {
      line(line, { supervision, go }) {
        if (line !== 'personality done') return;
        supervision.fire('file_write_outside_tmp');
        assert.is(supervision.level, 'sandbox');
        supervision.fire('network_access');
        assert.is(supervision.level, 'hardened');
        supervision.fire('network_access');
        go();
      },
    });
    assert.equal(lines, ['personality done', 'personality -1 EPERM']);
    assert.equal(
      events.map(({ from, to, syscall }) => [from, to, syscall]),
      [['sandbox', 'hardened', undefined]],
    );
  });

  test('a refusal that the program sees is a violation; threads are no new process, and clone3 hides nothing', async () => {
    const violation = policy('{ policy_violation: upgrade }', '', 'default: allow, deny: [sethostname]');
    const refused = await runSupervised(violation, [program, 'personality', 'sethostname', 'personality']);
    assert.equal(refused.lines, ['personality done', 'sethostname -1 EPERM', 'personality -1 EPERM']);
    assert.equal(
      refused.events.map(({ trigger, syscall }) => [trigger, syscall]),
      [['policy_violation', 'sethostname']],
    );
    const spawning = policy('{ process_spawn: upgrade }');
    const threads = await runSupervised(spawning, [
      program,
      'thread',
      'clone3',
      'personality',
      'fork',
      'after',
      'personality',
    ]);
    assert.equal(threads.lines, ['thread done', 'clone3 -1 ENOSYS', 'personality done', 'personality -1 EPERM']);
    const changing = policy('{ privilege_change: upgrade }');
    const changed = await runSupervised(changing, [program, 'fork', 'after', 'personality', 'setuid', 'personality']);
    assert.equal(changed.lines, ['personality done', 'setuid done', 'personality -1 EPERM']);
  });

  test('what a level ends by killing is killed from outside, and the program gets no other listener', async () => {
    const groups = [
      '@basic-start',
      '@basic-io',
      '@file-system',
      '@process',
      '@signal',
      '@sync',
      '@network-io',
      '@timer',
    ];
    const allowed = [...groups.map((name) => `"${name}"`), 'seccomp', 'personality', 'getppid', 'getrandom', 'sysinfo'];
    const killing = policy('{ network_access: upgrade }', '', `default: kill, allow: [${allowed.join(', ')}]`);
    const { lines, events } = await runSupervised(killing, [
      program,
      ...['personality', 'listener', 'socket', 'fork', 'personality', 'after', 'unix', 'personality', 'unix'],
    ]);
    assert.equal(lines, ['personality done', 'listener -1 EBUSY', 'socket done', 'child signal 9', 'unix done']);
    assert.is(events.length, 1);
  });

  test('a deadline, whose parents stay outside of the namespace, is watched alike', async () => {
    const timed = policy('{ network_access: upgrade }', 'resources: { timeout: 60s }\n');
    const { lines, events, code } = await runSupervised(timed, [program, 'personality', 'socket', 'personality']);
    assert.equal([lines, code], [['personality done', 'socket done', 'personality -1 EPERM'], 0]);
    assert.is(events.length, 1);
  });

  const grouped =
    'profile: p\nmode: direct\nresources: { pids: 9 }\nadaptive:\n  auto_upgrade: sandbox\n  triggers: [{ network_access: upgrade }]\n';
  if (process.getuid?.() !== 0) skip('limits', 'only root makes control groups here');
  else {
    test('limits of the stricter level are in force before the event is over', async () => {
      let limits: (() => string) | undefined;
      const seen: (string | undefined)[] = [];
      const { lines, events } = await runSupervised(grouped, [program, 'unix', 'line', 'socket', 'forks'], {
        group: (folder) => {
          limits = () => readFileSync(join(folder, 'pids.max'), 'utf8').trim();
        },
        line(line, { go }) {
          if (line === 'unix done' || line === 'socket done') seen.push(limits?.());
          if (line === 'unix done') go();
        },
      });
      assert.equal(seen, ['max', '9']);
      assert.equal(lines, ['unix done', 'socket done', 'forks 8 EAGAIN']);
      assert.equal(
        events.map(({ from, to, limits: written }) => [from, to, written]),
        [['direct', 'sandbox', ['pids.max=9']]],
      );
    });
  }

  test('what no means from outside reaches is an error for its level, rule by rule', () => {
    const direct =
      'profile: p\nmode: direct\nsecurity: { landlock: { paths: [{ path: /usr, access: execute }] } }\nresources: { pids: 9, rlimits: { nofile: 9 } }\nnetwork: { mode: none }\nadaptive:\n  auto_upgrade: sandbox\n  triggers: [{ network_access: upgrade }, { file_write_outside_tmp: upgrade }]\n';
    const { compilation } = compileHere(direct);
    const lost = compilation.coverage
      .filter(({ status }) => status === 'none')
      .map(({ topic }) => topic.replace(/\[\d+\]$/, ''));
    assert.equal([...new Set(lost)].sort(), [
      'adaptive.sandbox.network.mode',
      'adaptive.sandbox.resources.rlimits.nofile',
      'adaptive.sandbox.security.landlock.paths',
      'adaptive.triggers.file_write_outside_tmp',
      'adaptive.triggers.file_write_outside_tmp.record',
    ]);
    assert.not.ok(compilation.ok);
  });
}

run();
