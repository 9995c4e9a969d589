import type { Compilation } from '../../compiler/compile.ts';
import type { Acceptance } from '../../compiler/dialects/dialect.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { HookEvent } from '../hook-programs/events.ts';
import type { ProgramsInForce } from '../hook-programs/policy-programs.ts';
import { isRefusal } from '../hook-programs/refusal.ts';
import type { ReadyRun } from '../hook-programs/run-programs.ts';
import type { NoSystemCalls } from '../kernel/system-calls.ts';
import { preloadFault } from './allocator.ts';
import { type ControlGroup, groupLimits, makeControlGroup } from './control-group.ts';
import { hiddenFolder } from './hidden-folder.ts';
import { unsafeLinks } from './linked-paths.ts';
import { type LocalLauncher, type LocalSurroundings, localLauncher } from './local-launcher.ts';
import { acceptanceHelp, lostWithoutPrograms } from './lost-without-programs.ts';
import type { LocalMachine } from './machine.ts';
import { type ProgramFile, writeProgram } from './program-file.ts';
import { type Holding, release } from './release.ts';
import { asksFor } from './run-settings.ts';
import { environmentWith, startAndWait } from './start.ts';
import { starterSocket } from './starter-socket.ts';
import type { LevelEvent, Supervision } from './supervisor/index.ts';
import type { RefusalEvent } from './supervisor/landlock-refusals.ts';
import { laterLimits } from './supervisor/level-limits.ts';

/** env(1): the sandbox could not be set up. */
export const setUpFailed = 125;

export interface LaunchRequest {
  /** Compiles the policy with the backends for this place alone; undefined where that has failed. */
  readonly compile: (launcher: LocalLauncher, accept: readonly Acceptance[]) => Compilation | undefined;
  /** Shows the findings and the accepted losses of the compilation that counts. */
  readonly show: (compilation: Compilation) => Promise<void>;
  readonly local: LocalMachine;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Whether the limits that need a control group may be left out where none can be made. */
  readonly groupOptional: boolean;
  /** Is given what programs of the kernel record, what Landlock refused, and moves to stricter levels, as they come. */
  readonly record: (event: HookEvent | LevelEvent | RefusalEvent) => void;
  /** Why the command is not started, and what is left behind; one line each. */
  readonly say: (line: string) => void;
  /** What to know although the command starts; one line each. */
  readonly warn: (line: string) => void;
}

/** A compilation that is fit to be run, and what it is run in. */
interface Prepared extends Holding {
  readonly name: string;
  readonly image: Uint8Array;
  /** The library to preload for the program. */
  readonly allocator: string | undefined;
  readonly policy: Policy;
  readonly surroundings: LocalSurroundings | undefined;
}

/**
 * Runs a command under a policy and gives its exit code: compiles the policy for this machine and this moment, makes the
 * control group, and waits for the launcher. Fails closed: the command starts only when the policy compiled without an
 * error, the launcher was validated against it as it will run here, and no loss is left that nobody accepts.
 */
export async function launch(request: LaunchRequest): Promise<number> {
  const { say } = request;
  const prepared = await prepare(request);
  if (prepared === undefined) return setUpFailed;
  const { allocator, image, name, policy, starter, supervision } = prepared;
  const reading = asksFor(policy, 'prefetch') ? await import('./read-ahead/read-ahead.ts') : undefined;
  const ahead = reading?.readAheadFor(policy, request);
  let program: ProgramFile | undefined;
  try {
    const forked = await forkedCode(prepared, request);
    if (forked !== undefined) return forked;
    program = writeProgram(name, image);
    const environment = environmentWith(allocator);
    const code = await startAndWait(program.path, request.command, environment, starter?.handed, supervision, say);
    return code ?? setUpFailed;
  } finally {
    try {
      ahead?.end();
      program?.remove();
    } finally {
      await release(prepared, say);
    }
  }
}

/** The exit code of a command that a fork server has started; undefined where it is to be started plainly. */
async function forkedCode({ policy, surroundings, supervision, allocator }: Prepared, request: LaunchRequest) {
  if (surroundings === undefined || !asksFor(policy, 'zygote')) return undefined;
  if (supervision !== undefined) {
    request.warn(
      'performance.zygote does not serve this start, which is a plain one: a supervisor watches the program',
    );
    return undefined;
  }
  const { runForked } = await import('./zygote/forked-run.ts');
  const { local, command, say, warn } = request;
  const result = await runForked(policy, local, surroundings, command, environmentWith(allocator), say);
  if ('code' in result) return result.code ?? setUpFailed;
  warn(`performance.zygote does not serve this start, which is a plain one: ${result.problem}`);
  return undefined;
}

