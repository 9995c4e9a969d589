import { environmentOf, type Overload } from '../../expressions/cel/environment.ts';
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

const roots = ['auth', 'request', 'source', 'destination', 'connection', 'metadata', 'filter_state', 'ratelimit'];
const body: Overload = { member: false, parameters: [string], result: dyn };

/** Compiles expressions, equal ones once. */
export class Engine {
  readonly #known = new Map<string, Evaluator>();
  #body: Body = {};
  /** `unknown` where nobody said what the body holds: reading it is an error then. */
  readonly #knownBody: boolean;
  readonly #environment = environmentOf({
    libraries: [standardLibrary, stringLibrary],
    variables: Object.fromEntries(roots.map((name) => [name, dyn])),
    functions: [
      {
        name: 'requestBodyJSON',
        overloads: [body],
        call: (pointer) => this.#read(pointer),
      },
      // There is no response before the request has come through.
      { name: 'responseBodyJSON', overloads: [body], call: () => new CelError('there is no response yet') },
    ],
  });

  constructor({ body: known = 'known' }: { readonly body?: 'known' | 'unknown' } = {}) {
    this.#knownBody = known === 'known';
  }

  #read(pointer: Value | undefined): Result {
    if (typeof pointer !== 'string') return new CelError('no pointer');
    if (!this.#knownBody) return new CelError('the body is not known');
    // What the body does not hold is null (wasm-shim, json_body_parser).
    return Object.hasOwn(this.#body, pointer) ? (this.#body[pointer] ?? null) : null;
  }

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
