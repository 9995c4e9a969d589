import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision, Effect, Enforceable, Otherwise, Rule } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Coverage } from '../backend.ts';
import { ownGrant } from '../seccomp/own-grant.ts';
import { ENOSYS, permits } from './action.ts';
import type { OciArgument, OciSyscall } from './format.ts';
import { contains, mentions } from './mentions.ts';
import type { Outcome } from './outcome.ts';

/** What the fragment loses of each rule, each sentence once. */
export class Losses {
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

/** On 32-bit architectures and x32 libseccomp compares low words only. */
export function loseWords(
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

export function loseMention(decision: Decision, name: string, leaves: readonly Predicate[], losses: Losses): void {
  for (const rule of decision.rules) {
    if (!leaves.some((leaf) => contains(rule.when, leaf))) continue;
    losses.add(rule, `\`${name}\`: a number without a name has no form in the fragment`);
  }
}

export function seccompCoverage(
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
