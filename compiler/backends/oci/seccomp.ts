import { decide } from '../../ir/evaluate.ts';
import type { Decision, Effect, Enforceable, Otherwise, Rule } from '../../ir/policy.ts';
import { type Architecture, x32Bit } from '../../tables/architectures.ts';
import { syscallNames, syscallNumber } from '../../tables/syscalls.ts';
import type { Coverage } from '../backend.ts';
import { actionKey, ociAction, permits } from './action.ts';
import { argumentLists } from './arguments.ts';
import { Conditions } from './condition.ts';
import type { Addition, OciArgument, OciSeccomp, OciSyscall } from './format.ts';
import { collectNames, mentionedNames, mentions } from './mentions.ts';
import { type Outcome, outcomeKey, outcomeOf, wholeEffect } from './outcome.ts';
import { startupCalls } from './startup-calls.ts';

export interface SeccompFragment {
  readonly seccomp: OciSeccomp;
  readonly additions: readonly Addition[];
  readonly coverage: readonly Coverage[];
  /** For each of `seccomp.syscalls`, the rules that it comes from; none for additions. */
  readonly origins: readonly (readonly Enforceable[])[];
  /** Rules whose conditions the fragment widens or narrows, with the reason. */
  readonly inexact: ReadonlyMap<string, string>;
  /** Calls that are refused more often than the policy says. */
  readonly stricter: readonly string[];
}

export const ociArchitecture: Readonly<Record<Architecture, string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  x86: 'SCMP_ARCH_X86',
  x32: 'SCMP_ARCH_X32',
  aarch64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  riscv64: 'SCMP_ARCH_RISCV64',
};

/** Linux gives new calls one number on all architectures from here on. */
const firstCommonNumber = 424;
const ENOSYS = 38;
const unnamed = '#unnamed';

/** The architectures that the decision does not refuse as a whole; libseccomp kills calls of those it is not given. */
export function acceptedArchitectures(
  decision: Decision,
  architectures: readonly Architecture[],
): readonly Architecture[] {
  return architectures.filter((arch) => {
    const verdict = decide(decision, {
      attribute: (name) => (name === 'arch' ? arch : undefined),
      parameter: () => undefined,
    });
    const refused = verdict?.effect.kind === 'kill-process' || verdict?.effect.kind === 'kill-thread';
    return !refused || verdict.by === decision.otherwise;
  });
}

/**
 * The `syscall` decision in libseccomp's terms, where rules have no order and those of one call are joined by `or`:
 * ordered rules become disjoint sets of argument vectors, one rule a set, and the default action takes the rest.
 *
 * @param architectures of one machine, such as x86_64 with x86.
 */
