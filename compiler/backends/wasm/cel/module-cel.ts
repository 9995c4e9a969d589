import type { Plan } from '../../../expressions/cel/plan-tree.ts';
import { type PatternTable, patternTable } from '../../../expressions/regular-expressions/table.ts';
import type { ModuleBuilder } from '../binary/module.ts';
import { ConstantCells, namedConstant } from './constants.ts';
import { arithmetic } from './library/arithmetic.ts';
import { comparison } from './library/comparison.ts';
import { conversions } from './library/conversions.ts';
import { patterns } from './library/patterns.ts';
import { texts } from './library/texts.ts';
import { time } from './library/time.ts';
import { values } from './library/values.ts';
import { type Routine, Routines, routinesOf } from './routines.ts';

/** What one evaluation may make: texts, lists and numbers that are not in the input. */
const heapSize = 65_536;

/** Elements of comprehensions and comparisons that one evaluation may go through. */
export const mostSteps = 1_000_000;

let library: ReadonlyMap<string, Routine> | undefined;

/** Where the table of a pattern lies, and its numbers as `findPattern` takes them. */
export interface PlacedPattern {
  readonly classes: number;
  readonly table: number;
  readonly ends: number;
  readonly count: number;
  readonly start: number;
  readonly accepted: number;
  readonly refused: number;
}

/** What the expressions of one module share: constants, routines, the variables of an evaluation. */
export class CelModule {
  readonly module: ModuleBuilder;
  readonly cells: ConstantCells;
  readonly routines: Routines;
  readonly #globals = new Map<string, number>();
  readonly #patterns = new Map<string, PlacedPattern | undefined>();

  constructor(module: ModuleBuilder) {
    this.module = module;
    this.cells = new ConstantCells(module);
    library ??= routinesOf([values, comparison, arithmetic, texts, conversions, time, patterns].join('\n'));
    this.routines = new Routines(module, library, {
      constant: (name) => (name === 'HEAP_SIZE' ? heapSize : namedConstant(this.cells, name)),
      global: (name) => ({ index: this.global(name), type: 'i32' }),
    });
  }

  /** `heap`: the next free address; `steps`: what is left of them; the others are addresses that do not change. */
  global(name: string): number {
    let index = this.#globals.get(name);
    if (index === undefined) {
      if (name === 'heapBase') index = this.module.reserve(heapSize);
      else if (name === 'sink') index = this.module.reserve(16);
      else index = this.module.variable('i32');
      this.#globals.set(name, index);
    }
    return index;
  }

  /** Whether something that is written so far uses the variable. */
  uses(name: 'heap' | 'steps'): boolean {
    return this.#globals.has(name);
  }

  /** @returns undefined where the pattern is none */
  pattern({ constant }: Plan & { op: 'call' }): PlacedPattern | undefined {
    if (typeof constant !== 'string') return undefined;
    if (!this.#patterns.has(constant)) this.#patterns.set(constant, this.#place(patternTable(constant)));
    return this.#patterns.get(constant);
  }

  #place(table: PatternTable | string): PlacedPattern | undefined {
    if (typeof table === 'string') return undefined;
    const { classCount, next, accepts, accepted, refused, start } = table;
    const rows = new Uint8Array(2 * next.length);
    const view = new DataView(rows.buffer);
    for (const [index, state] of next.entries()) view.setUint16(2 * index, state * classCount, true);
    const { data } = this.module;
    return {
      classes: data.place(table.classes, 1),
      table: data.place(rows, 2),
      ends: data.place(accepts, 1),
      count: classCount,
      start: start * classCount,
      accepted: accepted === undefined ? -1 : accepted * classCount,
      refused: refused === undefined ? -1 : refused * classCount,
    };
  }
}

const modules = new WeakMap<ModuleBuilder, CelModule>();

/** The shared part of a module, which begins with its first expression. */
export function celModule(module: ModuleBuilder): CelModule {
  let known = modules.get(module);
  if (known === undefined) {
    known = new CelModule(module);
    modules.set(module, known);
  }
  return known;
}
