import { Bytes } from '../backends/wasm/binary/bytes.ts';
import {
  emptyBlock,
  memoryOperations,
  plainOperations,
  structured,
  valueTypes,
} from '../backends/wasm/binary/operations.ts';
import type { FunctionType } from './module.ts';
import { type Expression, readExpressions } from './text.ts';

/** A function in the text format, with all instructions folded: operands stand in brackets behind their operator. */
export interface TextFunction {
  readonly name: string;
  readonly type: FunctionType;
  readonly parameters: readonly string[];
  readonly locals: readonly (readonly [name: string, type: number])[];
  readonly body: readonly Expression[];
}

/** The indices of what functions name. */
export interface Names {
  readonly functions: ReadonlyMap<string, number>;
  readonly globals: ReadonlyMap<string, number>;
}

/** Reads `(func $name (param $a i32)... (result i32)? (local $b i64)... INSTRUCTION...)`, any number of them. */
export function readFunctions(text: string): readonly TextFunction[] {
  return readExpressions(text).map((expression) => {
    const [, name, ...rest] = list(expression);
    const parameters: string[] = [];
    const types: number[] = [];
    const results: number[] = [];
    const locals: (readonly [string, number])[] = [];
    let at = 0;
    for (; at < rest.length; at += 1) {
      const [head, first, second] = list(rest[at]!);
      if (head === 'param') {
        parameters.push(atom(first));
        types.push(typeNamed(atom(second)));
      } else if (head === 'result') results.push(typeNamed(atom(first)));
      else if (head === 'local') locals.push([atom(first), typeNamed(atom(second))]);
      else break;
    }
    return { name: atom(name), type: { parameters: types, results }, parameters, locals, body: rest.slice(at) };
  });
}

/** The body of a function in the binary format, with its size before it. */
export function assemble(text: TextFunction, names: Names): Uint8Array {
  const code = new Bytes();
  code.unsigned(text.locals.length);
  for (const [, type] of text.locals) {
    code.unsigned(1);
    code.byte(type);
  }
  const locals = new Map(
    [...text.parameters, ...text.locals.map(([name]) => name)].map((name, index) => [name, index]),
  );
  const assembler = new Assembler(code, locals, names, text.name);
  for (const instruction of text.body) assembler.instruction(instruction);
  code.byte(structured.end);
  const sized = new Bytes();
  sized.sized(code.view());
  return sized.copy();
}

class Assembler {
  readonly #code: Bytes;
  readonly #locals: ReadonlyMap<string, number>;
  readonly #names: Names;
  readonly #function: string;
  /** The labels in force, the innermost last; empty for a block without one. */
  readonly #labels: string[] = [];

  constructor(code: Bytes, locals: ReadonlyMap<string, number>, names: Names, name: string) {
    this.#code = code;
    this.#locals = locals;
    this.#names = names;
    this.#function = name;
  }

