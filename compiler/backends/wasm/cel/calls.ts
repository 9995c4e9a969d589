import type { CelFunction } from '../../../expressions/cel/environment.ts';
import { standardLibrary, stringLibrary } from '../../../expressions/cel/libraries.ts';
import { binaryOperators, indexOperator, unaryOperators } from '../../../expressions/cel/operators.ts';
import type { Call } from '../../../expressions/cel/plan-tree.ts';

const operators: readonly (readonly [Call, string])[] = [
  [binaryOperators['=='].call, 'equals'],
  [binaryOperators['!='].call, 'differs'],
  [binaryOperators['<'].call, 'less'],
  [binaryOperators['<='].call, 'lessOrEqual'],
  [binaryOperators['>'].call, 'greater'],
  [binaryOperators['>='].call, 'greaterOrEqual'],
  [binaryOperators.in.call, 'isIn'],
  [binaryOperators['+'].call, 'add'],
  [binaryOperators['-'].call, 'subtract'],
  [binaryOperators['*'].call, 'multiply'],
  [binaryOperators['/'].call, 'divide'],
  [binaryOperators['%'].call, 'remainder'],
  [unaryOperators['!'].call, 'not'],
  [unaryOperators['-'].call, 'negate'],
  [indexOperator.call, 'elementAt'],
].map(([call, name]) => [call as Call, name as string]);

/** By the function's name and the number of its operands. */
const functions: ReadonlyMap<string, string> = new Map([
  ['size 1', 'size'],
  ['startsWith 2', 'startsWith'],
  ['endsWith 2', 'endsWith'],
  ['contains 2', 'contains'],
  ['int 1', 'toInt'],
  ['uint 1', 'toUint'],
  ['double 1', 'toDouble'],
  ['bool 1', 'toBool'],
  ['bytes 1', 'toBytes'],
  ['string 1', 'toText'],
  ['timestamp 1', 'toTime'],
  ['duration 1', 'toSpan'],
  ['dyn 1', 'identity'],
  ['type 1', 'typeOf'],
  ['charAt 2', 'charAt'],
  ['indexOf 2', 'indexOf'],
  ['indexOf 3', 'indexOfFrom'],
  ['lastIndexOf 2', 'lastIndexOf'],
  ['lastIndexOf 3', 'lastIndexOfFrom'],
  ['replace 3', 'replace'],
  ['replace 4', 'replaceSome'],
  ['trim 1', 'trim'],
  ['lowerAscii 1', 'lowerAscii'],
  ['upperAscii 1', 'upperAscii'],
  ['substring 2', 'substringFrom'],
  ['substring 3', 'substring'],
  ['split 2', 'split'],
  ['join 1', 'join'],
  ['join 2', 'joinBy'],
  ...[
    'getFullYear',
    'getMonth',
    'getDate',
    'getDayOfMonth',
    'getDayOfWeek',
    'getDayOfYear',
    'getHours',
    'getMinutes',
    'getSeconds',
    'getMilliseconds',
  ].map((name) => [`${name} 1`, name] as const),
]);

let known: ReadonlyMap<Call, CelFunction> | undefined;

/** The functions that mean what the standard's do: an environment may give their names to others. */
function libraryFunctions(): ReadonlyMap<Call, CelFunction> {
  known ??= new Map([...standardLibrary.functions, ...stringLibrary.functions].map((each) => [each.call, each]));
  return known;
}

const operatorRoutines: ReadonlyMap<Call, string> = new Map(operators);

/** The routine of an operator or function; undefined where there is none. */
export function routineOf(call: Call, operands: number): string | undefined {
  const operator = operatorRoutines.get(call);
  if (operator !== undefined) return operator;
  const called = libraryFunctions().get(call);
  return called && functions.get(`${called.name} ${operands}`);
}

/** Routines whose result is one of the fixed cells of true, false and the error. */
export const truthRoutines: ReadonlySet<string> = new Set([
  'equals',
  'differs',
  'less',
  'lessOrEqual',
  'greater',
  'greaterOrEqual',
  'isIn',
  'not',
  'startsWith',
  'endsWith',
  'contains',
  'toBool',
]);