/** Everything before the start; undefined where it was said why there is none. */
async function prepare(request: LaunchRequest): Promise<Prepared | undefined> {
  const fitted = await fit(request);
  if (fitted === undefined) return undefined;
  const prepared = await finish(fitted, request);
  if (prepared === undefined) {
    fitted.ready?.close();
    fitted.group?.remove();
  }
  return prepared;
}

/** A compilation, and what was made for it on this machine. */
interface Fitted {
  readonly compilation: Compilation;
  readonly launcher: LocalLauncher;
  readonly allocator: string | undefined;
  readonly group: ControlGroup | undefined;
  readonly ready: ReadyRun | undefined;
}

/** Compiles for what this machine has: with programs of the kernel and a control group, or without where that is accepted. */
async function fit(request: LaunchRequest): Promise<Fitted | undefined> {
  const { local, say, warn } = request;
  const loaded = await withPrograms(request);
  if (loaded === undefined) return undefined;
  let { compilation, launcher, ready } = loaded;
  const give = () => {
    ready?.close();
    return undefined;
  };
  const planned = launcher.surroundings();
  const lacking = lackingHere(compilation, planned, request.command);
  if (lacking !== undefined) {
    say(lacking);
    return give();
  }
  if (planned?.allocatorProblem !== undefined) warn(planned.allocatorProblem);
  let group: ControlGroup | undefined;
  let problem = planned?.groupProblem;
  if (planned?.group !== undefined && isFit(compilation)) {
    try {
      group = makeControlGroup(planned.group);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  const { policy } = compilation;
  if (problem !== undefined && policy !== undefined) {
    const limits = [...groupLimits(policy), ...laterLimits(policy)];
    const topics = [...limits.map(({ topic }) => topic), ...(ready === undefined ? [] : ['security.bpf_lsm'])].join(
      ', ',
    );
    if (!request.groupOptional) {
      say(`no control group can be made, so ${topics} would not hold: ${problem}`);
      say('help: start it as root or in a delegated group, or leave those limits out with --no-cgroup');
      return give();
    }
    warn(`without a control group ${topics} do not hold: ${problem}`);
    ready = give();
    launcher = localLauncher(local, { group: false, programs: false });
    const without = request.compile(
      launcher,
      limits.map(({ topic }) => ({ loss: topic, because: '--no-cgroup' })),
    );
    if (without === undefined) return undefined;
    const lost = lostWithoutPrograms(compilation, without);
    if (lost.length > 0) {
      say(`no programs of the kernel can be attached, and nothing else holds all that they would: ${problem}`);
      say(`help: start it as root or in a delegated group, or ${acceptanceHelp(lost)}`);
      return undefined;
    }
    compilation = without;
  }
  return { compilation, launcher, allocator: planned?.forLauncher.allocator, group, ready };
}

/**
 * Compiles the policy, and has its programs in the kernel. Where this machine takes none, whatever the programs are, it is
 * compiled without them, so that the policy says whether their loss is accepted.
 */
async function withPrograms(
  request: LaunchRequest,
): Promise<Pick<Fitted, 'compilation' | 'launcher' | 'ready'> | undefined> {
  const { local, say, warn } = request;
  const launcher = localLauncher(local, { group: true, programs: true });
  const compilation = request.compile(launcher, []);
  if (compilation === undefined) return undefined;
  const output = compilation.outputs.find(({ backend }) => backend === 'bpf-lsm');
  if (output === undefined || output.artifacts.length === 0 || !isFit(compilation)) {
    return { compilation, launcher, ready: undefined };
  }
  const { readyRun, runProgramsOf } = await import('../hook-programs/run-programs.ts');
  const programs = compilation.policy && runProgramsOf(compilation.policy, output.artifacts);
  if (programs === undefined) return { compilation, launcher, ready: undefined };
  const ready = await readyRun(programs);
  if (!isRefusal(ready)) return { compilation, launcher, ready };
  const alone = localLauncher(local, { group: true, programs: false });
  const without = ready.by === 'kernel' ? request.compile(alone, []) : undefined;
  const lost = without === undefined ? [] : lostWithoutPrograms(compilation, without);
  if (without !== undefined && isFit(without) && lost.length === 0) {
    warn(`without programs of the kernel: ${ready.problem}`);
    return { compilation: without, launcher: alone, ready: undefined };
  }
  say(ready.problem);
  say(`help: ${ready.help}`);
  if (lost.length > 0) say(`help: or ${acceptanceHelp(lost)}`);
  else if (without !== undefined) await request.show(without);
  return undefined;
}

/** What can be checked only when everything is there; last of all programs are put in force. */
async function finish(fitted: Fitted, request: LaunchRequest): Promise<Prepared | undefined> {
  const { allocator, compilation, group, launcher, ready } = fitted;
  const { say, warn } = request;
  await request.show(compilation);
  const hidden = hiddenFolder(compilation.policy);
  if (hidden !== undefined) {
    say(`the current folder ${process.cwd()} lies in ${hidden}, which the policy replaces by an empty one`);
    say('help: start the command from another folder');
    return undefined;
  }
  const image = imageOf(compilation, launcher, request);
  const { policy } = compilation;
  if (image === undefined || policy === undefined) return undefined;
  for (const note of group?.notes ?? []) warn(note);
  if (launcher.surroundings()?.unseparated === true) {
    warn('this kernel has no Landlock domain to offer: the program can write the memory of processes of the same user');
  }
  const supervision = await supervised(fitted, request);
  if (supervision !== undefined && 'problem' in supervision) {
    say(`nobody could move the program to a stricter level: ${supervision.problem}`);
    say(`help: ${supervision.help}`);
    return undefined;
  }
  let programs: ProgramsInForce | undefined;
  if (ready !== undefined) {
    const inForce = ready.enforce(launcher.surroundings()?.group?.unified ?? '', policy.name, (event) => {
      request.record(event);
      supervision?.hear(event);
    });
    if (isRefusal(inForce)) {
      say(inForce.problem);
      say(`help: ${inForce.help}`);
      return undefined;
    }
    programs = inForce;
  }
  const surroundings = launcher.surroundings();
  const starter = surroundings?.forLauncher.bound === true ? await starterSocket(programs?.links ?? []) : undefined;
  if (starter !== undefined && 'problem' in starter) {
    say(`nothing would keep the programs of the kernel in force: ${starter.problem}`);
    say(`help: ${starter.help}`);
    await programs?.end();
    return undefined;
  }
  return { name: policy.name, image, group, programs, starter, supervision, allocator, policy, surroundings };
}

/** Who moves the program to stricter levels, or why nobody can; undefined where there are none. */
async function supervised(
  { compilation, launcher, ready }: Fitted,
  { local, record, say, warn }: LaunchRequest,
): Promise<Supervision | NoSystemCalls | undefined> {
  const { outputs, policy } = compilation;
  const surroundings = launcher.surroundings();
  if (policy === undefined || surroundings?.forLauncher.supervised !== true) return undefined;
  const { readySupervision } = await import('./supervisor/index.ts');
  const artifacts = outputs.find(({ backend }) => backend === 'launcher')?.artifacts ?? [];
  const { group } = surroundings;
  const around = { machine: local.machine, landlock: local.target.landlock, artifacts, group, programs: ready };
  return readySupervision({ policy, ...around, record, say, warn });
}

/** Of what the policy asks for and nobody accepts the loss of, what this machine or the command has not; one line. */
function lackingHere(
  { coverage, policy }: Compilation,
  planned: LocalSurroundings | undefined,
  [program = '']: readonly string[],
): string | undefined {
  if (planned?.affinityProblem !== undefined) return planned.affinityProblem;
  if (planned?.forLauncher.allocator !== undefined) return preloadFault(program, process.env.PATH);
  const asked = policy?.obligations.find((each) => each.kind === 'run-with' && each.setting === 'memory-allocator');
  const isAccepted = coverage.some(({ rule, accepted }) => rule === asked?.id && accepted !== undefined);
  return isAccepted ? undefined : planned?.allocatorProblem;
}

/** Whatever the configuration makes of the findings: what nothing enforces and nobody accepts is no sandbox. */
function isFit({ ok, coverage }: Compilation): boolean {
  return ok && losses(coverage).length === 0;
}

function losses(coverage: Compilation['coverage']): readonly string[] {
  const lost = coverage.filter((entry) => entry.status === 'none' && entry.accepted === undefined);
  return [...new Set(lost.filter((entry) => entry.overridden === undefined).map(({ topic }) => topic))];
}

/** The launcher to run; undefined where it was said why there is none. */
function imageOf(
  compilation: Compilation,
  launcher: LocalLauncher,
  { local, say }: LaunchRequest,
): Uint8Array | undefined {
  if (!compilation.ok || compilation.policy === undefined) return undefined;
  const lost = losses(compilation.coverage);
  if (lost.length > 0) {
    say(`nothing here enforces ${lost.join(', ')}`);
    return undefined;
  }
  const output = compilation.outputs.find(({ backend }) => backend === 'launcher');
  const image = output?.artifacts.find(({ path }) => path === `launcher.${local.machine}`)?.content;
  if (!(image instanceof Uint8Array) || output?.validation.status === 'refused') {
    say(`no launcher was written for ${local.machine}`);
    return undefined;
  }
  const { expansions = new Map<string, readonly string[]>() } = launcher.surroundings() ?? {};
  const links = unsafeLinks(compilation.policy, local.target.landlock, expansions);
  for (const { path, link } of links) {
    say(`${path} leads over the symbolic link ${link}, which lies where the policy lets the program write`);
  }
  return links.length > 0 ? undefined : image;
}
