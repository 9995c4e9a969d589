import type { CompareOperator, Predicate, Term, Value } from './predicate.ts';

/**
 * JavaScript source of predicates, for programs that evaluate the same ones very often: a function body that ends with
 * `return` of an array, in which each predicate has true, false, or undefined where it is unknown.
 *
 * The body reads its attributes from `attribute(name)`, of which each is asked for at most once, and matches with
 * `matches(text, pattern)`, which is `matchesGlob`. Integers are JavaScript numbers or bigints, whichever the caller has.
 *
 * It is text and not a function since where it runs is not known here: a generated module has it inside; whoever may
 * make code while running gives it to `new Function('attribute', 'matches', body)` once. Where a content security policy
 * or `--disallow-code-generation-from-strings` forbids that, evaluate.ts gives the same answers.
 *
 * @returns undefined where a predicate has a term or test that no cost event has: paths, networks, masks, parameters
 */
export function javascriptBody(predicates: readonly Predicate[]): string | undefined {
  const parts = javascriptParts(predicates, (name) => `attribute(${name})`);
  return parts === undefined ? undefined : `${parts.constants}\n${parts.body}`;
}

/** The two parts of such a body: what is the same for every call, and what reads its attributes. */
export interface JavascriptParts {
  readonly constants: string;
  readonly body: string;
}

/**
 * The same in two parts, for whoever keeps what is constant from call to call, with attributes read in a form of one's own.
 *
 * @param read the expression that has an attribute's value, or undefined where it is unknown. It gets the attribute's name
 *   as a literal of JavaScript, which is safe to stand in code, and as the text that it is.
 * @returns undefined as `javascriptBody`
 */
export function javascriptParts(
  predicates: readonly Predicate[],
  read: (literal: string, name: string) => string,
): JavascriptParts | undefined {
  const writer = new Writer(read);
  const results = predicates.map((predicate) => writer.write(predicate));
  if (writer.unsupported) return undefined;
  return {
    constants: writer.constants.join('\n'),
    body: [...writer.declarations, ...writer.statements, `return [${results.join(', ')}];`].join('\n'),
  };
}

class Writer {
  readonly constants: string[] = [];
  readonly declarations: string[] = [];
  readonly statements: string[] = [];
  unsupported = false;
  readonly #attributes = new Map<string, string>();
  readonly #sets = new Map<string, string>();
  readonly #read: (literal: string, name: string) => string;
  #temporaries = 0;

  constructor(read: (literal: string, name: string) => string) {
    this.#read = read;
  }

  /** Writes the statements that leave the predicate's value in the variable whose name is given back. */
  write(predicate: Predicate): string {
    switch (predicate.kind) {
      case 'constant':
        return String(predicate.value);
      case 'not': {
        const inner = this.write(predicate.of);
        return this.#assign(`${inner} === undefined ? undefined : !${inner}`);
      }
      case 'and':
        return this.#junction(predicate.of, false);
      case 'or':
        return this.#junction(predicate.of, true);
      case 'compare':
        return this.#compare(predicate.left, predicate.operator, predicate.right);
      case 'in-set': {
        const term = this.#term(predicate.term);
        return this.#assign(this.#unlessUnknown([term], this.#membership(term, predicate.values)));
      }
      case 'in-ranges': {
        const term = this.#term(predicate.term);
        const ranges = predicate.ranges.map(
          ({ low, high }) => `${term} >= ${literal(low)} && ${term} <= ${literal(high)}`,
        );
        const test = ranges.length === 0 ? 'false' : ranges.join(' || ');
        return this.#assign(this.#unlessUnknown([term], test));
      }
      case 'glob': {
        const term = this.#term(predicate.term);
        return this.#assign(
          `typeof ${term} === 'string' ? matches(${term}, ${literal(predicate.pattern)}) : undefined`,
        );
      }
      case 'beneath':
      case 'in-network':
        this.unsupported = true;
        return 'undefined';
      default: {
        const unreachable: never = predicate;
        return unreachable;
      }
    }
  }

  /** As in evaluate.ts: one operand that decides makes the others unimportant, and their code is jumped over. */
  #junction(of: readonly Predicate[], decisive: boolean): string {
    const result = this.#temporary();
    this.statements.push(`let ${result} = ${!decisive};`, `${result}_: {`);
    for (const operand of of) {
      const value = this.write(operand);
      this.statements.push(
        `if (${value} === ${decisive}) { ${result} = ${decisive}; break ${result}_; }`,
        `if (${value} === undefined) ${result} = undefined;`,
      );
    }
    this.statements.push('}');
    return result;
  }

  #compare(left: Term, operator: CompareOperator, right: Term): string {
    const one = this.#term(left);
    const other = this.#term(right);
    // A number may stand beside a bigint, which are equal by `==` only; other types are never mixed (ir/verify.ts).
    const written = isInteger(left) || isInteger(right) ? operator : (exact[operator] ?? operator);
    return this.#assign(this.#unlessUnknown([one, other], `${one} ${written} ${other}`));
  }

  #membership(term: string, values: readonly string[]): string {
    if (values.length === 0) return 'false';
    if (values.length <= 4) return values.map((value) => `${term} === ${literal(value)}`).join(' || ');
    const text = JSON.stringify(values);
    let name = this.#sets.get(text);
    if (name === undefined) {
      name = `set${this.#sets.size}`;
      this.#sets.set(text, name);
      this.constants.push(`const ${name} = new Set([${values.map(literal).join(', ')}]);`);
    }
    return `${name}.has(${term})`;
  }

  #term(term: Term): string {
    switch (term.kind) {
      case 'literal':
        return literal(term.value);
      case 'attribute': {
        let name = this.#attributes.get(term.name);
        if (name === undefined) {
          name = `a${this.#attributes.size}`;
          this.#attributes.set(term.name, name);
          this.declarations.push(`const ${name} = ${this.#read(literal(term.name), term.name)};`);
        }
        return name;
      }
      case 'mask':
      case 'parameter':
        this.unsupported = true;
        return 'undefined';
      default: {
        const unreachable: never = term;
        return unreachable;
      }
    }
  }

  #unlessUnknown(terms: readonly string[], test: string): string {
    const unknown = terms.filter((term) => /^a[0-9]+$/.test(term)).map((term) => `${term} === undefined`);
    return unknown.length === 0 ? test : `${unknown.join(' || ')} ? undefined : (${test})`;
  }

  #assign(expression: string): string {
    const name = this.#temporary();
    this.statements.push(`const ${name} = ${expression};`);
    return name;
  }

  #temporary(): string {
    this.#temporaries += 1;
    return `t${this.#temporaries}`;
  }
}

const exact: Readonly<Partial<Record<CompareOperator, string>>> = { '==': '===', '!=': '!==' };

function isInteger(term: Term): boolean {
  return term.kind === 'literal' && typeof term.value === 'bigint';
}

/** Integers that a number holds exactly are numbers, since that is what is compared fastest. */
function literal(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? String(value) : `${value}n`;
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return String(value);
    default: {
      const unreachable: never = value;
      return unreachable;
    }
  }
}
