import type { Artifact, Validation } from '../../backends/backend.ts';
import type { Surroundings } from '../../backends/launcher/lower.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import { type Demand, filterFault, reachable, unmetDemand } from './demands.ts';
import { type LoadedFile, loadFile } from './elf.ts';
import type { Scenario } from './kernel.ts';
import { Fault } from './processor.ts';
import { tryLauncher } from './trial.ts';

const method = 'runs of the machine code over a model of the kernel, each call failed once; the filter for all inputs';

const unlimited = (1n << 64n) - 1n;

interface Run {
  readonly scenario: Scenario;
  readonly command: string;
  readonly path: string;
}

const asRoot: Run = {
  scenario: { privileged: true, executables: [], pathsAreFiles: false, hardLimit: unlimited, execError: 0 },
  command: '/bin/true',
  path: '/bin/true',
};

const asUser: Run = {
  scenario: {
    privileged: false,
    executables: ['/second/true'],
    pathsAreFiles: true,
    hardLimit: 4096n,
    execError: 0,
  },
  command: 'true',
  path: '/second/true',
};

const firstOfPath: Run = {
  ...asRoot,
  scenario: { ...asRoot.scenario, executables: ['/first/true', 'true', '/second/true'] },
  command: 'true',
  path: '/first/true',
};

const workingDirectory: Run = {
  ...asRoot,
  scenario: { ...asRoot.scenario, executables: ['true', '/second/true'] },
  command: 'true',
  path: 'true',
};

const otherPlaces = [firstOfPath, workingDirectory];

/** Runs that end in a report, with its exit code. */
const failures: readonly { readonly run: Run; readonly code: number; readonly says: string }[] = [
  { run: { ...asRoot, command: 'nowhere' }, code: 127, says: 'polc launcher: command: nowhere: errno 2 (ENOENT)\n' },
  { run: { ...asRoot, command: '' }, code: 127, says: 'polc launcher: command: : errno 2 (ENOENT)\n' },
  { run: failing(2), code: 127, says: 'polc launcher: exec: /bin/true: errno 2 (ENOENT)\n' },
  { run: failing(13), code: 126, says: 'polc launcher: exec: /bin/true: errno 13 (EACCES)\n' },
];

function failing(execError: number): Run {
  return { ...asRoot, scenario: { ...asRoot.scenario, execError } };
}

/** Compares each launcher with the policy by running it: as root, as an ordinary user, and with every call failing. */
export function validateLauncher(
  policy: Policy,
  target: Target,
  artifacts: readonly Artifact[],
  surroundings: Surroundings = {},
): Validation {
  let compared = 0;
  const network = reachable(decisionAt(policy, 'socket'));
  for (const { path, content } of artifacts) {
    if (typeof content === 'string') continue;
    const file = loadFile(content);
    if (typeof file === 'string') return refused(`${path}: ${file}`);
    const demand: Demand = { policy, target, machine: file.machine, surroundings, network };
    const fault = faultOf(demand, file);
    if (fault !== undefined) return refused(`${path}: ${fault}`);
    compared += 2 + otherPlaces.length + failures.length;
  }
  return { status: 'tested', method, compared };
}

function refused(counterexample: string): Validation {
  return { status: 'refused', method, compared: 0, counterexample };
}

function faultOf(demand: Demand, file: LoadedFile): string | undefined {
  try {
    for (const { scenario, command, path } of [asRoot, asUser]) {
      const thorough = scenario === asUser.scenario ? 'failing each call' : 'parents';
      const trial = tryLauncher(file, scenario, command, thorough);
      const unmet = unmetDemand(demand, trial, scenario, path);
      if (unmet !== undefined) return `${scenario.privileged ? 'as root' : 'as an ordinary user'}: ${unmet}`;
      const fault = scenario === asRoot.scenario ? filterFault(demand, trial.world) : undefined;
      if (fault !== undefined) return fault;
    }
    for (const { scenario, command, path } of otherPlaces) {
      const { end } = tryLauncher(file, scenario, command, 'child');
      if (end.kind !== 'executed' || end.path !== path) return `the command is not found at ${path}`;
    }
    for (const { run, code, says } of failures) {
      const { end, world } = tryLauncher(file, run.scenario, run.command, 'child');
      if (end.kind !== 'exited' || end.code !== code || world.output !== says) {
        return `where it should say ${JSON.stringify(says)}, it says ${JSON.stringify(world.output)}`;
      }
    }
    return undefined;
  } catch (thrown) {
    // Bytes that are no launcher end here: an unknown instruction, memory that is not mapped.
    if (thrown instanceof Fault || thrown instanceof RangeError) return thrown.message;
    throw thrown;
  }
}
