import { highestTree } from '../../../grammars/cel/limits.ts';
import type { Expression, Literal, Range } from '../../../grammars/cel/syntax-tree.ts';
import type { Environment } from './environment.ts';
import { matcher, matches } from './functions/matches.ts';
import { messageConstructor } from './functions/messages.ts';
import { type Loop, macroOf } from './macros.ts';
import { MapBuilder } from './maps.ts';
import { calledFunction, firstName, lookUp, qualifiedName } from './names.ts';
import { binaryOperators, indexOperator, optionalIndexOperator, unaryOperators } from './operators.ts';
import type { Call, Plan } from './plan-tree.ts';
import { CelError, isList, type Result, TypeValue, Uint, type Value } from './value.ts';

export interface Planned {
  readonly plan: Plan;
  /** How many variables macros declare at most at one time. */
  readonly slots: number;
}

/** Resolves names and macros. What cannot be resolved becomes a plan that fails when it is reached. */
export function planOf(expression: Expression, environment: Environment): Planned {
  const planner = new Planner(environment);
  const plan = planner.plan(expression);
  return { plan, slots: planner.slots };
}

class Planner {
  slots = 0;
  readonly #environment: Environment;
  /** Names of macros' variables, innermost last; the index is the slot. */
  readonly #locals: string[] = [];
  #depth = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  plan(expression: Expression): Plan {
    if (this.#depth >= highestTree) return fail('the expression nests too deep', expression.range);
    this.#depth++;
    const plan = this.#plan(expression);
    this.#depth--;
    return plan;
  }

