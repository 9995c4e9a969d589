import type { Code } from '../binary/code.ts';
import type { FunctionHandle, ModuleBuilder } from '../binary/module.ts';
import type { ValueType } from '../binary/operations.ts';
import { tokensOf } from './routine-tokens.ts';
import { RoutineWriter } from './routine-writer.ts';

/**
 * A function of the module that is written in the small language of `library/`: statements and expressions over i32, i64 and
 * f64, which become instructions one to one.
 */
export interface Routine {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: ValueType }[];
  readonly result: ValueType | undefined;
  readonly body: readonly string[];
}

/** What routines may name besides each other. */
export interface RoutineNames {
  /** Numbers that the module fixes: addresses of constants, tags. */
  constant(name: string): number | undefined;
  /** Global variables by their names without the `$`. */
  global(name: string): { readonly index: number; readonly type: ValueType };
}

const header = /^fn (\w+)\(([^)]*)\)(?:: (i32|i64|f64))? \{$/;

/** The functions of a text: each begins with `fn name(x: i32): i64 {` on a line and ends with `}` on one of its own. */
export function routinesOf(text: string): ReadonlyMap<string, Routine> {
  const routines = new Map<string, Routine>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('fn ')) lines = [line];
    else if (line !== '}') lines.push(line);
    else {
      const [first = '', ...body] = lines;
      const match = header.exec(first);
      if (match === null) throw new Error(`not the beginning of a function: ${first}`);
      const [, name = '', parameters = '', result] = match;
      routines.set(name, {
        name,
        parameters: parameters.split(', ').flatMap((each) => {
          const [parameter = '', type = 'i32'] = each.split(': ');
          return parameter === '' ? [] : [{ name: parameter, type: type as ValueType }];
        }),
        result: result as ValueType | undefined,
        body: tokensOf(body.join('\n')),
      });
    }
  }
  return routines;
}

/** Gives the functions of routines in a module, which are written when they are first asked for. */
export class Routines {
  readonly #module: ModuleBuilder;
  readonly #routines: ReadonlyMap<string, Routine>;
  readonly #names: RoutineNames;

  constructor(module: ModuleBuilder, routines: ReadonlyMap<string, Routine>, names: RoutineNames) {
    this.#module = module;
    this.#routines = routines;
    this.#names = names;
  }

  get(name: string): FunctionHandle & { readonly result: ValueType | undefined } {
    const routine = this.#routines.get(name);
    if (routine === undefined) throw new Error(`no routine ${name}`);
    const types = routine.parameters.map(({ type }) => type);
    const handle = this.#module.library(`cel_${name}`, types, routine.result, (code: Code) => {
      new RoutineWriter(code, routine, this.#names, (called) => this.get(called)).write();
    });
    return { ...handle, result: routine.result };
  }
}
