import type { Range } from '../../../grammars/cel/syntax-tree.ts';
import { chargeOf, costOfMaking } from './charges.ts';
import { bodyOf } from './generate-loop.ts';
import { type Operand, shortWay } from './generate-short-way.ts';
import type { Plan } from './plan-tree.ts';
import { unbound } from './running.ts';

/** Writes a plan as JavaScript statements, which call what generate.ts gives them as `runtime`. */
export class PlanWriter {
  readonly lines: string[] = [];
  readonly constants: unknown[] = [];
  /** Whether there is a loop, so that steps are counted. */
  counts = false;
  #looping = 0;
  #names = 0;
  readonly #held = new Map<unknown, string>();

  /** Writes the statements after which the operand holds the plan's value. */
  write(plan: Plan): Operand {
    switch (plan.op) {
      case 'constant':
        return this.#constant(plan.value);
      case 'fail':
        return { code: this.#hold(plan.error), fails: true };
      case 'local':
        return { code: `l${plan.slot}`, fails: true };
      case 'variable': {
        const missing = this.#hold(unbound(plan.name, plan.range));
        const name = JSON.stringify(plan.name);
        const read =
          plan.name in Object.prototype ? `Object.hasOwn(b, ${name}) ? b[${name}] : undefined` : `b[${name}]`;
        const value = this.#let(read);
        this.lines.push(`if (${value} === undefined) ${value} = ${missing};`);
        return { code: value, fails: true };
      }
      case 'select':
        return this.#select(plan);
      case 'optional-select':
        return this.#located(
          `optionalSelect(${this.write(plan.operand).code}, ${JSON.stringify(plan.field)})`,
          plan.range,
        );
      case 'has':
        return this.#located(`has(${this.write(plan.operand).code}, ${JSON.stringify(plan.field)})`, plan.range);
      case 'call':
        return this.#call(plan);
      case 'junction':
        return this.#junction(plan);
      case 'conditional':
        return this.#conditional(plan);
      case 'list':
        return this.#list(plan);
      case 'map':
        return this.#map(plan);
      case 'loop':
        return this.#loop(plan);
      case 'bind': {
        const value = this.write(plan.value);
        return this.#scope((result) => {
          this.lines.push(`const l${plan.slot} = ${value.code};`);
          this.#assign(result, this.write(plan.body));
        });
      }
      case 'optional-map': {
        const operand = this.write(plan.operand);
        const opened = this.#let(`openOptional(${operand.code}, ${this.#hold(plan.range)})`);
        return this.#scope((result) => {
          this.lines.push(`const l${plan.slot} = ${opened};`);
          this.lines.push(`if (l${plan.slot} === undefined || l${plan.slot} instanceof CelError) {`);
          this.lines.push(`${result} = closeOptional(l${plan.slot}, ${plan.flat});`, '} else {');
          this.lines.push(`${result} = closeOptional(${this.write(plan.body).code}, ${plan.flat});`, '}');
        });
      }
      case 'optional-or':
        return this.#optionalOr(plan);
    }
  }

  #name(): string {
    this.#names++;
    return `t${this.#names}`;
  }

  #let(value?: string): string {
    const name = this.#name();
    this.lines.push(value === undefined ? `let ${name};` : `let ${name} = ${value};`);
    return name;
  }

  #assign(target: string, { code }: Operand): void {
    this.lines.push(`${target} = ${code};`);
  }

  /** A block with declarations of its own, after which a variable outside it has the result. */
  #scope(write: (result: string) => void): Operand {
    const result = this.#let();
    this.lines.push('{');
    write(result);
    this.lines.push('}');
    return { code: result, fails: true };
  }

  #hold(value: unknown): string {
    const known = this.#held.get(value);
    if (known !== undefined) return known;
    const name = `c${this.constants.length}`;
    this.constants.push(value);
    this.#held.set(value, name);
    return name;
  }

  #constant(value: unknown): Operand {
    switch (typeof value) {
      case 'string':
        return { code: JSON.stringify(value), fails: false, constant: 'string' };
      case 'boolean':
        return { code: String(value), fails: false, constant: 'boolean' };
      case 'bigint':
        return { code: `${value}n`, fails: false, constant: 'bigint' };
      case 'number':
        return { code: Object.is(value, -0) ? '-0' : `${value}`, fails: false, constant: 'number' };
      default:
        return { code: value === null ? 'null' : this.#hold(value), fails: false, constant: 'other' };
    }
  }

  #located(code: string, range: Range): Operand {
    const value = this.#let(code);
    this.lines.push(`if (${value} instanceof CelError) ${value} = located(${value}, ${this.#hold(range)});`);
    return { code: value, fails: true };
  }

  #select({ operand, field, range }: Plan & { op: 'select' }): Operand {
    const from = this.#source(operand);
    return this.#own(from, field, `located(select(${from}, ${JSON.stringify(field)}), ${this.#hold(range)})`);
  }

  /** An operand whose fields are read. */
  #source(plan: Plan): string {
    const { code, constant } = this.write(plan);
    return constant === undefined ? code : `(${code})`;
  }

  /** The field of what JSON gave: its own fields are all that a name outside Object.prototype can find. */
  #own(from: string, field: string, slow: string): Operand {
    if (field in Object.prototype) return { code: this.#let(slow), fails: true };
    const read = /^[A-Za-z_][A-Za-z0-9_]*$/.test(field) ? `.${field}` : `[${JSON.stringify(field)}]`;
    const value = this.#let(`${from} !== null && ${from}.constructor === Object ? ${from}${read} : undefined`);
    this.lines.push(`if (${value} === undefined) ${value} = ${slow};`);
    return { code: value, fails: true };
  }

  #call({ name, call, operands, range }: Plan & { op: 'call' }): Operand {
    const [first, second] = operands;
    if (name === '[]' && first !== undefined && second?.op === 'constant' && typeof second.value === 'string') {
      const from = this.#source(first);
      const slow = `${this.#hold(call)}(${from}, ${JSON.stringify(second.value)})`;
      const guarded = `${from} instanceof CelError ? ${from} : located(${slow}, ${this.#hold(range)})`;
      return this.#own(from, second.value, guarded);
    }
    const values: Operand[] = [];
    const result = this.#let();
    let open = 0;
    for (const each of operands) {
      const value = this.write(each);
      values.push(value);
      // The first error is the result, and what follows is not evaluated; of what takes no work to read, it may be.
      if (value.fails && !operands.slice(values.length).every(isSimple)) {
        this.lines.push(`if (${value.code} instanceof CelError) ${result} = ${value.code}; else {`);
        open++;
      }
    }
    const failing = values.filter(({ fails }) => fails);
    const codes = values.map(({ code }) => code);
    const charge = this.#looping > 0 ? chargeOf(name, operands) : undefined;
    if (charge !== undefined) {
      const priced = charge.deep ? 'deepCost' : 'cost';
      const costs = codes.flatMap((code, index) => (charge.operands?.[index] === true ? [`${priced}(${code})`] : []));
      this.#pay([...(charge.fixed > 0 ? [String(charge.fixed)] : []), ...costs]);
    }
    const slow = `located(${this.#hold(call)}(${codes.join(', ')}), ${this.#hold(range)})`;
    const guarded = failing.reduceRight((rest, { code }) => `${code} instanceof CelError ? ${code} : ${rest}`, slow);
    this.lines.push(`${result} = ${shortWay(name, call, values, guarded) ?? guarded};`);
    if (charge?.result === true) this.#pay([`cost(${result})`]);
    this.lines.push('}'.repeat(open));
    return { code: result, fails: true };
  }

  /** Takes steps away, whose number is the sum of the costs. */
  #pay(costs: readonly string[]): void {
    if (costs.length > 0) this.lines.push(`steps -= ${costs.join(' + ')};`);
  }

  #payMaking(parts: number): void {
    const price = this.#looping > 0 ? costOfMaking(parts) : 0;
    if (price > 0) this.#pay([String(price)]);
  }

  #junction({ decisive, operands, ranges }: Plan & { op: 'junction' }): Operand {
    const result = this.#let(String(!decisive));
    const label = `j${result}`;
    this.lines.push(`${label}: {`);
    operands.forEach((each, index) => {
      const { code } = this.write(each);
      this.lines.push(`if (${code} === ${decisive}) { ${result} = ${decisive}; break ${label}; }`);
      this.lines.push(`if (${code} !== ${!decisive}) ${this.#failOperand(result, code, decisive, ranges[index]!)}`);
    });
    this.lines.push('}');
    return { code: result, fails: true };
  }

  #failOperand(result: string, code: string, decisive: boolean, range: Range): string {
    return `${result} = failedOperand(${result}, ${code}, '${decisive ? '||' : '&&'}', ${this.#hold(range)});`;
  }

  #conditional({ condition, positive, negative, range }: Plan & { op: 'conditional' }): Operand {
    const result = this.#let();
    const { code } = this.write(condition);
    this.lines.push(`if (${code} === true) {`);
    this.#assign(result, this.write(positive));
    this.lines.push(`} else if (${code} === false) {`);
    this.#assign(result, this.write(negative));
    this.lines.push(`} else ${result} = failedCondition(${code}, ${this.#hold(range)});`);
    return { code: result, fails: true };
  }

  #optionalOr({ unwrap, operand, alternative, range }: Plan & { op: 'optional-or' }): Operand {
    const result = this.#let();
    const { code } = this.write(operand);
    this.lines.push(`if (${code} instanceof CelError) ${result} = ${code};`);
    this.lines.push(
      `else if (!(${code} instanceof Optional)) ${result} = located(noSuchOverload('or', ${code}), ${this.#hold(range)});`,
    );
    this.lines.push(`else if (${code}.value !== undefined) ${result} = ${unwrap ? `${code}.value` : code};`, 'else {');
    this.#assign(result, this.write(alternative));
    this.lines.push('}');
    return { code: result, fails: true };
  }

  #list({ elements }: Plan & { op: 'list' }): Operand {
    this.#payMaking(elements.length);
    const result = this.#let('[]');
    const label = `j${result}`;
    this.lines.push(`${label}: {`);
    for (const { value, optional, range } of elements) {
      const part = this.write(value);
      const { code } = optional ? { code: this.#let(`optionalPart(${part.code}, ${this.#hold(range)})`) } : part;
      if (part.fails || optional) {
        this.lines.push(`if (${code} instanceof CelError) { ${result} = ${code}; break ${label}; }`);
      }
      this.lines.push(`${optional ? `if (${code} !== undefined) ` : ''}${result}.push(${code});`);
    }
    this.lines.push('}');
    return { code: result, fails: true };
  }

  #map({ entries }: Plan & { op: 'map' }): Operand {
    this.#payMaking(entries.length);
    const result = this.#let();
    const label = `j${result}`;
    const map = `m${result}`;
    this.lines.push(`${label}: {`, `const ${map} = new MapBuilder();`);
    for (const { key, value, optional, range } of entries) {
      const held = this.write(key);
      if (held.fails) {
        this.lines.push(`if (${held.code} instanceof CelError) { ${result} = ${held.code}; break ${label}; }`);
      }
      const part = this.write(value);
      const { code } = optional ? { code: this.#let(`optionalPart(${part.code}, ${this.#hold(range)})`) } : part;
      if (part.fails || optional) {
        this.lines.push(`if (${code} instanceof CelError) { ${result} = ${code}; break ${label}; }`);
      }
      const error = this.#let(
        `${optional ? `${code} === undefined ? undefined : ` : ''}${map}.set(${held.code}, ${code})`,
      );
      this.lines.push(
        `if (${error} !== undefined) { ${result} = located(${error}, ${this.#hold(range)}); break ${label}; }`,
      );
    }
    this.lines.push(`${result} = ${map}.build();`, '}');
    return { code: result, fails: true };
  }

  #loop(plan: Plan & { op: 'loop' }): Operand {
    this.counts = true;
    const over = this.write(plan.over).code;
    if (this.#looping > 0) this.#pay([`cost(${over})`]);
    const [slot, second] = plan.slots;
    const result = this.#let();
    const found = this.#let(`${second === undefined ? 'items' : 'pairs'}(${over}, ${this.#hold(plan.overRange)})`);
    const index = this.#name();
    const first = second === undefined ? found : `${found}.first`;
    this.lines.push(`if (${found} instanceof CelError) ${result} = ${found}; else {`);
    const body = bodyOf(plan, result);
    this.lines.push(body.start);
    this.lines.push(`for (let ${index} = 0; ${index} < ${first}.length; ${index}++) {`);
    this.lines.push('steps -= 1;', `if (steps < 0) { ${result} = exhausted; break; }`);
    this.lines.push(`const l${slot} = ${first}[${index}];`);
    if (second !== undefined) this.lines.push(`const l${second} = ${found}.second[${index}];`);
    this.#looping++;
    if (plan.filter !== undefined) {
      const { code } = this.write(plan.filter);
      this.lines.push(`if (${code} === false) continue;`);
      this.lines.push(
        `if (${code} !== true) { ${result} = failedCondition(${code}, ${this.#hold(plan.filterRange)}); break; }`,
      );
    }
    const { code } = this.write(plan.body);
    this.lines.push(...body.step(code, this.#hold(plan.bodyRange), `l${slot}`));
    this.#looping--;
    this.lines.push('}', body.end, '}');
    return { code: result, fails: true };
  }
}

/** What is read without work, and fails in no other way than by being an error. */
function isSimple({ op }: Plan): boolean {
  return op === 'constant' || op === 'local' || op === 'variable';
}
