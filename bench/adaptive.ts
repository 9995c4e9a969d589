// What it takes to move a running program to a stricter level, from the system call that is the event to its answer, when the
// level is in force; and what a call costs that the supervisor is asked about.
import { nodeHost } from '../cli/host.ts';
import { bpfLsm } from '../compiler/backends/bpf-lsm/index.ts';
import { compile } from '../compiler/compile.ts';
import { defaultTarget } from '../compiler/target.ts';
import { makeProgramGroup, removeProgramGroup } from '../runtime/hook-programs/program-group.ts';
import { isRefusal } from '../runtime/hook-programs/refusal.ts';
import { type ReadyRun, readyRun, runProgramsOf } from '../runtime/hook-programs/run-programs.ts';
import { compileHelper } from '../test/support/compile-helper.ts';
import { runSupervised, type SupervisedOptions } from '../test/support/supervised.ts';
import { median } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const rounds = 41;

const onNetwork = 'adaptive: { auto_upgrade: hardened, triggers: [{ network_access: upgrade }] }\n';
const policy = `profile: p\nmode: sandbox\nsecurity: { seccomp: { default: allow } }\n${onNetwork}`;
const grouped = `profile: p\nmode: direct\nresources: { pids: 90, memory: 64MiB, cpu: 1 }\n${onNetwork.replace('hardened', 'sandbox')}`;

const addresses = 'network: { outbound: ["10.0.0.0/8:443"] }\n';
const paths =
  'security: { landlock: { paths: [{ path: /usr, access: execute }, { path: /tmp, access: read-write }, { path: /tmp/a, access: none }] } }\n';

/** Runs something while the programs of a level `hardened` are attached to a group, and wait to be switched on. */
async function withPrograms<T>(rest: string, body: (programs: Pick<ReadyRun, 'tighten'>) => Promise<T>): Promise<T> {
  const text = `profile: p\nmode: direct\n${rest}${onNetwork}`;
  const { policy } = compile('p.yaml', text, nodeHost, { backends: [bpfLsm], bundled: false });
  if (policy === undefined) throw new Error('the policy has a mistake');
  const surroundings = { sha256: () => '', position: () => undefined };
  const programs = runProgramsOf(policy, bpfLsm.emit(policy, defaultTarget, surroundings).artifacts);
  const ready = programs && (await readyRun(programs));
  if (ready === undefined || isRefusal(ready)) throw new Error(ready?.problem ?? 'there are no programs');
  const group = makeProgramGroup(`polc-bench-${process.pid}`);
  try {
    const held = await ready.enforce(group, 'p', () => {});
    if (isRefusal(held)) throw new Error(held.problem);
    try {
      return await body(ready);
    } finally {
      await held.end();
    }
  } finally {
    removeProgramGroup(group);
  }
}

/** The figure that the probe prints after a word, in microseconds. */
function figureOf(lines: readonly string[], word: string): number {
  return Number(lines.find((line) => line.startsWith(`${word} `))?.split(' ')[1]) / 1000;
}

const probe = process.platform === 'linux' ? compileHelper('level-probe.c', []).path : undefined;
if (probe === undefined) console.log('absent: test/support/level-probe.c needs Linux and a compiler');
else {
  const rows: Row[] = [];
  const calls: { readonly asked: number; readonly plain: number }[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { lines } = await runSupervised(policy, [probe, 'each', '2000', 'plain', '200000']);
    calls.push({ asked: figureOf(lines, 'each'), plain: figureOf(lines, 'plain') });
  }
  const plain = median(calls.map((each) => each.plain));
  const asked = median(calls.map((each) => each.asked));
  rows.push({
    what: 'a call that the supervisor is asked about',
    ours: asked,
    peer: { name: 'another call', value: plain },
  });
  const root = process.getuid?.() === 0;
  // Whether a machine takes programs at hooks only an attempt tells for certain.
  const takes = (rest: string) =>
    withPrograms(rest, async () => true).catch((error: unknown) => {
      console.log(`absent: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    });
  const cases: readonly (readonly [what: string, text: string, programs?: string])[] = [
    ['system calls alone', policy],
    ...(root ? [['limits of memory, cpu and pids too', grouped] as const] : []),
    ...((await takes(addresses)) ? [['programs at 4 calls on sockets too', policy, addresses] as const] : []),
    ...((await takes(`${addresses}${paths}`))
      ? [['programs at those and 18 hooks too', policy, `${addresses}${paths}`] as const]
      : []),
  ];
  for (const [what, text, level] of cases) {
    const seen: number[] = [];
    const own: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const measured = (more: SupervisedOptions) => runSupervised(text, [probe, 'unix', 'time'], more);
      const { lines, events } = await (level === undefined
        ? measured({})
        : withPrograms(level, (programs) => measured({ programs })));
      seen.push(figureOf(lines, 'time'));
      own.push(events[0]?.microseconds ?? Number.NaN);
    }
    rows.push({ what: `event to enforced, ${what}: median`, ours: median(seen) });
    rows.push({ what: `event to enforced, ${what}: longest of ${rounds}`, ours: Math.max(...seen) });
    rows.push({ what: `of which in the supervisor, ${what}: median`, ours: median(own) });
  }
  printTable('moving a running program to a stricter level', 'us', rows);
}
