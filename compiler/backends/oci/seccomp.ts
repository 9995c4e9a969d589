import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision, Effect, Enforceable, Otherwise, Rule } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { syscallPlaces } from '../../tables/syscall-places.ts';
import { syscallNames } from '../../tables/syscalls.ts';
import type { Coverage } from '../backend.ts';
import { ownGrant } from '../seccomp/own-grant.ts';
import { actionKey, ociAction, permits } from './action.ts';
import { argumentLists } from './arguments.ts';
import { MachineCalls } from './call-table.ts';
import { everything } from './cube.ts';
import type { Addition, OciArgument, OciSeccomp, OciSyscall } from './format.ts';
import { contains, leavesAbout, mentions } from './mentions.ts';
import { NameClasses } from './name-classes.ts';
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

const ENOSYS = 38;

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

/** What becomes of each class of calls, worked out once for the architectures that the decision cannot tell apart. */
export class Outcomes {
  readonly classes: NameClasses;
  readonly startup = startupPlaces();
  readonly #decision: Decision;
  readonly #known = new Map<string, (Outcome | undefined)[]>();
  readonly #kinds = new Map<Architecture, string>();
  readonly #leaves: Predicate[] = [];

  constructor(decision: Decision) {
    this.#decision = decision;
    this.classes = new NameClasses(decision);
    for (const rule of decision.rules) leavesAbout(rule.when, 'arch', this.#leaves);
  }

  of(arch: Architecture, named: number, newer = false): Outcome {
    const kind = this.#kind(arch);
    let known = this.#known.get(kind);
    if (known === undefined) {
      known = [];
      this.#known.set(kind, known);
    }
    const at = 2 * named + (newer ? 1 : 0);
    let outcome = known[at];
    if (outcome === undefined) {
      const { unnamed, otherwise } = this.classes;
      outcome = outcomeOf(this.#decision, { arch, newer, unnamed, otherwise: otherwise[named]! });
      known[at] = outcome;
    }
    return outcome;
  }

  /** Equal for architectures of which every leaf says the same. */
  #kind(arch: Architecture): string {
    let kind = this.#kinds.get(arch);
    if (kind === undefined) {
      const about = { attribute: (name: string) => (name === 'arch' ? arch : undefined), parameter: () => undefined };
      kind = this.#leaves.map((leaf) => String(evaluate(leaf, about))).join();
      if (kind.includes('undefined')) kind = arch;
      this.#kinds.set(arch, kind);
    }
    return kind;
  }
}

/** What the calls of one class become on a machine that has them on the same architectures. */
interface Plan {
  readonly outcomes: readonly Outcome[];
  readonly chosen: Outcome;
  /** The architectures disagree. */
  readonly differs: boolean;
  /** Refused somewhere, whatever the arguments. */
  readonly refuses: boolean;
  entry: Entry | undefined;
  settled: boolean;
}

interface Entry {
  readonly names: string[];
  readonly rules: readonly OciSyscall[];
  readonly by: Set<Enforceable>;
}

/**
 * The `syscall` decision in libseccomp's terms, where rules have no order and those of one call are joined by `or`:
 * ordered rules become disjoint sets of argument vectors, one rule a set, and the default action takes the rest.
 *
 * @param architectures of one machine, such as x86_64 with x86.
 * @param outcomes of the same decision; machines share them.
 */
export function seccompFragment(
  decision: Decision,
  architectures: readonly Architecture[],
  outcomes = new Outcomes(decision),
): SeccompFragment {
  const { classes } = outcomes;
  const losses = new Losses();
  const calls = new MachineCalls(architectures);
  const names = syscallNames();

  const unmentioned = architectures.map((arch) => outcomes.of(arch, 0));
  const common = wholeEffect(unmentioned[0]!);
  const uniform = common !== undefined && agree(unmentioned);
  const byDefault = uniform ? common : decision.otherwise.effect;
  const defaultKey = actionKey(ociAction(byDefault));

  const plans = new Map<number, Plan>();
  const entries = new Map<string, Entry>();
  const additions: Addition[] = [];
  const stricter: string[] = [];
  const told = new Uint8Array(names.length);
  const { startup } = outcomes;

  const planOf = (named: number, having: number): Plan => {
    const key = named * 64 + having;
    let plan = plans.get(key);
    if (plan === undefined) {
      const existing = architectures.filter((_, at) => (having & (1 << at)) !== 0);
      plan = planned(
        existing.map((arch) => outcomes.of(arch, named)),
        byDefault,
      );
      plans.set(key, plan);
    }
    return plan;
  };
  /** What is the same for all calls of a plan, done with the first of them. */
  const settle = (plan: Plan, having: number) => {
    plan.settled = true;
    const { chosen } = plan;
    for (const rule of chosen.inexact) {
      losses.inexact(rule, 'a condition that comparisons of single arguments cannot say');
    }
    const rules = rulesOf(chosen, defaultKey);
    if (rules.length === 0) return;
    loseWords(
      chosen,
      rules,
      architectures.filter((_, at) => (having & (1 << at)) !== 0),
      losses,
    );
    const key = rules.map(ruleKey).join(';');
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { names: [], rules, by: new Set() };
      entries.set(key, entry);
    }
    for (const part of chosen.parts) {
      if (actionKey(ociAction(part.effect)) !== defaultKey) for (const by of part.by) entry.by.add(by);
    }
    plan.entry = entry;
  };

