import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { matchesGlob } from '../../compiler/expressions/glob.ts';
import { javascriptBody } from '../../compiler/expressions/javascript.ts';
import type { Predicate } from '../../compiler/expressions/predicate.ts';

/** Reads an attribute, integers as numbers; undefined is unknown. */
export type AttributeReader = (name: string) => string | number | boolean | undefined;

/** A predicate as code. */
export type Matcher = (attribute: AttributeReader) => boolean | undefined;

/**
 * Makes a function of each predicate: JavaScript generated for it, or the reference evaluator where this process may make
 * no code (`--disallow-code-generation-from-strings`). Equal predicates share one function.
 */
export function matchersOf(predicates: readonly Predicate[]): readonly Matcher[] {
  const bodies = predicates.map((predicate) => javascriptBody([predicate]));
  const distinct = [...new Set(bodies.filter((body) => body !== undefined))];
  const made = generated(distinct);
  return predicates.map((predicate, index) => {
    const body = bodies[index];
    const matcher = body === undefined ? undefined : made?.get(body);
    return matcher ?? interpreted(predicate);
  });
}

type GeneratedMatcher = (attribute: AttributeReader, matches: typeof matchesGlob) => readonly (boolean | undefined)[];

/** One function text for all: V8 compiles each inner function when it is first called. */
function generated(bodies: readonly string[]): ReadonlyMap<string, Matcher> | undefined {
  const functions = bodies.map((body) => `function (attribute, matches) {\n${body}\n}`);
  let made: readonly GeneratedMatcher[];
  try {
    made = new Function(`'use strict'; return [${functions.join(', ')}];`)();
  } catch {
    // An EvalError: this process makes no code from texts.
    return undefined;
  }
  return new Map(bodies.map((body, index) => [body, (attribute) => made[index]!(attribute, matchesGlob)[0]]));
}

function interpreted(predicate: Predicate): Matcher {
  return (attribute) =>
    evaluate(predicate, {
      attribute: (name) => {
        const value = attribute(name);
        return typeof value === 'number' && name.includes('@') ? BigInt(value) : value;
      },
      parameter: () => undefined,
    });
}
