import type { Compilation } from '../compile.ts';
import { type Environment, evaluate } from '../expressions/evaluate.ts';
import type { Decision, Enforceable } from '../ir/policy.ts';
import { positionAt } from '../source/text.ts';

/** What `polc explain` prints, for people and as JSON. */
export interface Answer {
  readonly lines: readonly string[];
  readonly data: unknown;
}

export const label = (text: string) => `  ${text.padEnd(11)}`;

/** `rule 3 of 6`, `rules 1 and 3 of 6, or otherwise`: the rules by their place in the optimised decision. */
export function positionsIn(decision: Decision, rules: readonly Enforceable[]): string {
  const places = rules.flatMap((rule) => {
    const index = decision.rules.findIndex(({ id }) => id === rule.id);
    return index === -1 ? [] : [index + 1];
  });
  const otherwise = rules.some(({ id }) => id === decision.otherwise.id);
  if (places.length === 0) return `otherwise, after ${decision.rules.length} rules`;
  const list = `${places.length === 1 ? 'rule' : 'rules'} ${places.join(', ')} of ${decision.rules.length}`;
  return otherwise ? `${list}, or otherwise` : list;
}

/** The rules that could still decide, up to the first that certainly would. */
export function candidates(decision: Decision, environment: Environment): readonly Enforceable[] {
  const found: Enforceable[] = [];
  for (const rule of decision.rules) {
    const holds = evaluate(rule.when, environment);
    if (holds === false) continue;
    found.push(rule);
    if (holds === true) return found;
  }
  return [...found, decision.otherwise];
}

/** `file:line:column` of where a rule was written. */
export function place(compilation: Pick<Compilation, 'sources'>, rule: Enforceable): string {
  return placeOf(compilation, rule.origin.span);
}

export function placeOf(
  { sources }: Pick<Compilation, 'sources'>,
  span: { readonly file: string; readonly start: number },
): string {
  const source = sources.get(span.file);
  if (source === undefined) return span.file;
  const { line, column } = positionAt(source, span.start);
  return `${span.file}:${line + 1}:${column + 1}`;
}
