import { matchesGlob } from '../../compiler/expressions/glob.ts';
import { javascriptParts } from '../../compiler/expressions/javascript.ts';
import { and, not, or, type Predicate, type Value } from '../../compiler/expressions/predicate.ts';
import { launchRules } from '../../compiler/ir/launch.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import { decisionAt, type Policy, type Rule } from '../../compiler/ir/policy.ts';
import { decideLaunch } from './decide.ts';
import { amounts, factOf, type LaunchFacts } from './facts.ts';

/** The policies of a launch as code, for whoever decides many launches under the same ones. */
export interface CompiledLaunch {
  /** Every rule, in the order of the steps. */
  readonly rules: readonly Rule[];
  /** As `decideLaunch(policy, facts).allowed`. */
  allows(facts: LaunchFacts): boolean;
  /** The places in `rules` of those that do not let the launch pass: that deny it, or cannot tell. */
  refusing(facts: LaunchFacts): readonly number[];
}

/**
 * JavaScript generated for the combined policy of all parts, not optimised. Where this process may make no code
 * (`--disallow-code-generation-from-strings`), and for a predicate that the generator has no code for, the reference
 * evaluator decides.
 */
export function compileLaunch(policy: Policy): CompiledLaunch {
  const rules = launchRules(policy);
  const passes = rules.map(passing);
  if (decisionAt(policy, 'launch') !== undefined) {
    const allows = generated([and(...passes)], policy);
    if (allows !== undefined) {
      let each: Generated | undefined;
      return {
        rules,
        allows: (facts) => allows(facts, matchesGlob)[0] === true,
        refusing(facts) {
          each ??= generated(passes, policy)!;
          return each(facts, matchesGlob).flatMap((passed, index) => (passed === true ? [] : [index]));
        },
      };
    }
  }
  return {
    rules,
    allows: (facts) => decideLaunch(policy, facts).allowed,
    refusing: (facts) =>
      decideLaunch(policy, facts).steps.flatMap(({ outcome }, index) => (outcome === 'holds' ? [] : [index])),
  };
}

/** True where the rule lets the launch pass; of one that allows, where it can tell whether it does. */
function passing({ effect, when }: Rule): Predicate {
  return effect.kind === 'allow' ? or(when, not(when)) : not(when);
}

type Generated = (facts: LaunchFacts, matches: typeof matchesGlob) => readonly (boolean | undefined)[];

function generated(predicates: readonly Predicate[], policy: Policy): Generated | undefined {
  const own = launchFacts(policy);
  const parts = javascriptParts(predicates, (literal, name) => read(literal, name, own));
  if (parts === undefined) return undefined;
  try {
    return new Function(
      `'use strict';\n${parts.constants}\nreturn function (facts, matches) {\n${parts.body}\n};`,
    )() as Generated;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** What reads an attribute: of the facts, or what the policies themselves say of it, which is constant. */
function read(literal: string, name: string, own: (attribute: string) => Value | undefined): string {
  if (name.startsWith('tag:')) return `facts.tags.get(${literal}.slice(${'tag:'.length}))`;
  const fact = factOf.get(name);
  if (fact === undefined) return constant(own(name));
  return amounts.has(fact)
    ? `facts.${fact} >= 0 && facts.${fact} < Infinity ? facts.${fact} : undefined`
    : `facts.${fact}`;
}

function constant(value: Value | undefined): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
