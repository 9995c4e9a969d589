import { highestTree } from '../../../grammars/cel/limits.ts';
import type { Expression, Literal, Range } from '../../../grammars/cel/syntax-tree.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import type { Environment, Overload } from './environment.ts';
import { knownMessage } from './functions/messages.ts';
import { type Loop, type Macro, macroNames, macroOf } from './macros.ts';
import { calledFunction, firstName, lookUp, qualifiedName } from './names.ts';
import { binaryOperators, conditional, indexOperator, optionalIndexOperator, unaryOperators } from './operators.ts';
import { guiltyOperands, resolveOverload, signaturesOf } from './overloads.ts';
import type { CelProblem } from './syntax-problems.ts';
import { weight } from './type-size.ts';
import {
  bool,
  type CelType,
  dyn,
  formatType,
  int,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  optionalValue,
  wrong,
} from './types.ts';
import { isAnything, mostGeneral, Substitution } from './unify.ts';

export interface Checked {
  /** The type of the whole expression, exactly as cel-go deduces it; `dyn` of what is wrong. */
  readonly type: CelType;
  /** Of every subexpression that was looked at, but for the names in front of functions: `math` in `math.ceil(x)`. */
  readonly types: ReadonlyMap<Expression, CelType>;
  /** In the order in which they were met; each at the smallest subexpression that explains it. */
  readonly problems: readonly CelProblem[];
}

/** Deduces the type of every subexpression, and finds what has none. Never throws. */
export function check(expression: Expression, environment: Environment): Checked {
  const checker = new Checker(environment);
  const type = checker.check(expression);
  return { type: checker.total(type), types: checker.totals(), problems: checker.problems };
}

/** Types that hold more others are not followed: a few macros can double them over and over. */
const heaviestType = 500;

