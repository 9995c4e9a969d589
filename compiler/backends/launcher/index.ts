import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { enforceables, type Policy } from '../../ir/policy.ts';
import { defaultTarget, type Target } from '../../target.ts';
import { validateLauncher } from '../../verify/launcher/index.ts';
import type { Artifact, Backend, Emission } from '../backend.ts';
import { launcherCoverage } from './coverage.ts';
import { launcherImage } from './image.ts';
import { codeMap, launcherListing } from './listing.ts';
import { planOf, type Surroundings } from './lower.ts';
import { machines } from './plan.ts';

/** A static executable that applies the policy to itself and execs the command it is given. */
export const launcher: Backend = {
  name: 'launcher',
  summary: 'a static executable that applies the policy and execs a command, for x86_64 and aarch64',
  applies: (policy) => launcherCoverage(policy, defaultTarget).length > 0,
  emit: (policy, target) => emitLauncher(policy, target),
  validate: (policy, target, artifacts) => validateLauncher(policy, target, artifacts),
};

/** The launchers of a policy for what is known of the place where they will run; deterministic. */
export function emitLauncher(policy: Policy, target: Target, surroundings: Surroundings = {}): Emission {
  if (!hasCloseRange(target)) {
    const { major, minor } = target.kernel;
    const span = enforceables(policy)[0]?.origin.span;
    const diagnostics = span === undefined ? [] : [report('POL6033', span, { kernel: `${major}.${minor}` })];
    return { artifacts: [], coverage: [], diagnostics, summary: '' };
  }
  const artifacts: Artifact[] = [];
  const diagnostics: Diagnostic[] = [];
  const sizes: string[] = [];
  for (const machine of machines) {
    if (!target.architectures.includes(machine)) continue;
    const { plan, diagnostics: found } = planOf(policy, target, machine, surroundings);
    // What both machines have to say is said once.
    if (artifacts.length === 0) diagnostics.push(...found);
    const image = launcherImage(plan);
    const listing = launcherListing(plan, image, policy);
    const path = `launcher.${machine}`;
    artifacts.push({ path, content: image.bytes, executable: true, sourceMap: codeMap(image, policy) });
    artifacts.push({ path: `${path}.txt`, content: listing.text, sourceMap: listing.sourceMap });
    sizes.push(`${image.bytes.length} B`);
  }
  const coverage = artifacts.length === 0 ? [] : launcherCoverage(policy, target, surroundings);
  return { artifacts, coverage, diagnostics, summary: sizes.join(' · ') };
}

/** close_range(2) is of Linux 5.9; a launcher that leaves descriptors open is none. */
function hasCloseRange({ kernel: { major, minor } }: Target): boolean {
  return major > 5 || (major === 5 && minor >= 9);
}
