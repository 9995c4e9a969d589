import { partsOf } from '../../../grammars/cel/parts.ts';
import type { Expression } from '../../../grammars/cel/syntax-tree.ts';
import { expressionOf } from '../../backends/wasm/cel/extension.ts';
import { interpreter } from '../../expressions/cel/evaluate.ts';
import { literalValue } from '../../expressions/cel/plan.ts';
import type { PlainRecord, Value } from '../../expressions/cel/value.ts';
import { samplesOf } from '../../expressions/regular-expressions/samples.ts';
import type { Known } from './inputs.ts';
import type { ReadSlot } from './read-layout.ts';

export type Bindings = Readonly<Record<string, Value | undefined>>;

/** So many requests are made up for a decision: what a compilation has time for. */
const mostRequests = 240;

interface Running {
  readonly name: string;
  readonly constants: readonly Value[];
  readonly run: (bindings: Bindings) => boolean | string | undefined;
}

interface MadeUp {
  readonly bindings: Bindings;
  /** Of the expressions, in their order. */
  readonly values: readonly (boolean | string | undefined)[];
}

/** What the expressions of a decision give for requests that are made up of the constants in them. */
export class ExpressionInputs {
  readonly #running: readonly Running[];
  readonly #requests: readonly MadeUp[];

  /** @param attributes those that are expressions, which the module works out from the slots with a path */
  constructor(attributes: readonly string[], slots: readonly ReadSlot[]) {
    this.#running = attributes.flatMap((name) => runningOf(name) ?? []);
    const paths = slots.flatMap(({ path }) => (path === undefined ? [] : [path]));
    this.#requests = this.#madeUp(paths);
  }

  /** Requests with what else is known: all, or the one in which expressions have what is wanted, as far as there is one. */
  of(known: Known, all: boolean): readonly { readonly known: Known; readonly bindings: Bindings }[] {
    return all ? this.#requests.map((request) => this.#joined(known, request)) : [this.#fitting(known)];
  }

  #fitting(known: Known): { readonly known: Known; readonly bindings: Bindings } {
    let best = this.#requests[0]!;
    let most = -1;
    for (const request of this.#requests) {
      let same = 0;
      for (const [index, { name }] of this.#running.entries()) if (request.values[index] === known.get(name)) same += 1;
      if (same <= most) continue;
      best = request;
      most = same;
    }
    return this.#joined(known, best);
  }

  #joined(known: Known, { bindings, values }: MadeUp): { readonly known: Known; readonly bindings: Bindings } {
    const own = this.#running.map(({ name }, index) => [name, values[index]] as const);
    return { known: new Map([...known, ...own]), bindings };
  }

  /** One in which as many expressions as can be are false, one in which they are true, and around each each value at each path. */
  #madeUp(paths: readonly Path[]): readonly MadeUp[] {
    const candidates = paths.map((path) => this.#valuesAt(path));
    const found = [this.#valued(paths, [])];
    const longest = Math.max(0, ...candidates.map(({ length }) => length));
    for (const [turn, wanted] of [false, true].entries()) {
      const base = this.#settled(paths, candidates, wanted);
      found.push(this.#valued(paths, base));
      for (const [index] of paths.entries()) found.push(this.#valued(paths, base.with(index, undefined)));
      for (let place = 0; place < longest; place += 1) {
        for (const [index, values] of candidates.entries()) {
          if (place >= values.length || found.length >= ((turn + 1) * mostRequests) / 2) continue;
          found.push(this.#valued(paths, base.with(index, values[place]!)));
        }
      }
    }
    return found;
  }

  #valued(paths: readonly Path[], at: readonly (Value | undefined)[]): MadeUp {
    const bindings = bindingsOf(paths, at);
    return { bindings, values: this.#running.map(({ run }) => run(bindings)) };
  }

  #settled(paths: readonly Path[], candidates: readonly (readonly Value[])[], wanted: boolean): (Value | undefined)[] {
    let base: (Value | undefined)[] = candidates.map(([first]) => first);
    const count = (at: readonly (Value | undefined)[]) =>
      this.#valued(paths, at).values.filter((value) => value === wanted).length;
    // What is read together settles only where the others have values already: hence twice.
    for (const [index, values] of [...candidates.entries(), ...candidates.entries()]) {
      let most = count(base);
      for (const value of values) {
        const changed = base.with(index, value);
        const settled = count(changed);
        if (settled <= most) continue;
        most = settled;
        base = changed;
      }
    }
    return base;
  }

  /** Values that the expressions which may read a path tell apart: by themselves, in lists and as keys. */
  #valuesAt(path: Path): readonly Value[] {
    const readers = this.#running.filter(({ name }) => path.every((key) => name.includes(key)));
    const constants = [...new Set(readers.flatMap((reader) => reader.constants))];
    return [
      ...constants,
      ...constants.map((constant) => [constant]),
      ...constants.flatMap((constant) => near(constant)),
      constants,
      Object.fromEntries(constants.flatMap((constant) => (typeof constant === 'string' ? [[constant, constant]] : []))),
      ...['', true, 0n, 1n, 1.5, null, {}, []],
    ];
  }
}

type Path = readonly string[];

function runningOf(name: string): Running | undefined {
  const found = expressionOf(name);
  if (found === undefined) return undefined;
  const run = interpreter(found.expression, found.environment);
  return {
    name,
    constants: constantsIn(found.expression),
    run: (bindings) => {
      const value = run(bindings);
      return typeof value === (found.kind === 'condition' ? 'boolean' : 'string')
        ? (value as boolean | string)
        : undefined;
    },
  };
}

function constantsIn(expression: Expression): readonly Value[] {
  if (expression.kind === 'literal') return [literalValue(expression.value)];
  return partsOf(expression).flatMap(constantsIn);
}

function near(value: Value): readonly Value[] {
  if (typeof value === 'string') {
    const matching = value.length > 1000 ? [] : samplesOf(value).filter((text) => text !== value);
    return [...matching, `${value}x`, `x${value}`, value.slice(1), value.slice(0, -1), [`${value}x`]];
  }
  if (typeof value === 'bigint') return [value + 1n, value - 1n, Number(value), String(value)];
  return typeof value === 'number' ? [-value, value + 1] : [];
}

/** A request in which paths have values; one that leads through another's value hides it. */
function bindingsOf(paths: readonly Path[], values: readonly (Value | undefined)[]): Bindings {
  const root: Tree = new Map();
  for (const [index, path] of paths.entries()) {
    const value = values[index];
    if (value === undefined) continue;
    let tree = root;
    for (const key of path.slice(0, -1)) {
      const below = tree.get(key);
      const next: Tree = below instanceof Map ? below : new Map();
      tree.set(key, next);
      tree = next;
    }
    if (!(tree.get(path.at(-1)!) instanceof Map)) tree.set(path.at(-1)!, { value });
  }
  return recordOf(root);
}

type Tree = Map<string, Tree | { readonly value: Value }>;

function recordOf(tree: Tree): PlainRecord {
  return Object.fromEntries(
    [...tree].map(([key, below]) => [key, below instanceof Map ? recordOf(below) : below.value]),
  );
}
