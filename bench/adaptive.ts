// What it takes to move a running program to a stricter level, from the system call that is the event to its answer, when the
// level is in force; and what a call costs that the supervisor is asked about.
import { compileHelper } from '../test/support/compile-helper.ts';
import { runSupervised } from '../test/support/supervised.ts';
import { median } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const rounds = 41;

const onNetwork = 'adaptive: { auto_upgrade: hardened, triggers: [{ network_access: upgrade }] }\n';
const policy = `profile: p\nmode: sandbox\nsecurity: { seccomp: { default: allow } }\n${onNetwork}`;
const grouped = `profile: p\nmode: direct\nresources: { pids: 90, memory: 64MiB, cpu: 1 }\n${onNetwork.replace('hardened', 'sandbox')}`;

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
  for (const [what, text] of [
    ['system calls alone', policy],
    ...(root ? [['limits of memory, cpu and pids too', grouped] as const] : []),
  ] as const) {
    const seen: number[] = [];
    const own: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { lines, events } = await runSupervised(text, [probe, 'unix', 'time']);
      seen.push(figureOf(lines, 'time'));
      own.push(events[0]?.microseconds ?? Number.NaN);
    }
    rows.push({ what: `event to enforced, ${what}: median`, ours: median(seen) });
    rows.push({ what: `event to enforced, ${what}: longest of ${rounds}`, ours: Math.max(...seen) });
    rows.push({ what: `of which in the supervisor, ${what}: median`, ours: median(own) });
  }
  printTable('moving a running program to a stricter level', 'us', rows);
}