  instruction(expression: Expression): void {
    const [head, ...rest] = list(expression);
    const operator = atom(head);
    const code = this.#code;
    switch (operator) {
      case 'block':
      case 'loop':
        this.#block(structured[operator], rest);
        return;
      case 'if':
        this.#if(rest);
        return;
      case 'br':
      case 'br_if':
        this.#operands(rest.slice(1));
        code.byte(structured[operator]);
        code.unsigned(this.#label(rest[0]));
        return;
      case 'br_table': {
        const labels = rest.filter((each) => typeof each === 'string');
        this.#operands(rest.slice(labels.length));
        code.byte(structured.br_table);
        code.unsigned(labels.length - 1);
        for (const label of labels) code.unsigned(this.#label(label));
        return;
      }
      case 'call':
        this.#indexed(structured.call, this.#names.functions, rest);
        return;
      case 'global.get':
      case 'global.set':
        this.#indexed(structured[operator], this.#names.globals, rest);
        return;
      case 'local.get':
      case 'local.set':
      case 'local.tee':
        this.#indexed(structured[operator], this.#locals, rest);
        return;
      case 'i32.const':
        code.byte(structured['i32.const']);
        code.signed(Number(atom(rest[0])));
        return;
      case 'i64.const':
        code.byte(structured['i64.const']);
        code.signedLong(BigInt(atom(rest[0])));
        return;
      case 'memory.size':
        code.byte(0x3f);
        code.byte(0);
        return;
      default:
        this.#plain(operator, rest);
    }
  }

  #plain(operator: string, rest: readonly Expression[]): void {
    const opcode = new Map<string, number>(Object.entries(plainOperations)).get(operator);
    if (opcode !== undefined) {
      this.#operands(rest);
      this.#code.byte(opcode);
      return;
    }
    const access = new Map<string, readonly [number, number]>(Object.entries(memoryOperations)).get(operator);
    if (access === undefined) throw new Error(`${this.#function}: ${operator} is not known`);
    const offset = typeof rest[0] === 'string' ? Number(rest[0].replace('offset=', '')) : 0;
    this.#operands(typeof rest[0] === 'string' ? rest.slice(1) : rest);
    this.#code.byte(access[0]);
    // Guests put things anywhere: no alignment is promised.
    this.#code.unsigned(0);
    this.#code.unsigned(offset);
  }

  #operands(operands: readonly Expression[]): void {
    for (const operand of operands) this.instruction(operand);
  }

  #indexed(opcode: number, among: ReadonlyMap<string, number>, [name, ...operands]: readonly Expression[]): void {
    const index = among.get(atom(name));
    if (index === undefined) throw new Error(`${this.#function}: ${atom(name)} is not known`);
    this.#operands(operands);
    this.#code.byte(opcode);
    this.#code.unsigned(index);
  }

  #block(opcode: number, rest: readonly Expression[]): void {
    const labelled = typeof rest[0] === 'string';
    const inside = labelled ? rest.slice(1) : rest;
    this.#code.byte(opcode);
    const [first, ...others] = inside;
    this.#code.byte(resultOf(first));
    this.#labels.push(labelled ? atom(rest[0]) : '');
    this.#operands(resultOf(first) === emptyBlock ? inside : others);
    this.#labels.pop();
    this.#code.byte(structured.end);
  }

  #if(rest: readonly Expression[]): void {
    const type = resultOf(rest[0]);
    const parts = type === emptyBlock ? rest : rest.slice(1);
    const [condition, consequence, alternative] = parts;
    this.#operands(condition === undefined ? [] : [condition]);
    this.#code.byte(structured.if);
    this.#code.byte(type);
    this.#labels.push('');
    this.#operands(list(consequence).slice(1));
    if (alternative !== undefined) {
      this.#code.byte(structured.else);
      this.#operands(list(alternative).slice(1));
    }
    this.#labels.pop();
    this.#code.byte(structured.end);
  }

  #label(name: Expression | undefined): number {
    const at = this.#labels.lastIndexOf(atom(name));
    if (at === -1) throw new Error(`${this.#function}: no label ${atom(name)}`);
    return this.#labels.length - 1 - at;
  }
}

/** The type of a block whose first part is `(result TYPE)`. */
function resultOf(part: Expression | undefined): number {
  return typeof part === 'object' && part[0] === 'result' ? typeNamed(atom(part[1])) : emptyBlock;
}

function typeNamed(name: string): number {
  const type = new Map<string, number>([...Object.entries(valueTypes), ['funcref', 0x70], ['externref', 0x6f]]).get(
    name,
  );
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

function list(expression: Expression | undefined): readonly Expression[] {
  if (typeof expression !== 'object') throw new Error(`\`${expression}\` is no list`);
  return expression;
}

function atom(expression: Expression | undefined): string {
  if (typeof expression !== 'string') throw new Error(`a list is no name`);
  return expression;
}
