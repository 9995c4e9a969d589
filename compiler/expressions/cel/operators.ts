import type { BinaryOperator, UnaryOperator } from '../../../grammars/cel/syntax-tree.ts';
import { global, type Overload } from './environment.ts';
import { add, divide, multiply, negate, not, remainder, subtract } from './functions/arithmetic.ts';
import { elementAt, isIn, optionalElementAt } from './functions/collections.ts';
import { differs, equals, greater, greaterOrEqual, less, lessOrEqual } from './functions/comparison.ts';
import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  int,
  listOf,
  mapOf,
  optionalOf,
  parameter,
  string,
  timestamp,
  uint,
} from './types.ts';
import type { Result, Value } from './value.ts';

/** `&&` and `||` decide themselves which operands they need. */
export type StrictOperator = Exclude<BinaryOperator, '&&' | '||'>;

interface Operator {
  readonly overloads: readonly Overload[];
  readonly call: (left: Value, right: Value) => Result;
}

const a = parameter('A');
const b = parameter('B');

function alike(result: CelType | undefined, ...types: readonly CelType[]): readonly Overload[] {
  return types.map((each) => global([each, each], result ?? each));
}

const ordered = alike(bool, bool, int, uint, double, string, bytes, timestamp, duration);
/** cel-go's cross-type numeric comparisons. */
const mixed = [int, uint, double].flatMap((left) =>
  [int, uint, double].flatMap((right) => (left === right ? [] : [global([left, right], bool)])),
);
const comparisons = [...ordered, ...mixed];

export const binaryOperators: Readonly<Record<StrictOperator, Operator>> = {
  '==': { overloads: [global([a, a], bool)], call: equals },
  '!=': { overloads: [global([a, a], bool)], call: differs },
  '<': { overloads: comparisons, call: less },
  '<=': { overloads: comparisons, call: lessOrEqual },
  '>': { overloads: comparisons, call: greater },
  '>=': { overloads: comparisons, call: greaterOrEqual },
  in: { overloads: [global([a, listOf(a)], bool), global([a, mapOf(a, b)], bool)], call: isIn },
  '+': {
    overloads: [
      ...alike(undefined, bytes, double, duration),
      global([duration, timestamp], timestamp),
      global([timestamp, duration], timestamp),
      ...alike(undefined, int, listOf(a), string, uint),
    ],
    call: add,
  },
  '-': {
    overloads: [
      ...alike(undefined, double, duration, int),
      global([timestamp, duration], timestamp),
      global([timestamp, timestamp], duration),
      ...alike(undefined, uint),
    ],
    call: subtract,
  },
  '*': { overloads: alike(undefined, double, int, uint), call: multiply },
  '/': { overloads: alike(undefined, double, int, uint), call: divide },
  '%': { overloads: alike(undefined, int, uint), call: remainder },
};

export const unaryOperators: Readonly<
  Record<UnaryOperator, { readonly overloads: readonly Overload[]; readonly call: (value: Value) => Result }>
> = {
  '!': { overloads: [global([bool], bool)], call: not },
  '-': { overloads: [global([double], double), global([int], int)], call: negate },
};

const list = listOf(a);
const map = mapOf(a, b);

export const indexOperator: Operator = {
  overloads: [
    global([list, int], a),
    global([map, a], b),
    global([optionalOf(list), int], optionalOf(a)),
    global([optionalOf(map), a], optionalOf(b)),
  ],
  call: elementAt,
};

export const optionalIndexOperator: Operator = {
  overloads: [
    global([list, int], optionalOf(a)),
    global([optionalOf(list), int], optionalOf(a)),
    global([map, a], optionalOf(b)),
    global([optionalOf(map), a], optionalOf(b)),
  ],
  call: optionalElementAt,
};

/** `condition ? then : otherwise`. */
export const conditional: readonly Overload[] = [global([bool, a, a], a)];
