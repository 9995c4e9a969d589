import type { Decision } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { syscallNames } from '../../tables/syscalls.ts';
import type { Coverage } from '../backend.ts';
import { actionKey, ENOSYS, ociAction, permits } from './action.ts';
import { ociArchitecture } from './architectures.ts';
import { argumentLists } from './arguments.ts';
import { MachineCalls } from './call-table.ts';
import type { Addition, OciSeccomp, OciSyscall } from './format.ts';
import { Losses, loseMention, loseWords, seccompCoverage } from './losses.ts';
import { type Outcome, wholeEffect } from './outcome.ts';
import { Outcomes } from './outcomes.ts';
import { agree, type Entry, type Plan, planned } from './plan.ts';

export interface SeccompFragment {
  readonly seccomp: OciSeccomp;
  readonly additions: readonly Addition[];
  readonly coverage: readonly Coverage[];
  /** For each of `seccomp.syscalls`, the ids of the rules that it comes from; none for additions. */
  readonly origins: readonly (readonly string[])[];
  /** Rules whose conditions the fragment widens or narrows, with the reason. */
  readonly inexact: ReadonlyMap<string, string>;
  /** Calls that are refused more often than the policy says. */
  readonly stricter: readonly string[];
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
  const origins: (readonly string[])[] = [];
  for (const entry of entries.values()) {
    for (const rule of entry.rules) {
      syscalls.push({ ...rule, names: entry.names });
      origins.push(Array.from(entry.by, ({ id }) => id));
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
    coverage: seccompCoverage(decision, architectures, newer, byDefault, losses),
  };
}

function ruleKey({ action, errnoRet, args }: OciSyscall): string {
  const list = args?.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`) ?? [];
  return `${action} ${errnoRet} ${list.join()}`;
}

/** @param rest the key of the default action, which needs no rules */
function rulesOf(outcome: Outcome, rest: string): readonly OciSyscall[] {
  const told = outcome.parts.filter((part) => actionKey(ociAction(part.effect)) !== rest);
  const rules: OciSyscall[] = [];
  for (const { effect, cubes } of told) {
    const action = ociAction(effect);
    for (const args of argumentLists(cubes, told.length === 1)) {
      rules.push(args.length === 0 ? { names: [], ...action } : { names: [], ...action, args });
    }
  }
  return rules;
}
