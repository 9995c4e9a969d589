import { contributors, decisionAt, enforceables, type Policy } from '../../ir/policy.ts';
import type { Span } from '../../source/span.ts';
import { hookSince } from '../../tables/lsm-hooks.ts';
import type { KernelVersion, Target } from '../../target.ts';
import { networkIsolation } from '../network-isolation.ts';
import { Constants } from './constants.ts';
import { hooksOf, planHook } from './hook/plan.ts';
import { hookProgram, type ObjectParts } from './hook/program.ts';
import type { BpfMap } from './maps.ts';
import type { ObjectProgram, PolicyLine } from './object.ts';
import { pathHooks, pathRules } from './paths/lower.ts';
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
  { attach, later }: ObjectForm,
): BuiltPrograms {
  const nodes = enforceables(policy).flatMap(contributors);
  const rules = nodes.map(({ id }) => id);
  const indexes = new Map(rules.map((id, index) => [id, index]));
  const spans = new Map(nodes.map(({ id, origin }) => [id, origin.span]));
  const holding = later ? 'alone' : 'beside-landlock';
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
      noProgramFor(hook, target) ??
      hookProgram(planHook(policy, hook, pathRules(policy, target, hook, holding)), parts);
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
