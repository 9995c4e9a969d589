import { highestTree } from '../../../grammars/cel/limits.ts';
import type { Expression, Literal, Range } from '../../../grammars/cel/syntax-tree.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { checkMacro } from './check-macro.ts';
import { Checking } from './checking.ts';
import type { Environment, Overload } from './environment.ts';
import { knownMessage } from './functions/messages.ts';
import { macroNames, macroOf } from './macros.ts';
import { calledFunction, firstName, qualifiedName } from './names.ts';
import { binaryOperators, conditional, indexOperator, optionalIndexOperator, unaryOperators } from './operators.ts';
import { guiltyOperands, resolveOverload, signaturesOf } from './overloads.ts';
import type { CelProblem } from './syntax-problems.ts';
import { weight } from './type-size.ts';
import {
  bool,
  type CelType,
  dyn,
  formatType,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  optionalValue,
  wrong,
} from './types.ts';
import { isAnything, mostGeneral } from './unify.ts';

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
  const known = new Checking(environment);
  const type = new Checker(known).check(expression);
  return { type: known.total(type), types: known.totals(), problems: known.problems };
}

/** Types that hold more others are not followed: a few macros can double them over and over. */
const heaviestType = 500;

/** The rules of each kind of expression. */
class Checker {
  readonly #known: Checking;
  #depth = 0;

  constructor(known: Checking) {
    this.#known = known;
  }

  readonly check = (expression: Expression): CelType => {
    if (this.#depth >= highestTree) {
      return this.#known.wrong({ code: 'POL4088', range: expression.range, holes: { limit: highestTree } });
    }
    this.#depth++;
    const type = this.#light(this.#check(expression));
    this.#depth--;
    this.#known.note(expression, type);
    return type;
  };

