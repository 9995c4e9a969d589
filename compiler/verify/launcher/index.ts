import type { Artifact, Validation } from '../../backends/backend.ts';
import type { Surroundings } from '../../backends/launcher/lower.ts';
import type { Policy } from '../../ir/policy.ts';
import type { Memory } from '../../memory/remembered.ts';
import type { Target } from '../../target.ts';
import { Fault } from './code.ts';
import { type Demand, demandOf, filterFault, hasParent, unmetDemand } from './demands.ts';
import { type LoadedFile, loadFile } from './elf.ts';
import { supervisorFault } from './supervised.ts';
import { type Alternative, type Outcome, startLauncher, tryLauncher } from './trial.ts';
import type { Scenario } from './world.ts';

const method = 'runs of the machine code over a model of the kernel, each call failed once; the filter for all inputs';

const unlimited = (1n << 64n) - 1n;

/** A run that ends in the exec of `path`, and what else may happen on the way. */
interface Run {
  readonly who: string;
  readonly scenario: Scenario;
  readonly command: string;
  readonly path: string;
  readonly failures: boolean;
  readonly variations: readonly Variation[];
}

interface Variation extends Alternative {
  /** The path that is executed instead, or what is said and with which exit code the launcher ends. */
  readonly ends: { readonly path: string } | { readonly code: number; readonly says: string };
  /** True where another variation or the start without a command makes the report in the same way. */
  readonly thorough: boolean;
}

const root: Scenario = { privileged: true, executables: [], pathsAreFiles: false, hardLimit: unlimited, execError: 0 };
const user: Scenario = {
  privileged: false,
  executables: ['/b/t'],
  pathsAreFiles: true,
  hardLimit: 4096n,
  execError: 0,
};

const runs: readonly Run[] = [
  {
    who: 'as an ordinary user',
    scenario: user,
    command: 't',
    path: '/b/t',
    failures: true,
    variations: [
      found(['/a/t', 't', '/b/t'], { path: '/a/t' }),
      found(['t', '/b/t'], { path: 't' }),
      found([], { code: 127, says: 'polc launcher: command: t: errno 2 (ENOENT)\n' }),
    ],
  },
  {
    who: 'as root',
    scenario: root,
    command: '/t',
    path: '/t',
    failures: false,
    variations: [execFails(2, 127, 'ENOENT'), execFails(13, 126, 'EACCES')],
  },
];

/** Where who holds the program has ended already, nothing is started. */
const starterGone: Variation = {
  from: 'getppid',
  scenario: { ...user, bound: true, starterGone: true },
  ends: { code: 125, says: 'polc launcher: supervise: errno 32\n' },
  thorough: false,
};

/** Where its parent has ended already, a child does nothing. */
const parentGone: Variation = {
  from: 'read',
  scenario: { ...user, parentGone: true },
  ends: { code: 125, says: 'polc launcher: supervise: errno 32\n' },
  thorough: false,
};

function execFails(execError: number, code: number, name: string): Variation {
  const says = `polc launcher: exec: /t: errno ${execError} (${name})\n`;
  return { from: 'execve', scenario: { ...root, execError }, ends: { code, says }, thorough: execError !== 2 };
}

function found(executables: readonly string[], ends: Variation['ends']): Variation {
  return { from: 'faccessat', scenario: { ...user, executables }, ends, thorough: executables.length === 0 };
}

/**
 * Compares each launcher with the policy by running it: as root, as an ordinary user, and with every call failing.
 *
 * A failure is followed to the routine that reports all of them, which is itself run once for each of the ways into it
 * that differ, and each further parent lives one life through the code that the first has lived all through. `thorough`
 * follows every failure and every parent to its end, which tests do.
 */
export function validateLauncher(
  policy: Policy,
  target: Target,
  artifacts: readonly Artifact[],
  surroundings: Surroundings = {},
  depth: 'quick' | 'thorough' = 'quick',
  memory?: Memory,
): Validation {
  let compared = 0;
  let demand: Demand | undefined;
  if (surroundings.supervised === true) {
    const fault = supervisorFault(policy, target, artifacts);
    if (fault !== undefined) return refused(fault);
  }
  for (const { path, content } of artifacts) {
    if (typeof content === 'string' || path.endsWith('.bpf')) continue;
    const file = loadFile(content);
    if (typeof file === 'string') return refused(`${path}: ${file}`);
    demand ??= demandOf(policy, target, surroundings, memory);
    const fault = faultOf(demand, file, depth === 'thorough');
    if (fault !== undefined) return refused(`${path}: ${fault}`);
    compared += runs.length + 1;
  }
  return { status: 'tested', method, compared };
}

function refused(counterexample: string): Validation {
  return { status: 'refused', method, compared: 0, counterexample };
}

function faultOf(demand: Demand, file: LoadedFile, thorough: boolean): string | undefined {
  try {
    const supervised = demand.surroundings.supervised === true;
    const bound = demand.surroundings.bound === true;
    const launcher = startLauncher(file, thorough, supervised);
    for (const { who, scenario: usual, command, path, failures, variations: all } of runs) {
      const scenario = { ...usual, supervised, bound };
      const others = [...(bound ? [starterGone] : []), ...(hasParent(demand) ? [parentGone] : [])];
      const variations = [...(usual.privileged ? [] : others), ...all]
        .filter((each) => thorough || !each.thorough)
        .map((each) => ({ ...each, scenario: { ...each.scenario, supervised, bound } }));
      const trial = tryLauncher(launcher, scenario, command, failures, variations);
      const unmet = unmetDemand(demand, trial, scenario, path);
      if (unmet !== undefined) return `${who}: ${unmet}`;
      for (const [index, { ends }] of variations.entries()) {
        const outcome = trial.alternatives[index];
        if (outcome === undefined || !endsSo(outcome, ends))
          return `${who}: it does not end with ${JSON.stringify(ends)}`;
      }
      const fault = scenario.privileged ? filterFault(demand, file.machine, trial.world) : undefined;
      if (fault !== undefined) return fault;
    }
    return undefined;
  } catch (thrown) {
    // Bytes that are no launcher end here: an unknown instruction, memory that is not mapped.
    if (thrown instanceof Fault || thrown instanceof RangeError) return thrown.message;
    throw thrown;
  }
}

function endsSo({ end, world }: Outcome, wanted: Variation['ends']): boolean {
  if ('path' in wanted) return end.kind === 'executed' && end.path === wanted.path;
  return end.kind === 'exited' && end.code === wanted.code && world.output === wanted.says;
}
