import type { Predicate, Term, Value } from '../../compiler/expressions/predicate.ts';
import { launchRules } from '../../compiler/ir/launch.ts';
import type { Policy } from '../../compiler/ir/policy.ts';

/** Cedar's numbers are whole: amounts are in ten-thousandths of what they are here. */
const scale = 10_000;

/** The rules of a launch as policies of Cedar: all is permitted but where a rule denies, or cannot tell. */
export function cedarLaunchPolicies(policy: Policy): Readonly<Record<string, string>> {
  const forbidden = launchRules(policy).map(({ id, when }) => [
    id,
    `forbid (principal, action, resource) unless { ${told(when, false)} };`,
  ]);
  return Object.fromEntries([['permit', 'permit (principal, action, resource);'], ...forbidden]);
}

/** A value as the context of a request has it. */
export function cedarValue(value: Value): string | number | boolean {
  return typeof value === 'number' || typeof value === 'bigint' ? Math.round(Number(value) * scale) : value;
}

/** Where the predicate is known to have this value. */
function told(predicate: Predicate, wanted: boolean): string {
  switch (predicate.kind) {
    case 'constant':
      return String(predicate.value === wanted);
    case 'not':
      return told(predicate.of, !wanted);
    case 'and':
    case 'or': {
      const all = (predicate.kind === 'and') === wanted;
      if (predicate.of.length === 0) return String(all);
      return `(${predicate.of.map((each) => told(each, wanted)).join(all ? ' && ' : ' || ')})`;
    }
    case 'compare': {
      const { left, operator, right } = predicate;
      return known([left, right], `${termText(left)} ${operator} ${termText(right)}`, wanted);
    }
    case 'in-set': {
      const values = predicate.values.map((value) => JSON.stringify(value)).join(', ');
      return known([predicate.term], `[${values}].contains(${termText(predicate.term)})`, wanted);
    }
    case 'glob':
      return known([predicate.term], `${termText(predicate.term)} like ${JSON.stringify(predicate.pattern)}`, wanted);
    default:
      throw new Error(`Cedar is given no ${predicate.kind}`);
  }
}

function known(terms: readonly Term[], test: string, wanted: boolean): string {
  const present = terms.flatMap((term) =>
    term.kind === 'attribute' ? [`context has ${JSON.stringify(term.name)}`] : [],
  );
  return `(${[...present, wanted ? `(${test})` : `!(${test})`].join(' && ')})`;
}

function termText(term: Term): string {
  if (term.kind === 'attribute') return `context[${JSON.stringify(term.name)}]`;
  if (term.kind !== 'literal') throw new Error(`Cedar is given no ${term.kind}`);
  return JSON.stringify(cedarValue(term.value));
}
