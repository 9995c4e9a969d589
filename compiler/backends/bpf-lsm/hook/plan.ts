import { always, never, type Predicate } from '../../../expressions/predicate.ts';
import type { CountCalls } from '../../../ir/obligation.ts';
import {
  contributors,
  decisionAt,
  type Effect,
  type Enforceable,
  type Obligation,
  type Policy,
} from '../../../ir/policy.ts';
import { specialise } from './specialise.ts';

/** What a program does for one hook. */
export interface HookPlan {
  readonly hook: string;
  readonly counters: readonly (Obligation & CountCalls)[];
  /** Statements that record calls and decide nothing. */
  readonly audits: readonly PlannedRule[];
  /** In order; the first whose predicate holds decides. The last one always holds. */
  readonly rules: readonly PlannedRule[];
}

export interface PlannedRule {
  readonly node: Enforceable;
  readonly when: Predicate;
  readonly effect: Effect;
  /** A program that was asked before has recorded what this refuses, where it has refused it. */
  readonly recordedBefore?: true;
}

/** The hooks that a policy decides at by rules of its own, sorted. */
export function hooksOf(policy: Policy): readonly string[] {
  const hooks = new Set<string>();
  const visit = (predicate: Predicate): void => {
    switch (predicate.kind) {
      case 'and':
      case 'or':
        for (const each of predicate.of) visit(each);
        return;
      case 'not':
        visit(predicate.of);
        return;
      case 'compare':
        for (const term of [predicate.left, predicate.right]) {
          if (term.kind === 'literal' && isHook(predicate.left, predicate.right)) hooks.add(String(term.value));
        }
        return;
      case 'in-set':
        if (isHook(predicate.term)) for (const hook of predicate.values) hooks.add(hook);
        return;
      default:
    }
  };
  for (const rule of decisionAt(policy, 'hook')?.rules ?? []) visit(rule.when);
  for (const each of policy.obligations) {
    if (each.kind === 'count-calls' || each.kind === 'audit-calls') hooks.add(each.hook);
  }
  return [...hooks].sort();
}

function isHook(...terms: readonly { readonly kind: string; readonly name?: string }[]): boolean {
  return terms.some(({ kind, name }) => kind === 'attribute' && name === 'hook');
}

/** Whether an id is of a rule of a hook, also of a stricter level's: `hook/file_open/0`, `sandbox/hook/file_open/0`. */
export function isOfHook(id: string, hook: string): boolean {
  return `/${id}`.includes(`/hook/${hook}/`);
}

/** The rule by the name that it has at a hook: an optimisation may have joined rules of several hooks into one. */
function namedAt(rule: Enforceable, hook: string): Enforceable {
  return contributors(rule).find(({ id }) => isOfHook(id, hook)) ?? rule;
}

/**
 * What of a policy is about one hook.
 *
 * @param first rules that refuse before those of the hook are asked
 */
export function planHook(policy: Policy, hook: string, first: readonly PlannedRule[] = []): HookPlan {
  const here = (predicate: Predicate) => specialise(predicate, { hook });
  const rules: PlannedRule[] = [...first];
  // What is always refused leaves nothing to the rules of the hook.
  const decision = isConstant(first.at(-1)) ? undefined : decisionAt(policy, 'hook');
  for (const rule of decision?.rules ?? []) {
    const when = here(rule.when);
    if (when === never || (when.kind === 'constant' && !when.value)) continue;
    rules.push({ node: namedAt(rule, hook), when, effect: rule.effect });
    if (when.kind === 'constant') break;
  }
  const last = rules.at(-1);
  if (decision !== undefined && !isConstant(last)) {
    rules.push({ node: decision.otherwise, when: always, effect: decision.otherwise.effect });
  } else if (decision === undefined && last !== undefined && !isConstant(last)) {
    rules.push({ node: last.node, when: always, effect: { kind: 'allow' } });
  }
  const counters: (Obligation & CountCalls)[] = [];
  const audits: PlannedRule[] = [];
  for (const each of policy.obligations) {
    if (each.kind === 'count-calls' && each.hook === hook) counters.push({ ...each, when: here(each.when) });
    if (each.kind === 'audit-calls' && each.hook === hook) {
      audits.push({ node: each, when: here(each.when), effect: { kind: 'allow', audit: true } });
    }
  }
  return { hook, counters, audits, rules };
}

function isConstant(rule: PlannedRule | undefined): boolean {
  return rule?.when.kind === 'constant';
}
