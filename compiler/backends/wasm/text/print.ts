import { memoryOperations, plainOperations, structured, valueTypes } from '../binary/operations.ts';
import { Reader } from './reader.ts';

/** The text form of a module, and which line each instruction stands on. */
export interface PrintedModule {
  readonly text: string;
  /** By the line's number from 1, the place in the module's bytes of the instruction that it shows. */
  readonly instructions: ReadonlyMap<number, number>;
}

const plainNames = namesOf(plainOperations);
const memoryNames = new Map(
  Object.entries(memoryOperations).map(([name, [opcode, alignment]]) => [opcode as number, { name, alignment }]),
);
const structuredNames = namesOf(structured);
const typeNames = namesOf(valueTypes);

function namesOf(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, opcode]) => [opcode, name]));
}

/**
 * Prints a module in the text format of WebAssembly, an instruction a line. Only what modules of ours have is known; they
 * are read again, and not printed while they are made, so that what is shown is what is in the file.
 *
 * @param ruleAt the id of the rule that the instruction at this place comes from; it is said where it begins
 */
export function printModule(
  bytes: Uint8Array,
  functionNames: readonly string[],
  ruleAt: (at: number) => string | undefined,
): PrintedModule {
  const printer = new Printer(bytes, functionNames, ruleAt);
  return { text: printer.print(), instructions: printer.instructions };
}

class Printer {
  readonly instructions = new Map<number, number>();
  readonly #lines: string[] = ['(module'];
  readonly #reader: Reader;
  readonly #names: (string | undefined)[];
  readonly #ruleAt: (at: number) => string | undefined;
  #types: string[] = [];
  #functions: number[] = [];

  constructor(bytes: Uint8Array, names: readonly string[], ruleAt: (at: number) => string | undefined) {
    this.#reader = new Reader(bytes, 8);
    this.#names = [...names];
    this.#ruleAt = ruleAt;
  }

  print(): string {
    const reader = this.#reader;
    while (reader.at < reader.bytes.length) {
      const section = reader.byte();
      const end = reader.unsigned() + reader.at;
      this.#section(section);
      reader.at = end;
    }
    return `${this.#lines.join('\n')})\n`;
  }

  #section(id: number): void {
    const reader = this.#reader;
    switch (id) {
      case 1:
        this.#types = reader.list(() => {
          reader.byte();
          const [parameters, results] = [reader.sized(), reader.sized()];
          return `${this.#valueTypes('param', parameters)}${this.#valueTypes('result', results)}`;
        });
        return;
      case 3:
        this.#functions = reader.list(() => reader.unsigned());
        return;
      case 5:
        reader.list(() => {
          reader.byte();
          this.#lines.push(`  (memory ${reader.unsigned()})`);
        });
        return;
      case 6:
        reader.list(() => this.#global());
        return;
      case 7:
        reader.list(() => this.#export());
        return;
      case 10:
        for (let index = 0, count = reader.unsigned(); index < count; index += 1) this.#function(index);
        return;
      case 11:
        reader.list(() => {
          reader.byte();
          reader.byte();
          const start = reader.signed();
          reader.byte();
          this.#lines.push(`  (data (i32.const ${start}) "${dataText(reader.sized())}")`);
        });
        return;
      default:
    }
  }

  #global(): void {
    const reader = this.#reader;
    const type = typeNames.get(reader.byte())!;
    const mutable = reader.byte() === 1;
    reader.byte();
    const initial = type === 'f64' ? reader.float() : reader.signed();
    reader.byte();
    this.#lines.push(`  (global ${mutable ? `(mut ${type})` : type} (${type}.const ${initial}))`);
  }

  #export(): void {
    const reader = this.#reader;
    const name = reader.text();
    const kind = ['func', 'table', 'memory', 'global'][reader.byte()]!;
    const index = reader.unsigned();
    if (kind === 'func') this.#names[index] ??= name;
    this.#lines.push(`  (export ${JSON.stringify(name)} (${kind} ${kind === 'func' ? this.#name(index) : index}))`);
  }

  #function(index: number): void {
    const reader = this.#reader;
    const end = reader.unsigned() + reader.at;
    this.#lines.push(
      `  (func ${this.#names[index] === undefined ? `(;${index};)` : this.#name(index)}${this.#types[this.#functions[index]!]}`,
    );
    const locals = reader.list(() => {
      const count = reader.unsigned();
      return ` ${typeNames.get(reader.byte())}`.repeat(count);
    });
    if (locals.length > 0) this.#lines.push(`    (local${locals.join('')})`);
    let depth = 2;
    let rule: string | undefined;
    while (reader.at < end - 1) {
      const { at } = reader;
      const from = this.#ruleAt(at);
      if (from !== rule && from !== undefined) this.#lines.push(`    ;; ${from}`);
      rule = from;
      const instruction = this.#instruction();
      if (instruction === 'end' || instruction === 'else') depth -= 1;
      this.#lines.push(`${'  '.repeat(depth)}${instruction}`);
      this.instructions.set(this.#lines.length, at);
      if (/^(block|loop|if|else)/.test(instruction)) depth += 1;
    }
    this.#lines[this.#lines.length - 1] += ')';
    reader.at = end;
  }

  #instruction(): string {
    const reader = this.#reader;
    const opcode = reader.byte();
    const plain = plainNames.get(opcode);
    if (plain !== undefined) return plain;
    const memory = memoryNames.get(opcode);
    if (memory !== undefined) {
      const alignment = reader.unsigned();
      const offset = reader.unsigned();
      const unusual = alignment === memory.alignment ? '' : ` align=${1 << alignment}`;
      return `${memory.name}${offset === 0 ? '' : ` offset=${offset}`}${unusual}`;
    }
    const name = structuredNames.get(opcode)!;
    switch (opcode) {
      case structured.block:
      case structured.loop:
      case structured.if: {
        const type = typeNames.get(reader.byte());
        return type === undefined ? name : `${name} (result ${type})`;
      }
      case structured.else:
      case structured.end:
        return name;
      case structured.br_table:
        return `${name} ${[...reader.list(() => reader.unsigned()), reader.unsigned()].join(' ')}`;
      case structured.call:
        return `${name} ${this.#name(reader.unsigned())}`;
      case structured['i32.const']:
      case structured['i64.const']:
        return `${name} ${reader.signed()}`;
      case structured['f64.const']:
        return `${name} ${floatText(reader.float())}`;
      default:
        return `${name} ${reader.unsigned()}`;
    }
  }

  #name(index: number): string {
    const name = this.#names[index];
    return name === undefined ? String(index) : `$${name}`;
  }

  #valueTypes(word: string, types: Uint8Array): string {
    return types.length === 0 ? '' : ` (${word} ${[...types].map((type) => typeNames.get(type)).join(' ')})`;
  }
}

function floatText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** Bytes that are letters as they are, the others in hexadecimal. */
function dataText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
