import { Bytes } from '../backends/wasm/binary/bytes.ts';
import { assemble, readFunctions, type TextFunction } from './assemble.ts';
import { type Guard, type GuestRules, guardOf } from './guard/guard.ts';
import { endings } from './guard/meter.ts';
import { type FunctionType, type GuestModule, type Section, sectionIds } from './module.ts';
import { preview1, preview1Type } from './preview1.ts';
import { Reader } from './reader.ts';
import { rewriteBodies } from './rewrite-code.ts';
import { limited, rewriteElements, rewriteExports, rewriteGlobals, rewriteNames } from './rewrite-sections.ts';

/** The most elements that a table may grow to; what a guest brings may be more. */
const mostElements = 65_536;

export interface HardenedLimits {
  /** Pages of 64 KiB. */
  readonly memoryPages: number;
}

/**
 * The guest with the guard in it: whatever it does through the functions that it imports goes through those of the
 * guard, its memory and tables have a maximum, and every call and turn of a loop is charged for. The guard's state is in
 * globals that are not exported and that the guest's code, written before they were, cannot name.
 *
 * The order of functions is the host's, the guest's own, the guard's.
 *
 * @param module a guest in which `problemsOf` found nothing
 */
export function hardenModule(module: GuestModule, rules: GuestRules, { memoryPages }: HardenedLimits): Uint8Array {
  const imported = module.imports.map(({ name }) => name);
  const guard = guardOf(rules, new Set(imported));
  const host = [...new Set([...imported.filter((name) => !isGuarded(guard, name)), ...guard.host])].sort();
  const hostIndex = new Map(host.map((name, at) => [name, at]));
  const own = host.length;
  const guardStart = own + module.functions.length;
  const bulk = new BulkFunctions(module);
  const functions = [...guard.functions];
  const guardIndex = new Map(functions.map(({ name }, at) => [name, guardStart + at]));
  const index = (old: number) => {
    const name = imported[old];
    if (name === undefined) return own + old - imported.length;
    return guardIndex.get(`$guard.${name}`) ?? hostIndex.get(name) ?? 0;
  };
  const types = new Types(module.types);
  const globals = new Map(guard.globals.map(([name], at) => [name, module.globals + at]));
  const code = new Bytes();
  const codeSection = find(module, sectionIds.code);
  const fuel = globals.get('$fuel');
  const refill = guardIndex.get('$refill');
  const charge = guardIndex.get('$charge');
  if (codeSection !== undefined) {
    rewriteBodies(
      module,
      codeSection.start,
      codeSection.end,
      {
        index,
        type: (wanted) => types.indexOf(wanted),
        meter:
          fuel === undefined || refill === undefined || charge === undefined
            ? undefined
            : {
                fuel,
                refill,
                charge,
                bulk: (operation, first, second) =>
                  guardStart + guard.functions.length + bulk.indexOf(operation, first, second),
              },
      },
      code,
    );
  }
  const names = {
    functions: new Map([...guardIndex, ...[...hostIndex].map(([name, at]) => [`$host.${name}`, at] as const)]),
    globals,
  };
  const added = [
    ...guard.functions.map((each) => ({ type: types.indexOf(each.type), body: assemble(each, names) })),
    ...bulk.functions.map(({ text, tail }) => ({
      type: types.indexOf(text.type),
      body: withTail(assemble(text, names), tail),
    })),
  ];
  const hostTypes = host.map((name) => types.indexOf(preview1Type(name) ?? { parameters: [], results: [] }));

  const out = new Bytes();
  out.all([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const section = (id: number, content: Uint8Array) => {
    out.byte(id);
    out.sized(content);
  };
  const raw = (id: number) => {
    const found = find(module, id);
    if (found !== undefined) section(id, module.bytes.subarray(found.start, found.end));
  };
  section(sectionIds.type, types.section());
  section(sectionIds.import, importSection(host, hostTypes));
  section(sectionIds.function, vector([...module.functions, ...added.map(({ type }) => type)]));
  if (module.tables.length > 0) section(sectionIds.table, limited(module.tables, mostElements));
  if (module.memories.length > 0) {
    section(
      sectionIds.memory,
      limited(
        module.memories.map((limits) => ({ limits })),
        memoryPages,
      ),
    );
  }
  raw(sectionIds.tag);
  section(
    sectionIds.global,
    rewriteGlobals(
      module,
      find(module, sectionIds.global),
      index,
      guard.globals.map(([, type, value]) => [type, value]),
    ),
  );
  const exports = find(module, sectionIds.export);
  if (exports !== undefined) section(sectionIds.export, rewriteExports(module, exports, index));
  const start = find(module, sectionIds.start);
  if (start !== undefined) section(sectionIds.start, number(index(new Reader(module.bytes, start.start).unsigned())));
  const elements = find(module, sectionIds.element);
  if (elements !== undefined) section(sectionIds.element, rewriteElements(module, elements, index));
  raw(sectionIds.dataCount);
  const bodies = new Bytes();
  bodies.unsigned(module.functions.length + added.length);
  bodies.all(code.view());
  for (const { body } of added) bodies.all(body);
  section(sectionIds.code, bodies.view());
  raw(sectionIds.data);
  const custom = customSections(module);
  for (const name of ['producers', 'target_features']) {
    const kept = custom.get(name);
    if (kept !== undefined) section(sectionIds.custom, module.bytes.subarray(kept.start, kept.end));
  }
  const ends = Object.values(endings).flatMap((name) => {
    const at = guardIndex.get(`$${name}`);
    return at === undefined ? [] : [[at, name] as const];
  });
  const ofNames = custom.get('name')?.content;
  if (ofNames !== undefined || ends.length > 0) {
    section(
      sectionIds.custom,
      rewriteNames(ofNames, index, (old) => isOwn(module, old), ends),
    );
  }
  return out.copy();
}

/** Whether the guest defines the function, whatever its names say. */
function isOwn({ imports, functions }: GuestModule, old: number): boolean {
  return old >= imports.length && old < imports.length + functions.length;
}

function isGuarded(guard: Guard, name: string): boolean {
  return guard.functions.some((each) => each.name === `$guard.${name}`);
}

function find(module: GuestModule, id: number): Section | undefined {
  return module.sections.find((section) => section.id === id);
}

/** Types in their order, with those that are asked for and not there behind them. */
class Types {
  readonly #types: FunctionType[];

  constructor(types: readonly FunctionType[]) {
    this.#types = [...types];
  }

  indexOf(type: FunctionType): number {
    const same = (left: readonly number[], right: readonly number[]) =>
      left.length === right.length && left.every((each, at) => each === right[at]);
    const at = this.#types.findIndex(
      (each) => same(each.parameters, type.parameters) && same(each.results, type.results),
    );
    return at === -1 ? this.#types.push(type) - 1 : at;
  }

  section(): Uint8Array {
    const into = new Bytes();
    into.unsigned(this.#types.length);
    for (const { parameters, results } of this.#types) {
      into.byte(0x60);
      into.sized(Uint8Array.from(parameters));
      into.sized(Uint8Array.from(results));
    }
    return into.copy();
  }
}

interface BulkFunction {
  readonly text: TextFunction;
  /** The instruction itself, which the text format here has no word for. */
  readonly tail: Uint8Array;
}

/** A function for each bulk instruction of the guest: it charges one unit for each 256 of what is moved, and moves it. */
class BulkFunctions {
  readonly #module: GuestModule;
  readonly #known = new Map<string, number>();
  readonly functions: BulkFunction[] = [];

  constructor(module: GuestModule) {
    this.#module = module;
  }

  indexOf(operation: number, first: number, second: number): number {
    const key = `${operation} ${first} ${second}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const tail = new Bytes();
    tail.byte(0xfc);
    tail.unsigned(operation);
    tail.unsigned(first);
    // memory.fill, table.grow and table.fill name one thing, the others two.
    if (![11, 15, 17].includes(operation)) tail.unsigned(second);
    const reference = this.#module.tables[first]?.element === 0x6f ? 'externref' : 'funcref';
    const types = operation === 15 ? [reference, 'i32'] : ['i32', operation === 17 ? reference : 'i32', 'i32'];
    const last = `$p${types.length - 1}`;
    const [text] =
      readFunctions(`(func $bulk.${this.functions.length} ${types.map((type, at) => `(param $p${at} ${type})`).join(' ')} ${operation === 15 ? '(result i32)' : ''}
      (call $charge (i32.shr_u (local.get ${last}) (i32.const 8)))
      ${types.map((_, at) => `(local.get $p${at})`).join(' ')})`);
    const index = this.functions.push({ text: text!, tail: tail.copy() }) - 1;
    this.#known.set(key, index);
    return index;
  }
}

/** An assembled body with bytes before its last `end`. */
function withTail(body: Uint8Array, tail: Uint8Array): Uint8Array {
  const reader = new Reader(body);
  const inside = reader.sized();
  const into = new Bytes();
  into.all(inside.subarray(0, -1));
  into.all(tail);
  into.byte(0x0b);
  const sized = new Bytes();
  sized.sized(into.view());
  return sized.copy();
}

function importSection(host: readonly string[], types: readonly number[]): Uint8Array {
  const into = new Bytes();
  const encoder = new TextEncoder();
  into.unsigned(host.length);
  host.forEach((name, at) => {
    into.sized(encoder.encode(preview1));
    into.sized(encoder.encode(name));
    into.byte(0);
    into.unsigned(types[at]!);
  });
  return into.copy();
}

function vector(numbers: readonly number[]): Uint8Array {
  const into = new Bytes();
  into.unsigned(numbers.length);
  for (const each of numbers) into.unsigned(each);
  return into.copy();
}

function number(value: number): Uint8Array {
  const into = new Bytes();
  into.unsigned(value);
  return into.copy();
}

/** The first custom section of each name; what they say stays true of names, and of who made the module. */
function customSections(
  module: GuestModule,
): ReadonlyMap<string, Section & { /** What stands behind the section's name. */ readonly content: Reader }> {
  const found = new Map<string, Section & { readonly content: Reader }>();
  for (const section of module.sections) {
    if (section.id !== sectionIds.custom) continue;
    const content = new Reader(module.bytes, section.start, section.end);
    const name = content.name();
    if (!found.has(name)) found.set(name, { ...section, content });
  }
  return found;
}