export function seccompFragment(decision: Decision, architectures: readonly Architecture[]): SeccompFragment {
  const conditions = new Conditions();
  const losses = new Losses();
  const outcome = (arch: Architecture, syscall: string, newer = false) =>
    outcomeOf(decision, { arch, syscall, newer }, conditions);

  const unmentioned = architectures.map((arch) => outcome(arch, unnamed));
  const common = wholeEffect(unmentioned[0]!);
  const uniform =
    common !== undefined && unmentioned.every((other) => outcomeKey(other) === outcomeKey(unmentioned[0]!));
  const byDefault = uniform ? common : decision.otherwise.effect;
  const names = uniform ? mentionedNames(decision) : syscallNames();

  const entries = new Map<string, { names: string[]; rules: readonly OciSyscall[]; by: Set<Enforceable> }>();
  const additions: Addition[] = [];
  const stricter: string[] = [];
  const startup = new Map(startupCalls.map(({ name, why }) => [name, why]));
  const numbers = (name: string) => architectures.map((arch) => syscallNumber(arch, name));
  const wanted = [...new Set([...names, ...startup.keys()])].sort();
  for (const name of wanted) {
    const existing = architectures.filter((arch) => syscallNumber(arch, name) !== undefined);
    if (existing.length === 0) {
      if (name.startsWith('#')) loseMention(decision, name, losses);
      continue;
    }
    const outcomes = existing.map((arch) => outcome(arch, name));
    const why = startup.get(name);
    if (why !== undefined && outcomes.some(({ parts }) => parts.some(({ effect }) => !permits(effect)))) {
      additions.push({ call: name, action: 'SCMP_ACT_ALLOW', why });
      for (const { parts } of outcomes) {
        for (const part of parts) if (!permits(part.effect)) for (const rule of part.by) losses.pass(rule, name);
      }
      continue;
    }
    let chosen = outcomes[0]!;
    if (outcomes.some((other) => outcomeKey(other) !== outcomeKey(chosen))) {
      for (const { parts } of outcomes) {
        for (const { by } of parts) {
          for (const rule of by) losses.add(rule, `\`${name}\`: it differs by architecture, and is refused on all`);
        }
      }
      stricter.push(name);
      const refusing = outcomes.find(({ parts }) => parts.every(({ effect }) => !permits(effect)));
      const effect: Effect = permits(byDefault) ? { kind: 'errno', errno: 1 } : byDefault;
      chosen = refusing ?? { ...chosen, parts: [{ ...chosen.parts[0]!, effect, cubes: [everyVector] }] };
    }
    if (chosen.inexact.length > 0 && !stricter.includes(name)) stricter.push(name);
    for (const rule of chosen.inexact)
      losses.inexact(rule, 'a condition that comparisons of single arguments cannot say');
    const rules = rulesOf(chosen, byDefault);
    if (rules.length === 0) continue;
    loseWords(chosen, rules, existing, losses);
    const key = JSON.stringify(rules, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
    const known = entries.get(key) ?? { names: [], rules, by: new Set() };
    known.names.push(name);
    for (const part of chosen.parts) {
      if (actionKey(ociAction(part.effect)) !== actionKey(ociAction(byDefault)))
        for (const by of part.by) known.by.add(by);
    }
    entries.set(key, known);
  }

  const syscalls: OciSyscall[] = [];
  const origins: (readonly Enforceable[])[] = [];
  for (const entry of entries.values()) {
    for (const rule of entry.rules) {
      syscalls.push({ ...rule, names: entry.names });
      origins.push([...entry.by]);
    }
  }
  const add = (names: readonly string[], rule: Omit<OciSyscall, 'names'>) => {
    if (names.length === 0) return;
    syscalls.push({ names, ...rule });
    origins.push([]);
  };
  add(
    additions.map(({ call }) => call),
    { action: 'SCMP_ACT_ALLOW' },
  );
  const action = ociAction(byDefault);
  if (!permits(byDefault) && action.errnoRet !== ENOSYS) {
    const highest = architectures.map((_, at) =>
      Math.max(-1, ...syscalls.flatMap((rule) => rule.names.map((name) => common32(numbers(name)[at])))),
    );
    const above = syscallNames().filter((name) =>
      numbers(name).some((number, at) => {
        const plain = common32(number);
        return plain >= firstCommonNumber && plain > highest[at]!;
      }),
    );
    add(above, action);
    for (const call of above) {
      additions.push({
        call,
        action: action.action,
        why: 'runc answers ENOSYS for every call above the last one named; this one has the default action',
      });
    }
  }
  const newer = architectures.map((arch) => wholeEffect(outcome(arch, '#newer', true)));
  return {
    seccomp: {
      defaultAction: action.action,
      ...(action.errnoRet === undefined ? {} : { defaultErrnoRet: action.errnoRet }),
      architectures: architectures.map((arch) => ociArchitecture[arch]),
      syscalls,
    },
    additions,
    origins,
    inexact: losses.inexactRules,
    stricter,
    coverage: coverageOf(decision, architectures, newer, byDefault, losses),
  };
}

const everyVector = { mask: [0n, 0n, 0n, 0n, 0n, 0n], value: [0n, 0n, 0n, 0n, 0n, 0n] };

/** The number without x32's bit, -1 for none and for Arm's private calls, which no runtime counts. */
function common32(number: number | undefined): number {
  if (number === undefined) return -1;
  const plain = number & ~x32Bit;
  return plain >= 0xf0000 ? -1 : plain;
}

function rulesOf(outcome: Outcome, byDefault: Effect): readonly OciSyscall[] {
  const rest = actionKey(ociAction(byDefault));
  const told = outcome.parts.filter((part) => actionKey(ociAction(part.effect)) !== rest);
  return told.flatMap(({ effect, cubes }) =>
    argumentLists(cubes, told.length === 1).map((args) => ({
      names: [],
      ...ociAction(effect),
      ...(args.length === 0 ? {} : { args }),
    })),
  );
}

/** On 32-bit architectures and x32 libseccomp compares low words only. */
function loseWords(
  outcome: Outcome,
  rules: readonly OciSyscall[],
  architectures: readonly Architecture[],
  losses: Losses,
): void {
  const args = rules.flatMap((rule) => rule.args ?? []);
  for (const arch of architectures) {
    const lost =
      arch === 'x32' ? args.length > 0 : (arch === 'x86' || arch === 'arm') && args.some((arg) => wantsHighWord(arg));
    if (!lost) continue;
    for (const { by } of outcome.parts)
      for (const rule of by) losses.add(rule, `on ${arch} the high words of arguments`);
  }
}

function wantsHighWord({ value, valueTwo }: OciArgument): boolean {
  return (valueTwo ?? value) >> 32n !== 0n;
}

function loseMention(decision: Decision, name: string, losses: Losses): void {
  for (const rule of decision.rules) {
    const names = new Set<string>();
    collectNames(rule.when, names);
    if (names.has(name)) losses.add(rule, `\`${name}\`: a number without a name has no form in the fragment`);
  }
}

/** What the fragment loses of each rule, each sentence once. */
class Losses {
  readonly #lost = new Map<Enforceable, Set<string>>();
  readonly #passing = new Map<Enforceable, string[]>();
  readonly inexactRules = new Map<string, string>();

  add(rule: Enforceable, what: string): void {
    const known = this.#lost.get(rule) ?? new Set();
    known.add(what);
    this.#lost.set(rule, known);
  }

  inexact(rule: Enforceable, reason: string): void {
    this.inexactRules.set(rule.id, reason);
    this.add(rule, reason);
  }

  /** The runtime needs a call that the rule refuses. */
  pass(rule: Enforceable, name: string): void {
    const known = this.#passing.get(rule) ?? [];
    if (!known.includes(name)) known.push(name);
    this.#passing.set(rule, known);
  }

  of(rule: Enforceable): readonly string[] {
    const passing = this.#passing.get(rule);
    const lost = [...(this.#lost.get(rule) ?? [])];
    return passing === undefined ? lost : [...lost, `calls that the runtime itself needs pass: ${passing.join(', ')}`];
  }
}

function coverageOf(
  decision: Decision,
  architectures: readonly Architecture[],
  newer: readonly (Effect | undefined)[],
  byDefault: Effect,
  losses: Losses,
): readonly Coverage[] {
  const stub = !permits(byDefault) && !(byDefault.kind === 'errno' && byDefault.errno === ENOSYS);
  const enforced = `linux.seccomp on ${architectures.join(', ')}`;
  return [...decision.rules, decision.otherwise].map((rule: Rule | Otherwise): Coverage => {
    const lost = [...losses.of(rule)];
    if (rule.effect.kind === 'notify') lost.push('the listener: the call returns ENOSYS');
    if (rule.effect.kind === 'trap' && rule.effect.data !== 0) lost.push("the trap's data");
    if ('when' in rule && mentions(rule.when, 'arch') && !mentions(rule.when, 'syscall')) {
      lost.push('the other threads: libseccomp kills only the thread that makes a foreign call');
    }
    if ('when' in rule && mentions(rule.when, 'newer')) {
      lost.push('crun, which gives newer calls the default action; runc answers ENOSYS');
    } else if (
      rule === decision.otherwise &&
      stub &&
      newer.some((effect) => effect?.kind !== 'errno' || effect.errno !== ENOSYS)
    ) {
      lost.push('calls newer than libseccomp: runc answers ENOSYS');
    }
    return lost.length === 0
      ? { rule: rule.id, status: 'full', enforced }
      : { rule: rule.id, status: 'partial', enforced, lost: lost.join('; ') };
  });
}
