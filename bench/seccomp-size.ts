// How long the programs of moby's default profile are, and how many instructions a call executes: over all calls that
// are allowed, and over a guessed set of calls that most programs make all the time. No times, so the figures are
// exact. kafel and minijail were measured once, on the same profile (x86_64); libseccomp is measured here.
import { compileSyscallDecision } from '../compiler/backends/seccomp/compile.ts';
import type { Architecture } from '../compiler/tables/architectures.ts';
import type { Target } from '../compiler/target.ts';
import { measureProgram, type ProgramMeasure } from '../test/support/seccomp-measure.ts';
import { libseccompOn, mobyRules } from './support/moby-profile.ts';
import { printTable, type Row } from './support/table.ts';

type Figure = 'instructions' | 'executed' | 'hot';
type Figures = Readonly<Record<Figure, number>>;

const kafel: Figures = { instructions: 106, executed: 10.4, hot: 8.5 };
const minijail: Figures = { instructions: 104, executed: 9, hot: 7.9 };

interface Case {
  readonly architectures: readonly Architecture[];
  readonly targets: Readonly<Partial<Record<Target['weights'], Partial<Figures>>>>;
}

const cases: readonly Case[] = [
  {
    architectures: ['x86_64'],
    targets: {
      uniform: { instructions: 81, executed: 8.9, hot: 8.7 },
      frequency: { instructions: 80, executed: 10, hot: 6.6 },
    },
  },
  {
    architectures: ['x86_64', 'x86', 'x32'],
    targets: { uniform: { instructions: 240 }, frequency: { instructions: 240 } },
  },
  { architectures: ['aarch64'], targets: {} },
  { architectures: ['riscv64'], targets: {} },
];

for (const { architectures, targets } of cases) {
  const [native] = architectures;
  const decision = mobyRules(architectures);
  if (decision === undefined || native === undefined) continue;
  const peers: [string, Figures][] = [];
  if (native === 'x86_64') {
    const libseccomp = libseccompOn(decision, architectures);
    for (const form of libseccomp === undefined ? [] : (['linear', 'tree'] as const)) {
      peers.push([`libseccomp ${form}`, measureProgram(libseccomp!(form, 1).program, native)]);
    }
    if (architectures.length === 1) peers.push(['kafel', kafel], ['minijail', minijail]);
  }
  const rows: Row[] = [];
  for (const weights of ['uniform', 'frequency'] as const) {
    const { instructions } = compileSyscallDecision(decision, architectures, { weights });
    const measure = measureProgram(instructions, native);
    for (const figure of ['instructions', 'executed', 'hot'] as const) rows.push(...lines(weights, figure, measure));
  }
  printTable(`moby's default profile on ${architectures.join(', ')}`, '', rows);

  function lines(weights: Target['weights'], figure: Figure, measure: ProgramMeasure): Row[] {
    const row = { what: `${weights} weights: ${figure}`, ours: measure[figure] };
    const wanted = targets[weights]?.[figure];
    const aimed = wanted === undefined ? row : { ...row, target: wanted };
    if (peers.length === 0) return [aimed];
    return peers.map(([name, figures], at) => ({
      ...(at === 0 ? aimed : row),
      peer: { name, value: figures[figure] },
    }));
  }
}