  #plan(expression: Expression): Plan {
    const { range } = expression;
    switch (expression.kind) {
      case 'literal':
        return { op: 'constant', value: literalValue(expression.value) };
      case 'identifier':
        return this.#named(expression) ?? fail(`undeclared reference to '${expression.name}'`, range);
      case 'select': {
        const named = expression.optional ? undefined : this.#named(expression);
        if (named !== undefined) return named;
        const op = expression.optional ? 'optional-select' : 'select';
        return { op, operand: this.plan(expression.operand), field: expression.field, range };
      }
      case 'index': {
        const { call } = expression.optional ? optionalIndexOperator : indexOperator;
        return this.#call(expression.optional ? '[?]' : '[]', call, [expression.operand, expression.index], range);
      }
      case 'call':
        return this.#callOrMacro(expression);
      case 'unary':
        return this.#call(expression.operator, unaryOperators[expression.operator].call, [expression.operand], range);
      case 'binary': {
        const { operator } = expression;
        if (operator === '&&' || operator === '||') return this.#junction(expression);
        return this.#call(operator, binaryOperators[operator].call, [expression.left, expression.right], range);
      }
      case 'conditional':
        return {
          op: 'conditional',
          condition: this.plan(expression.condition),
          positive: this.plan(expression.then),
          negative: this.plan(expression.otherwise),
          range: expression.condition.range,
        };
      case 'list':
        return constantList({
          op: 'list',
          elements: expression.elements.map(({ value, optional }) => ({
            value: this.plan(value),
            optional,
            range: value.range,
          })),
        });
      case 'map':
        return constantMap({
          op: 'map',
          entries: expression.entries.map(({ key, value, optional }) => ({
            key: this.plan(key),
            value: this.plan(value),
            optional,
            range: key.range,
          })),
        });
      case 'message': {
        const made = messageConstructor(
          expression.name,
          expression.fields,
          expression.rooted ? '' : this.#environment.container,
        );
        if (made === undefined) return fail(`unknown message type '${expression.name}'`, range);
        return this.#call(
          expression.name,
          made,
          expression.fields.map(({ value }) => value),
          range,
        );
      }
      case 'hole':
        return fail('the expression has a syntax error', range);
    }
  }

  #named(expression: Expression): Plan | undefined {
    const qualified = qualifiedName(expression);
    if (qualified === undefined) return undefined;
    const first = firstName(expression);
    const slot = first === undefined ? -1 : this.#locals.lastIndexOf(first);
    if (slot !== -1) return expression.kind === 'identifier' ? { op: 'local', slot } : undefined;
    const named = lookUp(this.#environment, qualified.name, qualified.rooted);
    if (named === undefined) return undefined;
    if (named.kind === 'type') return { op: 'constant', value: new TypeValue(named.name) };
    return { op: 'variable', name: named.name, range: expression.range };
  }

  #call(name: string, call: Call, operands: readonly Expression[], range: Range): Plan {
    const planned = operands.map((each) => this.plan(each));
    const last = planned.at(-1);
    if (last?.op === 'constant') {
      if (name === 'matches' && planned.length === 2) {
        let made: ((text: Value) => Result) | undefined;
        // The first text makes the pattern's matcher; an expression that is only checked needs none.
        const once: Call = (text) => {
          made ??= matcher(last.value);
          return made(text!);
        };
        return {
          op: 'call',
          name: 'matches constant',
          call: once,
          operands: planned.slice(0, 1),
          range,
          constant: last.value,
        };
      }
      if (name === 'in') {
        const member = membership(last.value);
        if (member !== undefined) {
          return {
            op: 'call',
            name: 'in constant',
            call: member,
            operands: planned.slice(0, 1),
            range,
            constant: last.value,
          };
        }
      }
    }
    return { op: 'call', name, call, operands: planned, range };
  }

  /** `a && b && c` is one plan of three operands, however many there are. */
  #junction(expression: Expression & { kind: 'binary' }): Plan {
    const parts: Expression[] = [];
    const open: Expression[] = [expression];
    for (let each = open.pop(); each !== undefined; each = open.pop()) {
      if (each.kind === 'binary' && each.operator === expression.operator) open.push(each.right, each.left);
      else parts.push(each);
    }
    return {
      op: 'junction',
      decisive: expression.operator === '||',
      operands: parts.map((each) => this.plan(each)),
      ranges: parts.map((each) => each.range),
    };
  }

  #callOrMacro(expression: Expression & { kind: 'call' }): Plan {
    const { name, range, target } = expression;
    const macro = macroOf(expression, this.#environment.macros);
    switch (macro?.kind) {
      case undefined:
        break;
      case 'wrong':
        return fail(`wrong argument of ${macro.name}`, macro.range);
      case 'variadic':
        return this.plan(macro.call);
      case 'has':
        return { op: 'has', operand: this.plan(macro.operand), field: macro.field, range };
      case 'loop':
        return this.#loop(macro);
      case 'bind': {
        const value = this.plan(macro.value);
        return this.#within([macro.variable.name], ([slot]) => ({
          op: 'bind',
          slot: slot!,
          value,
          body: this.plan(macro.body),
        }));
      }
      case 'optional': {
        const operand = this.plan(macro.operand);
        return this.#within([macro.variable.name], ([slot]) => ({
          op: 'optional-map',
          flat: macro.flat,
          operand,
          slot: slot!,
          body: this.plan(macro.body),
          range,
        }));
      }
    }
    const called = calledFunction(this.#environment, expression, (each) => this.#locals.includes(each));
    if (called === undefined) return fail(`undeclared reference to '${name}'`, expression.nameRange);
    const operands = [...(called.member && target !== undefined ? [target] : []), ...expression.arguments];
    const fits = called.function.overloads.some(
      ({ member, parameters }) => member === called.member && parameters.length === operands.length,
    );
    if (!fits) return fail(`no such overload: ${name} with ${expression.arguments.length} arguments`, range);
    if (called.member && operands.length === 2 && (name === 'or' || name === 'orValue')) {
      const [operand, alternative] = operands.map((each) => this.plan(each));
      return { op: 'optional-or', unwrap: name === 'orValue', operand: operand!, alternative: alternative!, range };
    }
    const known = called.function.call === matches ? 'matches' : called.function.name;
    return this.#call(known, called.function.call, operands, range);
  }

  #loop({ form, over, variables, filter, body }: Loop): Plan {
    const planned = this.plan(over);
    return this.#within(
      variables.map(({ name }) => name),
      ([first, second]) => ({
        op: 'loop',
        form,
        over: planned,
        slots: second === undefined ? [first!] : [first!, second],
        filter: filter === undefined ? undefined : this.plan(filter),
        body: body === undefined ? { op: 'local', slot: first! } : this.plan(body),
        overRange: over.range,
        filterRange: (filter ?? over).range,
        bodyRange: (body ?? over).range,
      }),
    );
  }

  #within(names: readonly string[], plan: (slots: readonly number[]) => Plan): Plan {
    const slots = names.map((name) => this.#locals.push(name) - 1);
    this.slots = Math.max(this.slots, this.#locals.length);
    const planned = plan(slots);
    this.#locals.length -= names.length;
    return planned;
  }
}

function fail(message: string, range: Range): Plan {
  return { op: 'fail', error: new CelError(message, range) };
}

export function literalValue(literal: Literal): Value {
  switch (literal.type) {
    case 'null':
      return null;
    case 'uint':
      return new Uint(literal.value);
    default:
      return literal.value;
  }
}

/** A list of constants is a constant, made once. */
function constantList(plan: Plan & { op: 'list' }): Plan {
  const values: Value[] = [];
  for (const { value, optional } of plan.elements) {
    if (optional || value.op !== 'constant') return plan;
    values.push(value.value);
  }
  return { op: 'constant', value: values };
}

function constantMap(plan: Plan & { op: 'map' }): Plan {
  const map = new MapBuilder();
  for (const { key, value, optional, range } of plan.entries) {
    if (optional || key.op !== 'constant' || value.op !== 'constant') return plan;
    const error = map.set(key.value, value.value);
    if (error !== undefined) return fail(error.message, range);
  }
  return { op: 'constant', value: map.build() };
}

/** `value in list` for a constant list of many strings: a set finds them at once. */
function membership(list: Value): Call | undefined {
  if (!isList(list) || list.length < 4 || !list.every((each) => typeof each === 'string')) return undefined;
  const set = new Set<Value>(list);
  return (value) => set.has(value!);
}
