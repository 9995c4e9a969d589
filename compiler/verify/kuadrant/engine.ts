import { environmentOf } from '../../expressions/cel/environment.ts';
import { interpreter } from '../../expressions/cel/evaluate.ts';
import { standardLibrary, stringLibrary } from '../../expressions/cel/libraries.ts';
import { parseCel } from '../../expressions/cel/parse.ts';
import type { Bindings } from '../../expressions/cel/running.ts';
import { dyn, string } from '../../expressions/cel/types.ts';
import { CelError, type Result, type Value } from '../../expressions/cel/value.ts';
import { differ } from './difference.ts';

/** The body of a request as far as expressions read it: values by JSON pointer. */
export type Body = Readonly<Record<string, Value>>;

/** An expression of a policy. An error is a value. Bindings are of one request, whose body is the other argument. */
export type Evaluator = (bindings: Bindings, body: Body) => Result;

/** Compiles expressions, equal ones once. */
export class Engine {
  readonly #known = new Map<string, Evaluator>();
  #body: Body = {};
  readonly #environment = environmentOf({
    libraries: [standardLibrary, stringLibrary],
    variables: { auth: dyn, request: dyn },
    functions: [
      {
        name: 'requestBodyJSON',
        overloads: [{ member: false, parameters: [string], result: dyn }],
        // What the body does not hold is null (wasm-shim, json_body_parser).
        call: (pointer) => (typeof pointer === 'string' ? (this.#body[pointer] ?? null) : new CelError('no pointer')),
      },
    ],
  });

  evaluator(text: string): Evaluator {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const { expression, problems } = parseCel(text);
    if (problems.length > 0) return differ(`the expression ${text} cannot be read`);
    const program = interpreter(expression, this.#environment);
    // The same condition stands in many limits; of one request it is evaluated once.
    let seen: Bindings | undefined;
    let last: Result = null;
    const made: Evaluator = (bindings, body) => {
      if (bindings === seen) return last;
      this.#body = body;
      seen = bindings;
      last = program(bindings);
      return last;
    };
    this.#known.set(text, made);
    return made;
  }
}
