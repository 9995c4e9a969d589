import { contributors, decisionAt, enforceables, type Policy } from '../../ir/policy.ts';
import type { Span } from '../../source/span.ts';
import { hookSince } from '../../tables/lsm-hooks.ts';
import type { KernelVersion, Target } from '../../target.ts';
import { networkIsolation } from '../network-isolation.ts';
import { Constants } from './constants.ts';
import { hooksOf, planHook } from './hook/plan.ts';
import { hookProgram, type ObjectParts } from './hook/program.ts';
import { recordedBefore } from './hook/recorded-before.ts';
import type { BpfMap } from './maps.ts';
import type { ObjectProgram, PolicyLine } from './object.ts';
import { type Holding, pathHooks, pathRules } from './paths/lower.ts';
import { socketCalls } from './program-kind.ts';
import { socketProgram } from './socket/program.ts';

/** The programs of a policy and what they share. */
export interface BuiltPrograms {
  readonly programs: readonly ObjectProgram[];
  /** How those at hooks are attached. */
  readonly attach: ObjectParts['attach'];
  readonly maps: readonly BpfMap[];
  readonly constants: Uint8Array;
  /** The ids of what lines and records name by an index. */
  readonly rules: readonly string[];
  readonly lines: ReadonlyMap<number, PolicyLine>;
  readonly spans: ReadonlyMap<string, Span>;
  /** The hooks and calls for which there is no program, and why. */
  readonly without: ReadonlyMap<string, string>;
}

/** What the programs of an object are for. */
export interface ObjectForm {
  readonly attach: ObjectParts['attach'];
  /** For a stricter level, to which a running program may be moved: there they hold paths and networks alone. */
  readonly later: boolean;
  /** What was built for the start and for lesser levels, whose programs decide whenever these do, and are asked before them. */
  readonly before?: readonly BuiltPart[];
}

export interface BuiltPart {
  readonly policy: Policy;
  readonly later: boolean;
  readonly built: BuiltPrograms;
}

/**
 * Compiles what a policy decides at hooks and of IP sockets.
 *
 * @param lineOf the line that a span begins in; undefined where its file was not read
 */
export function buildPrograms(
  policy: Policy,
  target: Target,
  lineOf: (span: Span) => PolicyLine | undefined,
  { attach, later, before = [] }: ObjectForm,
): BuiltPrograms {
  const nodes = enforceables(policy).flatMap(contributors);
  const rules = nodes.map(({ id }) => id);
  const indexes = new Map(rules.map((id, index) => [id, index]));
  const spans = new Map(nodes.map(({ id, origin }) => [id, origin.span]));
  const holding = holdingOf(later);
  const planOf = (of: Policy, hook: string, its: boolean) =>
    planHook(of, hook, pathRules(of, target, hook, holdingOf(its)));
  // Where programs are the whole system's, the last that came is asked first, and no more where it refuses.
  const lesserPlans = (hook: string) =>
    before.flatMap(({ policy: lesser, later: its, built }) =>
      attach === 'lsm-cgroup' && built.programs.some(({ name }) => name === hook) ? [planOf(lesser, hook, its)] : [],
    );
  const hooks = [...new Set([...hooksOf(policy), ...pathHooks(policy, target, holding)])].sort();
  const parts: ObjectParts = {
    kernel: target.kernel,
    attach,
    later,
    constants: new Constants(),
    maps: new Map<string, BpfMap>(),
    ruleIndex: (id) => indexes.get(id) ?? -1,
  };
  const programs: ObjectProgram[] = [];
  const without = new Map<string, string>();
  for (const hook of hooks) {
    const program =
      noProgramFor(hook, target) ?? hookProgram(recordedBefore(planOf(policy, hook, later), lesserPlans(hook)), parts);
    if (typeof program === 'string') without.set(hook, program);
    else programs.push(program);
  }
  const sockets = decisionAt(policy, 'socket');
  // A network of one's own holds all of it.
  if (sockets !== undefined && (later || networkIsolation(sockets) === 'shared')) {
    for (const call of socketCalls) {
      const program = socketProgram(sockets, call, parts);
      if (typeof program === 'string') without.set(call, program);
      else if (program !== undefined) programs.push(program);
    }
  }
  const lines = new Map<number, PolicyLine>();
  const named = new Set(programs.flatMap(({ code }) => code.rules.map(({ rule }) => rule)));
  for (const index of named) {
    const span = spans.get(rules[index] ?? '');
    const line = span === undefined ? undefined : lineOf(span);
    if (line !== undefined) lines.set(index, line);
  }
  const used = new Set(
    programs.flatMap(({ code }) =>
      code.references.flatMap(({ reference }) => (reference.kind === 'map' ? [reference.map] : [])),
    ),
  );
  const maps = [...parts.maps.values()].filter(({ name }) => used.has(name));
  return { programs, attach, maps, constants: parts.constants.bytes(), rules, lines, spans, without };
}

function holdingOf(later: boolean): Holding {
  return later ? 'alone' : 'beside-landlock';
}

/** The oldest kernel that programs are written for. */
const oldest: KernelVersion = { major: 5, minor: 15 };

export function isServed({ kernel }: Target): boolean {
  return isAtLeast(kernel, oldest);
}

export function isAtLeast(kernel: KernelVersion, { major, minor }: KernelVersion): boolean {
  return kernel.major > major || (kernel.major === major && kernel.minor >= minor);
}

/** Why a target's kernel takes no program at a hook; undefined where it does. */
export function noProgramFor(hook: string, { kernel }: Target): string | undefined {
  const since = hookSince(hook);
  if (since === undefined) return undefined;
  const [major = 0, minor = 0] = since.split('.').map(Number);
  return isAtLeast(kernel, { major, minor })
    ? undefined
    : `the hook takes programs since Linux ${since}, and the target is ${kernel.major}.${kernel.minor}`;
}
