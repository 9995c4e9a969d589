import type { Expression, Range } from '../../../grammars/cel/syntax-tree.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import type { Environment } from './environment.ts';
import { firstName, lookUp, qualifiedName } from './names.ts';
import type { CelProblem } from './syntax-problems.ts';
import { bool, type CelType, dyn, formatType, wrong } from './types.ts';
import { isAnything, Substitution } from './unify.ts';

export interface LocalVariable {
  readonly name: string;
  readonly type: CelType;
}

/** What is known of one expression while its types are deduced: names in scope, types so far, and what is wrong. */
export class Checking {
  readonly environment: Environment;
  readonly substitution = new Substitution();
  readonly problems: CelProblem[] = [];
  readonly #types = new Map<Expression, CelType>();
  /** Variables of macros, innermost last. */
  readonly #locals: LocalVariable[] = [];

  constructor(environment: Environment) {
    this.environment = environment;
  }

  note(expression: Expression, type: CelType): void {
    this.#types.set(expression, type);
  }

  /** The types that were noted, without parameters. */
  totals(): ReadonlyMap<Expression, CelType> {
    for (const [expression, type] of this.#types) this.#types.set(expression, this.total(type));
    return this.#types;
  }

  total(type: CelType): CelType {
    const total = this.substitution.resolve(type, true);
    return total.kind === 'error' ? dyn : total;
  }

  print(type: CelType): string {
    return formatType(this.substitution.resolve(type, true));
  }

  wrong(problem: CelProblem): CelType {
    this.problems.push(problem);
    return wrong;
  }

  /** @param written what is unknown as it stands there, which is no suggestion */
  unknown(
    code: 'POL3100' | 'POL3101' | 'POL3102',
    holes: Readonly<Record<string, string>>,
    range: Range,
    similar: string | undefined,
    written: string,
  ): CelType {
    if (similar === undefined || similar === written) return this.wrong({ code, range, holes });
    return this.wrong({
      code,
      range,
      holes,
      help: `a similar name exists: \`${similar}\``,
      fixes: [{ title: `Write \`${similar}\``, edits: [{ range, newText: similar }], certain: false }],
    });
  }

  isLocal = (name: string): boolean => this.#locals.some((each) => each.name === name);

  /** What runs meanwhile has these variables besides. */
  within<T>(variables: readonly LocalVariable[], run: () => T): T {
    this.#locals.push(...variables);
    const result = run();
    this.#locals.length -= variables.length;
    return result;
  }

  /** The type of a name, plain or of several parts; undefined where the expression is none that is known. */
  named(expression: Expression): CelType | undefined {
    const qualified = qualifiedName(expression);
    if (qualified === undefined) return undefined;
    const first = firstName(expression);
    if (first !== undefined) {
      const local = this.#locals.findLast(({ name }) => name === first);
      if (local !== undefined) return expression.kind === 'identifier' ? local.type : undefined;
    }
    return lookUp(this.environment, qualified.name, qualified.rooted)?.type;
  }

  unknownName({ name, range, rooted }: Expression & { kind: 'identifier' }): CelType {
    const known = [...this.#locals.map((each) => each.name), ...this.environment.variables.keys()];
    return this.unknown('POL3100', { name }, range, nearest(name, known), rooted ? `.${name}` : name);
  }

  /** The type of a field of a value. */
  field(type: CelType, field: string, range: Range): CelType {
    switch (type.kind) {
      case 'map':
        return type.value;
      case 'object': {
        if (Object.hasOwn(type.fields, field)) return type.fields[field]!;
        const similar = nearest(field, Object.keys(type.fields));
        return this.unknown('POL3102', { name: field, type: type.name }, range, similar, field);
      }
      case 'parameter':
        this.substitution.assign(dyn, type);
        return dyn;
      default:
        if (isAnything(type)) return dyn;
        return this.wrong({ code: 'POL4083', range, holes: { field, type: this.print(type) } });
    }
  }

  /** @param type of an operand that has to be a boolean; given back where it is one */
  condition(type: CelType, range: Range): CelType {
    if (this.substitution.assign(type, bool)) return type;
    return this.wrong({ code: 'POL4081', range, holes: { type: this.print(type) } });
  }
}
