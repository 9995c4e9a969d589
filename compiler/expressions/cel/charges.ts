import { isMap, mapSize } from './maps.ts';
import type { Plan } from './plan-tree.ts';
import { CelError, CelMap, isList, isRecord, type Result, type Value } from './value.ts';

/**
 * What calls within comprehensions cost, in steps: both evaluators charge the same, so that both give up on the same
 * expressions. Outside of comprehensions nothing is run often enough.
 */
export interface Charge {
  /** Whatever the operands are. */
  readonly fixed: number;
  /** Which operands are charged for when they are known; undefined where none is. */
  readonly operands: readonly boolean[] | undefined;
  /** Whether what lists and maps hold is looked at, too. */
  readonly deep: boolean;
  /** Whether the result may be much longer than the operands. */
  readonly result: boolean;
}

/** How many steps it costs to look at a value again and again in a loop. */
export function cost(value: Result): number {
  if (typeof value === 'string') return value.length >> 5;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.length >> 2;
  if (value instanceof Uint8Array) return value.length >> 5;
  return !(value instanceof CelError) && isMap(value) ? mapSize(value) >> 2 : 0;
}

/** Beyond so many parts nothing is counted: no function looks at more. */
const mostParts = 1 << 18;

/** As `cost`, with everything that lists and maps hold. */
export function deepCost(value: Result): number {
  if (typeof value !== 'object' || value === null || value instanceof CelError) return cost(value);
  const open: Value[] = [value];
  let sum = 0;
  let parts = 0;
  for (let each = open.pop(); each !== undefined && parts < mostParts; each = open.pop()) {
    parts += 1;
    sum += cost(each);
    for (const part of partsOf(each)) if (open.length < mostParts) open.push(part);
  }
  return sum + (parts >> 2);
}

function partsOf(value: Value): Iterable<Value> {
  if (typeof value !== 'object' || value === null) return nothing;
  if (isList(value)) return value;
  if (value instanceof CelMap) return value.entries.values();
  return isRecord(value) ? Object.values(value) : nothing;
}

const nothing: readonly Value[] = [];

/** They compare or print what is within lists and maps. */
const deepCalls: ReadonlySet<string> = new Set(['==', '!=', 'in', 'format']);
const growingCalls: ReadonlySet<string> = new Set(['replace', 'join', 'format', 'split']);
/** With a constant on the right, that is no list or map, they take no longer than it is long. */
const boundedCalls: ReadonlySet<string> = new Set('== != < <= > >= - * / % startsWith endsWith'.split(' '));

/** What a call costs each time. */
export function chargeOf(name: string, operands: readonly Plan[]): Charge {
  if (name === '[]' || name === '[?]') return { fixed: 0, operands: undefined, deep: false, result: false };
  const deep = deepCalls.has(name);
  let fixed = price(name, operands.length);
  for (const each of operands) if (each.op === 'constant') fixed += (deep ? deepCost : cost)(each.value);
  const last = operands.at(-1);
  const scalar = last?.op === 'constant' && (typeof last.value !== 'object' || last.value === null);
  const variable = operands.map(({ op }) => op !== 'constant');
  const free = (scalar && boundedCalls.has(name)) || !variable.includes(true);
  return { fixed, operands: free ? undefined : variable, deep, result: growingCalls.has(name) };
}

/** Making a pattern or finding a time zone is slow. */
function price(name: string, operands: number): number {
  if (name === 'matches') return 1000;
  return operands === 2 && name.startsWith('get') ? 100 : 0;
}

/** What a list or map of so many parts costs each time that it is made. */
export function costOfMaking(parts: number): number {
  return parts >> 2;
}