  for (const [name, leaves] of [...classes.unknown].sort()) {
    if (name.startsWith('#')) loseMention(decision, name, leaves, losses);
  }
  for (let place = 0; place < names.length; place += 1) {
    const named = classes.of[place]!;
    const why = startup[place];
    if (uniform && named === 0 && why === undefined) continue;
    const having = calls.having(place);
    if (having === 0) continue;
    const name = names[place]!;
    const plan = planOf(named, having);
    if (why !== undefined && plan.refuses) {
      additions.push({ call: name, action: 'SCMP_ACT_ALLOW', why });
      told[place] = 1;
      for (const { parts } of plan.outcomes) {
        for (const part of parts) if (!permits(part.effect)) for (const rule of part.by) losses.pass(rule, name);
      }
      continue;
    }
    if (plan.differs) {
      for (const { parts } of plan.outcomes) {
        for (const { by } of parts) {
          for (const rule of by) losses.add(rule, `\`${name}\`: it differs by architecture, and is refused on all`);
        }
      }
    }
    if (plan.differs || plan.chosen.inexact.length > 0) stricter.push(name);
    if (!plan.settled) settle(plan, having);
    if (plan.entry === undefined) continue;
    plan.entry.names.push(name);
    told[place] = 1;
  }

  const syscalls: OciSyscall[] = [];
  const origins: (readonly Enforceable[])[] = [];
  for (const entry of entries.values()) {
    for (const rule of entry.rules) {
      syscalls.push({ ...rule, names: entry.names });
      origins.push([...entry.by]);
    }
  }
  const add = (added: readonly string[], rule: Omit<OciSyscall, 'names'>) => {
    if (added.length === 0) return;
    syscalls.push({ names: added, ...rule });
    origins.push([]);
  };
  add(
    additions.map(({ call }) => call),
    { action: 'SCMP_ACT_ALLOW' },
  );
  const action = ociAction(byDefault);
  if (!permits(byDefault) && action.errnoRet !== ENOSYS) {
    const above = calls.above(told).map((place) => names[place]!);
    add(above, action);
    for (const call of above) {
      additions.push({
        call,
        action: action.action,
        why: 'runc answers ENOSYS for every call above the last one named; this one has the default action',
      });
    }
  }
  const newer = architectures.map((arch) => wholeEffect(outcomes.of(arch, 0, true)));
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

/** Where architectures disagree, their common filter refuses: as one of them does, or as the default does. */
function planned(outcomes: readonly Outcome[], byDefault: Effect): Plan {
  const differs = !agree(outcomes);
  let chosen = outcomes[0]!;
  if (differs) {
    const refusing = outcomes.find(({ parts }) => parts.every(({ effect }) => !permits(effect)));
    const effect: Effect = permits(byDefault) ? { kind: 'errno', errno: 1 } : byDefault;
    chosen = refusing ?? { ...chosen, parts: [{ ...chosen.parts[0]!, effect, cubes: [everything] }] };
  }
  const refuses = outcomes.some(({ parts }) => parts.some(({ effect }) => !permits(effect)));
  return { outcomes, chosen, differs, refuses, entry: undefined, settled: false };
}

function agree([first, ...others]: readonly Outcome[]): boolean {
  return others.every((other) => other === first || outcomeKey(other) === outcomeKey(first!));
}

/** By place, why the runtime needs the call. */
function startupPlaces(): readonly (string | undefined)[] {
  const places = syscallPlaces();
  const found: (string | undefined)[] = new Array(places.size).fill(undefined);
  for (const { name, why } of startupCalls) found[places.get(name)!] = why;
  return found;
}

function ruleKey({ action, errnoRet, args }: OciSyscall): string {
  const list = args?.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`) ?? [];
  return `${action} ${errnoRet} ${list.join()}`;
}

/** @param rest the key of the default action, which needs no rules */
function rulesOf(outcome: Outcome, rest: string): readonly OciSyscall[] {
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

function loseMention(decision: Decision, name: string, leaves: readonly Predicate[], losses: Losses): void {
  for (const rule of decision.rules) {
    if (!leaves.some((leaf) => contains(rule.when, leaf))) continue;
    losses.add(rule, `\`${name}\`: a number without a name has no form in the fragment`);
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
    if (known.at(-1) !== name) known.push(name); // calls come one after the other
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
    const grant = rule.effect.kind === 'trace' ? ownGrant(rule.effect, decision, architectures) : undefined;
    if (grant !== undefined) lost.push(grant);
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
