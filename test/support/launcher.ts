import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { launcherImage } from '../../compiler/backends/launcher/image.ts';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import type { Surroundings } from '../../compiler/backends/launcher/lower.ts';
import type { LaunchPlan, Machine } from '../../compiler/backends/launcher/plan.ts';
import { and, attribute, inSet, or } from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect, Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { validateLauncher } from '../../compiler/verify/launcher/index.ts';
import { allow, decisionOf, deny, pathRule } from './policies.ts';
import { longPatience } from './until.ts';

/** An ordinary user: `nobody` of every distribution. */
export const nobody = 65_534;

export const users: readonly (readonly [name: string, id: number])[] = [
  ['root', 0],
  ['an ordinary user', nobody],
];

let folder: string | undefined;

/** A folder that everybody may enter, gone when the test process ends. */
export function launcherFolder(): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'polc-launcher-'));
    chmodSync(folder, 0o755);
    const made = folder;
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return folder;
}

/** Launchers of plans, as the backend gives them. */
export function artifactsOf(plans: readonly LaunchPlan[]): readonly Artifact[] {
  return plans.map((plan) => ({ path: `launcher.${plan.machine}`, content: launcherImage(plan).bytes, sourceMap: [] }));
}

let count = 0;

export interface BuildOptions {
  readonly machine?: Machine;
  readonly target?: Target;
  readonly surroundings?: Surroundings;
}

/** Writes the launcher of a policy, after the validator has agreed with it, and returns its path. */
export function buildLauncher(policy: Policy, options: BuildOptions = {}): string {
  const target = options.target ?? defaultTarget;
  const { artifacts } = emitLauncher(policy, target, options.surroundings);
  const validation = validateLauncher(policy, target, artifacts, options.surroundings);
  assert.is(validation.counterexample, undefined);
  const artifact = artifacts.find(({ path }) => path === `launcher.${options.machine ?? 'x86_64'}`)!;
  const path = join(launcherFolder(), `launcher-${count++}`);
  writeFileSync(path, artifact.content, { mode: 0o755 });
  return path;
}

export interface LaunchOptions extends BuildOptions {
  readonly user?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdio?: readonly ('ignore' | 'pipe' | number)[];
  readonly directory?: string;
}

/** Runs a command under a policy; a launcher that hangs is ended after a minute. */
export function launch(
  policy: Policy,
  words: readonly string[],
  options: LaunchOptions = {},
): SpawnSyncReturns<string> {
  const path = buildLauncher(policy, options);
  return spawnSync(path, words, {
    encoding: 'utf8',
    timeout: longPatience,
    killSignal: 'SIGKILL',
    cwd: options.directory ?? '/',
    env: options.environment ?? { PATH: '/usr/local/bin:/usr/bin:/bin' },
    ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
    ...(options.stdio === undefined ? {} : { stdio: [...options.stdio] }),
  });
}

/** Allows every call but these. */
export function refusing(names: readonly string[], effect: Effect): Decision {
  return decisionOf('syscall', 'first-match', [[inSet(attribute('syscall'), names), effect]], allow);
}

/** Keeps these capabilities and no other. */
export function keeping(names: readonly string[]): Decision {
  const rules = names.map((name) => [inSet(attribute('capability'), [name]), allow] as const);
  return decisionOf('capability', 'union-of-allows', rules, deny);
}

const internet = inSet(attribute('protocol'), ['tcp', 'udp']);

/** What the sandbox dialect makes of `mode: loopback-only`. */
export const loopbackOnly: Decision = decisionOf(
  'socket',
  'deny-overrides',
  [
    [and(internet, inSet(attribute('operation'), ['bind'])), allow],
    [
      and(
        internet,
        inSet(attribute('operation'), ['connect', 'send']),
        or(
          { kind: 'in-network', term: attribute('address'), network: '127.0.0.0/8' },
          { kind: 'in-network', term: attribute('address'), network: '::1/128' },
        ),
      ),
      allow,
    ],
    [inSet(attribute('protocol'), ['unix-abstract']), allow],
  ],
  deny,
);

export const reading = ['read_file', 'read_dir', 'execute'];

/** What programs of this system need to start, and the given further paths. */
export function paths(...further: readonly (readonly [path: string, rights: readonly string[]])[]): Decision {
  const system = ['/usr', '/bin', '/lib', '/lib64', '/proc'].map((path) => pathRule(path, reading));
  return decisionOf(
    'path',
    'union-of-allows',
    [...system, ...further.map(([path, rights]) => pathRule(path, rights))],
    deny,
  );
}