class Checker {
  readonly problems: CelProblem[] = [];
  readonly #environment: Environment;
  readonly #types = new Map<Expression, CelType>();
  readonly #substitution = new Substitution();
  /** Variables of macros, innermost last. */
  readonly #locals: { readonly name: string; readonly type: CelType }[] = [];
  #depth = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  total(type: CelType): CelType {
    const total = this.#substitution.resolve(type, true);
    return total.kind === 'error' ? dyn : total;
  }

  totals(): ReadonlyMap<Expression, CelType> {
    for (const [expression, type] of this.#types) this.#types.set(expression, this.total(type));
    return this.#types;
  }

  check(expression: Expression): CelType {
    if (this.#depth >= highestTree) {
      return this.#wrong({ code: 'POL4088', range: expression.range, holes: { limit: highestTree } });
    }
    this.#depth++;
    const type = this.#light(this.#check(expression));
    this.#depth--;
    this.#types.set(expression, type);
    return type;
  }

  #light(type: CelType): CelType {
    return weight(type, heaviestType) > heaviestType ? dyn : type;
  }

  #check(expression: Expression): CelType {
    switch (expression.kind) {
      case 'literal':
        return literalType(expression.value);
      case 'identifier':
        return this.#named(expression) ?? this.#unknownName(expression);
      case 'select':
        return this.#select(expression);
      case 'index':
        return this.#index(expression);
      case 'call':
        return this.#callOrMacro(expression);
      case 'unary': {
        const { overloads } = unaryOperators[expression.operator];
        return this.#operation(expression.operator, overloads, [expression.operand], expression.range);
      }
      case 'binary': {
        const { operator, left, right } = expression;
        if (operator === '&&' || operator === '||') {
          this.#condition(left);
          this.#condition(right);
          return bool;
        }
        return this.#operation(operator, binaryOperators[operator].overloads, [left, right], expression.range);
      }
      case 'conditional': {
        const { condition, then, otherwise } = expression;
        const decided = this.#condition(condition);
        const types = [isAnything(decided) ? decided : bool, this.check(then), this.check(otherwise)];
        const result = resolveOverload(conditional, types, this.#substitution);
        if (result !== undefined) return result;
        return this.#wrong({
          code: 'POL4082',
          range: { start: then.range.start, end: otherwise.range.end },
          holes: { first: this.#print(types[1]!), second: this.#print(types[2]!) },
        });
      }
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'message':
        return this.#message(expression);
      case 'hole':
        for (const part of expression.parts) this.check(part);
        return wrong;
    }
  }

  #isLocal = (name: string): boolean => this.#locals.some((each) => each.name === name);

  #named(expression: Expression): CelType | undefined {
    const qualified = qualifiedName(expression);
    if (qualified === undefined) return undefined;
    const first = firstName(expression);
    if (first !== undefined) {
      const local = this.#locals.findLast(({ name }) => name === first);
      if (local !== undefined) return expression.kind === 'identifier' ? local.type : undefined;
    }
    return lookUp(this.#environment, qualified.name, qualified.rooted)?.type;
  }

  #unknownName(expression: Expression & { kind: 'identifier' }): CelType {
    const { name, range } = expression;
    const known = [...this.#locals.map((each) => each.name), ...this.#environment.variables.keys()];
    return this.#unknown('POL3100', { name }, range, nearest(name, known), expression.rooted ? `.${name}` : name);
  }

  #unknown(
    code: 'POL3100' | 'POL3101' | 'POL3102',
    holes: Readonly<Record<string, string>>,
    range: Range,
    similar: string | undefined,
    written: string,
  ): CelType {
    if (similar === undefined || similar === written) return this.#wrong({ code, range, holes });
    return this.#wrong({
      code,
      range,
      holes,
      help: `a similar name exists: \`${similar}\``,
      fixes: [{ title: `Write \`${similar}\``, edits: [{ range, newText: similar }], certain: false }],
    });
  }

  #wrong(problem: CelProblem): CelType {
    this.problems.push(problem);
    return wrong;
  }

  #print(type: CelType): string {
    return formatType(this.#substitution.resolve(type, true));
  }

  #select(expression: Expression & { kind: 'select' }): CelType {
    const { operand, field, fieldRange, optional } = expression;
    if (!optional) {
      const named = this.#named(expression);
      if (named !== undefined) return named;
      const missing = this.#missingPart(expression);
      if (missing !== undefined) return missing;
    }
    const operandType = this.#substitution.resolve(this.check(operand));
    const inner = optionalValue(operandType);
    const result = this.#field(inner ?? operandType, field, fieldRange);
    return this.#substitution.resolve(inner !== undefined || optional ? optionalOf(result) : result);
  }

  /** `request.mehtod` where `request.method` is a variable: the last name is the wrong one. */
  #missingPart(expression: Expression & { kind: 'select' }): CelType | undefined {
    const space = qualifiedName(expression.operand);
    const first = firstName(expression);
    if (space === undefined || (first !== undefined && this.#isLocal(first))) return undefined;
    if (this.#named(expression.operand) !== undefined) return undefined;
    const prefix = `${space.name}.`;
    const known = [...this.#environment.variables.keys()].filter((name) => name.startsWith(prefix));
    if (known.length === 0) return undefined;
    const { field, fieldRange } = expression;
    const parts = known.map((name) => name.slice(prefix.length).split('.', 1)[0]!);
    if (parts.includes(field)) return undefined;
    return this.#unknown('POL3102', { name: field, type: space.name }, fieldRange, nearest(field, parts), field);
  }

  #field(type: CelType, field: string, range: Range): CelType {
    switch (type.kind) {
      case 'map':
        return type.value;
      case 'object': {
        if (Object.hasOwn(type.fields, field)) return type.fields[field]!;
        const similar = nearest(field, Object.keys(type.fields));
        return this.#unknown('POL3102', { name: field, type: type.name }, range, similar, field);
      }
      case 'parameter':
        this.#substitution.assign(dyn, type);
        return dyn;
      default:
        if (isAnything(type)) return dyn;
        return this.#wrong({ code: 'POL4083', range, holes: { field, type: this.#print(type) } });
    }
  }

  #index(expression: Expression & { kind: 'index' }): CelType {
    const { operand, index, optional } = expression;
    const { overloads } = optional ? optionalIndexOperator : indexOperator;
    const operandType = this.#substitution.resolve(this.check(operand));
    const inner = optionalValue(operandType);
    const object = inner ?? operandType;
    if (object.kind === 'object' && index.kind === 'literal' && index.value.type === 'string') {
      this.check(index);
      const result = this.#field(object, index.value.value, index.range);
      return inner !== undefined || optional ? optionalOf(result) : result;
    }
    return this.#operation(optional ? '[?]' : '[]', overloads, [operand, index], expression.range, [operandType]);
  }

  /** Checks that an operand is a boolean, and gives its type. */
  #condition(expression: Expression): CelType {
    const type = this.check(expression);
    if (this.#substitution.assign(type, bool)) return type;
    return this.#wrong({ code: 'POL4081', range: expression.range, holes: { type: this.#print(type) } });
  }

  /** @param known types of the first operands, if they have been checked */
  #operation(
    name: string,
    overloads: readonly Overload[],
    operands: readonly Expression[],
    range: Range,
    known: readonly CelType[] = [],
  ): CelType {
    const types = operands.map((each, position) => known[position] ?? this.check(each));
    const result = resolveOverload(overloads, types, this.#substitution);
    if (result !== undefined) return result;
    return this.#noOverload(name, overloads, operands, types, range);
  }

  #noOverload(
    name: string,
    overloads: readonly Overload[],
    operands: readonly Expression[],
    types: readonly CelType[],
    range: Range,
  ): CelType {
    const guilty = guiltyOperands(overloads, types, this.#substitution);
    const blamed = guilty.length === 1 && operands.length > 1 ? operands[guilty[0]!]!.range : range;
    const holes = { name, types: types.map((type) => `\`${this.#print(type)}\``).join(' and ') };
    return this.#wrong({ code: 'POL4080', range: blamed, holes, ...signaturesOf(overloads) });
  }

  #list({ elements }: Expression & { kind: 'list' }): CelType {
    let joined: CelType | undefined;
    for (const { value, optional } of elements) {
      const type = this.check(value);
      joined = this.#join(joined, optional ? this.#inside(type, value.range) : type);
    }
    return listOf(joined ?? this.#substitution.fresh());
  }

  #map({ entries }: Expression & { kind: 'map' }): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.check(key));
      const type = this.check(value);
      values = this.#join(values, optional ? this.#inside(type, value.range) : type);
    }
    return mapOf(keys ?? this.#substitution.fresh(), values ?? this.#substitution.fresh());
  }

  /** The type inside the optional that stands behind `?`. */
  #inside(type: CelType, range: Range): CelType {
    const resolved = this.#substitution.resolve(type);
    const inner = optionalValue(resolved);
    if (inner !== undefined) return inner;
    if (isAnything(resolved)) return dyn;
    return this.#wrong({ code: 'POL4085', range, holes: { type: this.#print(type) } });
  }

  #join(before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type;
    return this.#substitution.assign(before, type) ? mostGeneral(before, type) : dyn;
  }

  #message(expression: Expression & { kind: 'message' }): CelType {
    const { name, nameRange, fields } = expression;
    const message = knownMessage(name, expression.rooted ? '' : this.#environment.container);
    for (const field of fields) {
      const type = this.check(field.value);
      if (message === undefined) continue;
      const wanted = Object.hasOwn(message.fields, field.name) ? message.fields[field.name] : undefined;
      if (wanted === undefined) {
        const similar = nearest(field.name, Object.keys(message.fields));
        this.#unknown('POL3102', { name: field.name, type: name }, field.nameRange, similar, field.name);
      } else if (!this.#substitution.assign(type, wanted)) {
        const holes = { name: field.name, wanted: formatType(wanted), type: this.#print(type) };
        this.#wrong({ code: 'POL4087', range: field.value.range, holes });
      }
    }
    return message?.type ?? this.#wrong({ code: 'POL4086', range: nameRange, holes: { name } });
  }

  #callOrMacro(expression: Expression & { kind: 'call' }): CelType {
    const macro = macroOf(expression, this.#environment.macros);
    if (macro !== undefined) return this.#macro(macro);
    const called = calledFunction(this.#environment, expression, this.#isLocal);
    const { target } = expression;
    if (called === undefined) return this.#unknownFunction(expression);
    const operands = [...(called.member && target !== undefined ? [target] : []), ...expression.arguments];
    const overloads = called.function.overloads.filter(({ member }) => member === called.member);
    return this.#operation(called.function.name, overloads, operands, expression.range);
  }

  #unknownFunction(expression: Expression & { kind: 'call' }): CelType {
    const { name, nameRange, target, arguments: given } = expression;
    const space = target === undefined ? undefined : qualifiedName(target);
    if (target !== undefined && space !== undefined && this.#named(target) === undefined) {
      const whole = `${space.name}.${name}`;
      const similar = nearest(whole, this.#environment.functions.keys());
      if (similar !== undefined) {
        for (const each of given) this.check(each);
        const range = { start: target.range.start, end: nameRange.end };
        return this.#unknown('POL3101', { name: whole }, range, similar, whole);
      }
    }
    if (target !== undefined) this.check(target);
    const isMember = target !== undefined;
    const known = [...this.#environment.functions.values()]
      .filter(({ overloads }) => overloads.some(({ member }) => member === isMember))
      .map((each) => each.name);
    const macros = macroNames(this.#environment.macros, isMember);
    const similar = nearest(name, [...macros, ...known]);
    // A macro that is misspelt declares variables, which are no unknown names.
    if (similar === undefined || !macros.includes(similar)) for (const each of given) this.check(each);
    return this.#unknown('POL3101', { name }, nameRange, similar, name);
  }

  #macro(macro: Macro): CelType {
    switch (macro.kind) {
      case 'wrong':
        return this.#wrong({
          code: 'POL4084',
          range: macro.range,
          holes: {
            name: macro.name,
            wants: { name: 'a plain name', field: 'a field: `a.b`', 'other name': 'two different names' }[macro.wants],
          },
        });
      case 'variadic':
        return this.check(macro.call);
      case 'has': {
        const { select } = macro;
        if (select.kind !== 'select') return bool;
        const operandType = this.#substitution.resolve(this.check(macro.operand));
        const field = this.#field(optionalValue(operandType) ?? operandType, macro.field, select.fieldRange);
        this.#types.set(select, field);
        return bool;
      }
      case 'loop':
        return this.#loop(macro);
      case 'bind': {
        const type = this.check(macro.value);
        return this.#within([{ name: macro.variable.name, type }], () => this.check(macro.body));
      }
      case 'optional': {
        const type = this.#substitution.resolve(this.check(macro.operand));
        const inner = optionalValue(type) ?? (isAnything(type) ? dyn : undefined);
        if (inner === undefined) {
          this.#wrong({ code: 'POL4085', range: macro.operand.range, holes: { type: this.#print(type) } });
        }
        const body = this.#within([{ name: macro.variable.name, type: inner ?? dyn }], () => this.check(macro.body));
        const wanted = macro.flat ? optionalOf(this.#substitution.fresh()) : body;
        if (!macro.flat) return optionalOf(body);
        if (this.#substitution.assign(body, wanted)) return this.#substitution.resolve(wanted);
        return this.#wrong({ code: 'POL4085', range: macro.body.range, holes: { type: this.#print(body) } });
      }
    }
  }

  #within<T>(variables: readonly { readonly name: string; readonly type: CelType }[], run: () => T): T {
    this.#locals.push(...variables);
    const result = run();
    this.#locals.length -= variables.length;
    return result;
  }

  /** As cel-go checks the loop that it makes of the macro. */
  #loop({ form, over, variables, filter, body }: Loop): CelType {
    const range = this.#substitution.resolve(this.check(over));
    const [first, second] = this.#elements(range, over.range);
    const [one, other] = variables;
    const locals =
      other === undefined
        ? [{ name: one.name, type: first }]
        : [
            { name: one.name, type: range.kind === 'list' ? int : first },
            { name: other.name, type: range.kind === 'list' ? first : second },
          ];
    const collected = this.#substitution.fresh();
    return this.#within(locals, () => {
      if (filter !== undefined) this.#condition(filter);
      switch (form) {
        case 'all':
        case 'exists':
        case 'existsOne':
          this.#condition(body!);
          return bool;
        case 'list': {
          const element = body === undefined ? locals[0]!.type : this.check(body);
          const types = [listOf(collected), listOf(element)];
          return resolveOverload(binaryOperators['+'].overloads, types, this.#substitution) ?? listOf(dyn);
        }
        case 'map':
          return this.#substitution.resolve(mapOf(locals[0]!.type, this.check(body!)));
        case 'entries': {
          const entries = this.check(body!);
          const wanted = mapOf(this.#substitution.fresh(), this.#substitution.fresh());
          if (this.#substitution.assign(entries, wanted)) return this.#substitution.resolve(wanted);
          const holes = { name: 'transformMapEntry', wants: 'a map' };
          return this.#wrong({ code: 'POL4084', range: body!.range, holes });
        }
      }
    });
  }

  /** The types of elements, or of keys and values. */
  #elements(over: CelType, range: Range): readonly [CelType, CelType] {
    switch (over.kind) {
      case 'list':
        return [over.element, over.element];
      case 'map':
        return [over.key, over.value];
      case 'object':
        return [{ kind: 'string' }, dyn];
      case 'parameter':
        this.#substitution.assign(dyn, over);
        return [dyn, dyn];
      default:
        if (!isAnything(over)) this.#wrong({ code: 'POL4089', range, holes: { type: this.#print(over) } });
        return [dyn, dyn];
    }
  }
}

function literalType({ type }: Literal): CelType {
  return type === 'null' ? nullType : { kind: type };
}
