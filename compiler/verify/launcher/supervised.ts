import type { Artifact } from '../../backends/backend.ts';
import { levelDecisions, liveTransitions, supervisedDecision } from '../../backends/seccomp/supervised.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision, Policy } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Target } from '../../target.ts';
import { type Exemption, validateProgram } from '../seccomp/validate-program.ts';
import type { LoadedFile } from './elf.ts';

/** The calls that a launcher makes after its filter is on. */
export const lastCalls: readonly string[] = ['execve', 'exit_group', 'write'];

export function servedOn(
  machine: LoadedFile['machine'],
  architectures: readonly Architecture[],
): readonly Architecture[] {
  const family: readonly Architecture[] = machine === 'x86_64' ? ['x86_64', 'x86', 'x32'] : ['aarch64', 'arm'];
  return family.filter((architecture) => architectures.includes(architecture));
}

/**
 * The filter of a program that a supervisor watches: it is what the policy asks for, and whatever it lets through by itself
 * passes in every level. With the cookie, the launcher's exec waits for the supervisor.
 */
export function supervisedFilterFault(
  bytes: Uint8Array,
  policy: Policy,
  { architectures }: Target,
  machine: LoadedFile['machine'],
  cookies: Exemption['arguments'],
): string | undefined {
  const served = servedOn(machine, architectures);
  const wanted = supervisedDecision(policy, served);
  const last = lastCalls.filter((name) => name !== 'execve' && !always(wanted, machine, name));
  const exemption: Exemption = { architecture: machine, syscalls: last, asked: ['execve'], arguments: cookies };
  const exact = validateProgram(bytes, wanted, served, architectures, {}, undefined, exemption);
  if (exact.status === 'refused') return `the filter: ${exact.counterexample}`;
  const { start, stricter } = levelDecisions(policy);
  for (const level of [start, ...stricter]) {
    const within = validateProgram(bytes, level, served, architectures, {}, undefined, exemption, 'within');
    if (within.status === 'refused') return `the filter lets through what a level refuses: ${within.counterexample}`;
  }
  return undefined;
}

/** The programs that the supervisor asks: one for each level, equal to its decision, and one for each event that is a call. */
export function supervisorFault(
  policy: Policy,
  { architectures }: Target,
  artifacts: readonly Artifact[],
): string | undefined {
  const { start, stricter } = levelDecisions(policy);
  const levels = [policy.adaptive?.start, ...(policy.adaptive?.levels ?? []).map(({ level }) => level)];
  const wanted = new Map<string, Decision>([start, ...stricter].map((each, at) => [`level-${levels[at]}`, each]));
  for (const { event, when, topic, origin } of liveTransitions(policy)) {
    if (when === undefined) continue;
    const notify = { kind: 'notify' } as const;
    const allow = { kind: 'allow' } as const;
    wanted.set(`event-${event}`, {
      point: 'syscall',
      combine: 'first-match',
      rules: [{ id: event, topic, origin, when, effect: notify }],
      otherwise: { id: 'otherwise', topic, origin, effect: allow },
    });
  }
  for (const machine of ['x86_64', 'aarch64'] as const) {
    if (!artifacts.some(({ path }) => path === `launcher.${machine}`)) continue;
    const served = servedOn(machine, architectures);
    for (const [name, decision] of wanted) {
      const path = `${name}.${machine}.bpf`;
      const content = artifacts.find((each) => each.path === path)?.content;
      if (content === undefined || typeof content === 'string') return `${path} is missing`;
      const validation = validateProgram(content, decision, served, architectures, {});
      if (validation.status === 'refused') return `${path}: ${validation.counterexample}`;
    }
  }
  return undefined;
}

/** Whether a call passes whatever its arguments. */
export function always(decision: Decision, machine: string, syscall: string): boolean {
  const known: Readonly<Record<string, string | boolean>> = { arch: machine, syscall, newer: false };
  const effect = decide(decision, { attribute: (name) => known[name], parameter: () => undefined })?.effect.kind;
  return effect === 'allow' || effect === 'log';
}
