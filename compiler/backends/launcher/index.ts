import { report } from '../../diagnostics/report.ts';
import { enforceables, type Policy } from '../../ir/policy.ts';
import type { Memory } from '../../memory/remembered.ts';
import type { Target } from '../../target.ts';
import { validateLauncher } from '../../verify/launcher/index.ts';
import type { Artifact, Backend, Surroundings as BackendSurroundings, Emission } from '../backend.ts';
import { landlockRuleset } from '../landlock/ruleset.ts';
import { builtPart, isServed, launcherCoverage } from './coverage.ts';
import { launcherImage } from './image.ts';
import { launcherListing } from './listing.ts';
import { planner, type Surroundings } from './lower.ts';
import { machines } from './plan.ts';
import { programmer } from './program.ts';
import { supervisorPrograms } from './supervisor.ts';

/** A static executable that applies the policy to itself and execs the command it is given. */
export const launcher = {
  name: 'launcher',
  summary: 'a static executable that applies the policy and execs a command, for x86_64 and aarch64',
  byDefault: true,
  applies: isServed,
  part: builtPart,
  emit: (policy: Policy, target: Target, { memory }: Remembering = {}) => emitLauncher(policy, target, {}, memory),
  validate: (policy: Policy, target: Target, artifacts: readonly Artifact[], { memory }: Remembering = {}) =>
    validateLauncher(policy, target, artifacts, {}, 'quick', memory),
} satisfies Backend;

type Remembering = Pick<BackendSurroundings, 'memory'>;

/** The launchers of a policy for what is known of the place where they will run; deterministic. */
export function emitLauncher(
  policy: Policy,
  target: Target,
  surroundings: Surroundings = {},
  memory?: Memory,
): Emission {
  if (!hasCloseRange(target)) {
    const { major, minor } = target.kernel;
    const span = enforceables(policy)[0]?.origin.span;
    const diagnostics = span === undefined ? [] : [report('POL6033', span, { kernel: `${major}.${minor}` })];
    return { artifacts: [], coverage: [], diagnostics, summary: '' };
  }
  const wanted = machines.filter((machine) => target.architectures.includes(machine));
  if (wanted.length === 0) return { artifacts: [], coverage: [], diagnostics: [], summary: '' };
  const ruleset = landlockRuleset(policy, target.landlock);
  const { planFor, diagnostics } = planner(policy, target, ruleset, surroundings, memory);
  const spans = new Map(enforceables(policy).map((node) => [node.id, node.origin.span]));
  const programOf = programmer();
  const artifacts: Artifact[] = [];
  const sizes: string[] = [];
  for (const machine of wanted) {
    const plan = planFor(machine);
    const image = launcherImage(plan, programOf(plan));
    const { text, sourceMap, codeMap } = launcherListing(plan, image, spans);
    const path = `launcher.${machine}`;
    artifacts.push({ path, content: image.bytes, executable: true, sourceMap: codeMap });
    artifacts.push({ path: `${path}.txt`, content: text, sourceMap });
    if (surroundings.supervised === true) artifacts.push(...supervisorPrograms(policy, target, machine));
    sizes.push(`${image.bytes.length} B`);
  }
  const coverage = launcherCoverage(policy, ruleset, surroundings, target.architectures);
  return { artifacts, coverage, diagnostics, summary: sizes.join(' · ') };
}

/** close_range(2) is of Linux 5.9; a launcher that leaves descriptors open is none. */
function hasCloseRange({ kernel: { major, minor } }: Target): boolean {
  return major > 5 || (major === 5 && minor >= 9);
}
