import { evaluate } from '../../../expressions/evaluate.ts';
import { decide } from '../../../ir/evaluate.ts';
import type { Decision, Effect, Rule } from '../../../ir/policy.ts';
import type { Architecture } from '../../../tables/architectures.ts';

/** What becomes of a call whatever its arguments; undefined where they decide. */
export type CallEffects = (architecture: Architecture, syscall: string) => Effect | undefined;

/**
 * What `decide` answers, for a call after the other of one `syscall` decision. Most rules are a set of names and nothing
 * else: of these the first that holds a name is looked up.
 */
export function callEffects(decision: Decision): CallEffects {
  if (decision.combine !== 'first-match') {
    return (architecture, syscall) => decide(decision, environment(architecture, syscall))?.effect;
  }
  const byName = new Map<string, number>();
  const others: { readonly rule: Rule; readonly at: number }[] = [];
  decision.rules.forEach((rule, at) => {
    const { when } = rule;
    if (when.kind !== 'in-set' || when.term.kind !== 'attribute' || when.term.name !== 'syscall') {
      others.push({ rule, at });
      return;
    }
    for (const name of when.values) if (!byName.has(name)) byName.set(name, at);
  });
  return (architecture, syscall) => {
    const named = byName.get(syscall) ?? decision.rules.length;
    const known = environment(architecture, syscall);
    for (const { rule, at } of others) {
      if (at > named) break;
      const holds = evaluate(rule.when, known);
      if (holds !== false) return holds === undefined ? undefined : rule.effect;
    }
    return (decision.rules[named] ?? decision.otherwise).effect;
  };
}

function environment(arch: Architecture, syscall: string) {
  const known: Readonly<Record<string, string | boolean>> = { arch, syscall, newer: false };
  return { attribute: (name: string) => known[name], parameter: () => undefined };
}
