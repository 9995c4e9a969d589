import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { MachineArchitecture } from '../../../compiler/ir/obligation.ts';
import { writePlan } from '../../../runtime/launch/build/compilations.ts';
import { estimateText } from '../../../runtime/launch/build/estimate.ts';
import { makePlan, type WantedBuild } from '../../../runtime/launch/build/make-plan.ts';
import type { BuildPlan } from '../../../runtime/launch/build/plan.ts';
import { plannedState } from '../../../runtime/launch/build/state.ts';
import { exitCode } from '../../exit-codes.ts';
import { nodeHost } from '../../host.ts';
import { printDiagnostics } from '../../output.ts';
import type { Terminal } from '../../terminal.ts';
import { findingCode } from '../finding-code.ts';
import { recordBuilds } from './audit.ts';
import { chooseTemplates } from './choose.ts';
import { imageSigner } from './image-signer.ts';
import type { GivenBuild } from './options.ts';
import { refusedByProfile } from './policy.ts';
import { journalProblem } from './run.ts';

/** Begins a compilation for each template that is named, or for none where one is wrong: their ids, or an exit code. */
export async function beginBuilds(
  given: GivenBuild,
  words: readonly string[],
  folder: string,
  terminal: Terminal,
): Promise<readonly string[] | number> {
  const { templates, diagnostics, isUnknown } = await chooseTemplates(words, given.batch, given.templates);
  const found: Diagnostic[] = [...diagnostics];
  if (given['output-name'] !== undefined && templates.length > 1) {
    terminal.writeError(
      'polc template build: `--output-name` is the name of one template\n  = help: build them one by one, or by their own names\n',
    );
    return exitCode.usage;
  }
  const refused = await refusedByProfile(templates, given, terminal);
  if (refused !== undefined) return refused;
  const plans: BuildPlan[] = [];
  for (const { path, compilation, signed } of templates) {
    const { lowered, diagnostics: own } = compilation;
    const isWrong = own.some(({ severity }) => severity === 'error');
    found.push(...own.filter(({ severity }) => severity !== 'hint'));
    if (isWrong || lowered === undefined || signed === undefined) continue;
    const made = makePlan({ file: resolve(path), policy: lowered, content: signed.content }, wantedOf(given), {
      now: Date.now(),
      random: randomBytes(4),
      sha256: nodeHost.sha256,
    });
    if ('plan' in made) plans.push(made.plan);
    else found.push(...made.diagnostics);
  }
  if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
  if (isUnknown) return exitCode.usage;
  if (found.some(({ severity }) => severity === 'error') || plans.length < templates.length || plans.length === 0) {
    return findingCode(found);
  }
  const signer = imageSigner(given['sign-with'], given);
  const problems = 'diagnostics' in signer ? signer.diagnostics : written(plans, folder, given.audit);
  if (problems.length > 0) {
    await printDiagnostics(problems, [], 'pretty', terminal);
    return 'diagnostics' in signer ? exitCode.policy : exitCode.environment;
  }
  const say = given.format === 'json' ? () => {} : (line: string) => terminal.write(`→ ${line}\n`);
  say('Initiating template compilation...');
  for (const plan of plans) {
    const count = plan.places.length;
    const images = `${count} image${count === 1 ? '' : 's'}`;
    say(`Compilation ${plan.id}: ${images} of ${plan.template}`);
    say(`Estimated completion: ${estimateText(plan)}`);
  }
  return plans.map(({ id }) => id);
}

function wantedOf(given: GivenBuild): WantedBuild {
  return {
    regions: given.regions,
    architectures: given.architectures.filter(isMachine),
    builders: given['instance-types'],
    copyFrom: given['copy-from'],
    name: given['output-name'],
    signWith: given['sign-with'],
    instanceProfile: given['instance-profile'],
    subnets: given.subnet,
    securityGroups: given['security-group'],
    scriptLimit: given.timeout * 60_000,
  };
}

function written(plans: readonly BuildPlan[], folder: string, audit: string | undefined): readonly Diagnostic[] {
  const now = Date.now();
  // What is not in the audit log is not done.
  const unrecorded = recordBuilds(
    audit,
    'begun',
    plans.map((plan) => plannedState(plan, now)),
  );
  if (unrecorded !== undefined) return [unrecorded];
  try {
    for (const plan of plans) writePlan(folder, plan, now);
    return [];
  } catch (error) {
    const problem = journalProblem(error);
    if (problem === undefined) throw error;
    return [problem];
  }
}

function isMachine(name: string): name is MachineArchitecture {
  return name === 'x86_64' || name === 'arm64';
}