  #light(type: CelType): CelType {
    return weight(type, heaviestType) > heaviestType ? dyn : type;
  }

  #check(expression: Expression): CelType {
    switch (expression.kind) {
      case 'literal':
        return literalType(expression.value);
      case 'identifier':
        return this.#known.named(expression) ?? this.#known.unknownName(expression);
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
        const result = resolveOverload(conditional, types, this.#known.substitution);
        if (result !== undefined) return result;
        return this.#known.wrong({
          code: 'POL4082',
          range: { start: then.range.start, end: otherwise.range.end },
          holes: { first: this.#known.print(types[1]!), second: this.#known.print(types[2]!) },
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

  #select(expression: Expression & { kind: 'select' }): CelType {
    const { operand, field, fieldRange, optional } = expression;
    if (!optional) {
      const named = this.#known.named(expression);
      if (named !== undefined) return named;
      const missing = this.#missingPart(expression);
      if (missing !== undefined) return missing;
    }
    const operandType = this.#known.substitution.resolve(this.check(operand));
    const inner = optionalValue(operandType);
    const result = this.#known.field(inner ?? operandType, field, fieldRange);
    return this.#known.substitution.resolve(inner !== undefined || optional ? optionalOf(result) : result);
  }

  /** `request.mehtod` where `request.method` is a variable: the last name is the wrong one. */
  #missingPart(expression: Expression & { kind: 'select' }): CelType | undefined {
    const space = qualifiedName(expression.operand);
    const first = firstName(expression);
    if (space === undefined || (first !== undefined && this.#known.isLocal(first))) return undefined;
    if (this.#known.named(expression.operand) !== undefined) return undefined;
    const prefix = `${space.name}.`;
    const known = [...this.#known.environment.variables.keys()].filter((name) => name.startsWith(prefix));
    if (known.length === 0) return undefined;
    const { field, fieldRange } = expression;
    const parts = known.map((name) => name.slice(prefix.length).split('.', 1)[0]!);
    if (parts.includes(field)) return undefined;
    return this.#known.unknown('POL3102', { name: field, type: space.name }, fieldRange, nearest(field, parts), field);
  }

  #index(expression: Expression & { kind: 'index' }): CelType {
    const { operand, index, optional } = expression;
    const { overloads } = optional ? optionalIndexOperator : indexOperator;
    const operandType = this.#known.substitution.resolve(this.check(operand));
    const inner = optionalValue(operandType);
    const object = inner ?? operandType;
    if (object.kind === 'object' && index.kind === 'literal' && index.value.type === 'string') {
      this.check(index);
      const result = this.#known.field(object, index.value.value, index.range);
      return inner !== undefined || optional ? optionalOf(result) : result;
    }
    return this.#operation(optional ? '[?]' : '[]', overloads, [operand, index], expression.range, [operandType]);
  }

  #condition(expression: Expression): CelType {
    return this.#known.condition(this.check(expression), expression.range);
  }

  /** @param checked types of the first operands, where they are known */
  #operation(
    name: string,
    overloads: readonly Overload[],
    operands: readonly Expression[],
    range: Range,
    checked: readonly CelType[] = [],
  ): CelType {
    const types = operands.map((each, position) => checked[position] ?? this.check(each));
    const result = resolveOverload(overloads, types, this.#known.substitution);
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
    const guilty = guiltyOperands(overloads, types, this.#known.substitution);
    const blamed = guilty.length === 1 && operands.length > 1 ? operands[guilty[0]!]!.range : range;
    const holes = { name, types: types.map((type) => `\`${this.#known.print(type)}\``).join(' and ') };
    return this.#known.wrong({ code: 'POL4080', range: blamed, holes, ...signaturesOf(overloads) });
  }

  #list({ elements }: Expression & { kind: 'list' }): CelType {
    let joined: CelType | undefined;
    for (const { value, optional } of elements) {
      const type = this.check(value);
      joined = this.#join(joined, optional ? this.#inside(type, value.range) : type);
    }
    return listOf(joined ?? this.#known.substitution.fresh());
  }

  #map({ entries }: Expression & { kind: 'map' }): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.check(key));
      const type = this.check(value);
      values = this.#join(values, optional ? this.#inside(type, value.range) : type);
    }
    return mapOf(keys ?? this.#known.substitution.fresh(), values ?? this.#known.substitution.fresh());
  }

  /** The type inside the optional that stands behind `?`. */
  #inside(type: CelType, range: Range): CelType {
    const resolved = this.#known.substitution.resolve(type);
    const inner = optionalValue(resolved);
    if (inner !== undefined) return inner;
    if (isAnything(resolved)) return dyn;
    return this.#known.wrong({ code: 'POL4085', range, holes: { type: this.#known.print(type) } });
  }

  #join(before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type;
    return this.#known.substitution.assign(before, type) ? mostGeneral(before, type) : dyn;
  }

  #message(expression: Expression & { kind: 'message' }): CelType {
    const { name, nameRange, fields } = expression;
    const message = knownMessage(name, expression.rooted ? '' : this.#known.environment.container);
    for (const field of fields) {
      const type = this.check(field.value);
      if (message === undefined) continue;
      const wanted = Object.hasOwn(message.fields, field.name) ? message.fields[field.name] : undefined;
      if (wanted === undefined) {
        const similar = nearest(field.name, Object.keys(message.fields));
        this.#known.unknown('POL3102', { name: field.name, type: name }, field.nameRange, similar, field.name);
      } else if (!this.#known.substitution.assign(type, wanted)) {
        const holes = { name: field.name, wanted: formatType(wanted), type: this.#known.print(type) };
        this.#known.wrong({ code: 'POL4087', range: field.value.range, holes });
      }
    }
    return message?.type ?? this.#known.wrong({ code: 'POL4086', range: nameRange, holes: { name } });
  }

  #callOrMacro(expression: Expression & { kind: 'call' }): CelType {
    const macro = macroOf(expression, this.#known.environment.macros);
    if (macro !== undefined) return checkMacro(macro, this.#known, this.check);
    const called = calledFunction(this.#known.environment, expression, this.#known.isLocal);
    const { target } = expression;
    if (called === undefined) return this.#unknownFunction(expression);
    const operands = [...(called.member && target !== undefined ? [target] : []), ...expression.arguments];
    const overloads = called.function.overloads.filter(({ member }) => member === called.member);
    return this.#operation(called.function.name, overloads, operands, expression.range);
  }

  #unknownFunction(expression: Expression & { kind: 'call' }): CelType {
    const { name, nameRange, target, arguments: given } = expression;
    const space = target === undefined ? undefined : qualifiedName(target);
    if (target !== undefined && space !== undefined && this.#known.named(target) === undefined) {
      const whole = `${space.name}.${name}`;
      const similar = nearest(whole, this.#known.environment.functions.keys());
      if (similar !== undefined) {
        for (const each of given) this.check(each);
        const range = { start: target.range.start, end: nameRange.end };
        return this.#known.unknown('POL3101', { name: whole }, range, similar, whole);
      }
    }
    if (target !== undefined) this.check(target);
    const isMember = target !== undefined;
    const known = [...this.#known.environment.functions.values()]
      .filter(({ overloads }) => overloads.some(({ member }) => member === isMember))
      .map((each) => each.name);
    const macros = macroNames(this.#known.environment.macros, isMember);
    const similar = nearest(name, [...macros, ...known]);
    // A macro that is misspelt declares variables, which are no unknown names.
    if (similar === undefined || !macros.includes(similar)) for (const each of given) this.check(each);
    return this.#known.unknown('POL3101', { name }, nameRange, similar, name);
  }
}

function literalType({ type }: Literal): CelType {
  return type === 'null' ? nullType : { kind: type };
}
