import { withTerms } from '../expressions/conditions.ts';
import { type Environment, evaluate } from '../expressions/evaluate.ts';
import { literal, type Predicate, type Term, type Value } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision, Effect } from '../ir/policy.ts';

/** What is known of some calls at a hook; all that is not may be anything. */
export interface KnownCall {
  readonly hook: string;
  readonly values?: Readonly<Record<string, Value>>;
  /** Integers of which only the bits of a mask are known, by the name of the attribute. */
  readonly bits?: Readonly<Record<string, { readonly mask: bigint; readonly value: bigint }>>;
}

/** Whether a decision at `hook` refuses every call of which this is known. */
export function refusesAtHook(decision: Decision | undefined, call: KnownCall): boolean {
  if (decision === undefined) return false;
  const { hook, values = {}, bits = {} } = call;
  const environment: Environment = {
    attribute: (name) => (name === 'hook' ? hook : Object.hasOwn(values, name) ? values[name] : undefined),
    parameter: () => undefined,
  };
  const rules = decision.rules.map((rule) => ({ ...rule, when: withBits(rule.when, bits) }));
  if (decision.combine !== 'first-match') {
    const verdict = decide({ ...decision, rules }, environment);
    return verdict !== undefined && refuses(verdict.effect);
  }
  for (const { when, effect } of rules) {
    const holds = evaluate(when, environment);
    if (holds === true) return refuses(effect);
    // Where it may hold and lets pass, some call passes; where it refuses, those that it leaves are for the next.
    if (holds === undefined && !refuses(effect)) return false;
  }
  return refuses(decision.otherwise.effect);
}

function refuses({ kind }: Effect): boolean {
  return kind === 'deny' || kind === 'errno';
}

/** The predicate with numbers in the place of the parts of integers that are known. */
function withBits(predicate: Predicate, bits: NonNullable<KnownCall['bits']>): Predicate {
  const termOf = (term: Term): Term => {
    if (term.kind !== 'mask' || term.term.kind !== 'attribute') return term;
    const known = Object.hasOwn(bits, term.term.name) ? bits[term.term.name] : undefined;
    return known === undefined || (term.mask & ~known.mask) !== 0n ? term : literal(known.value & term.mask);
  };
  return withTerms(predicate, termOf);
}
