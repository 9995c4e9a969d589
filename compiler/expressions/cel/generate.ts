import type { Expression } from '../../../grammars/cel/syntax-tree.ts';
import { cost, deepCost } from './charges.ts';
import type { Environment } from './environment.ts';
import { has, optionalSelect, select } from './functions/collections.ts';
import { MapBuilder } from './maps.ts';
import { planOf } from './plan.ts';
import { PlanWriter } from './plan-writer.ts';
import {
  addEntries,
  type Bindings,
  closeOptional,
  exhausted,
  failedCondition,
  failedOperand,
  items,
  mostSteps,
  openOptional,
  optionalPart,
  type Program,
  pairs,
} from './running.ts';
import { CelError, located, noSuchOverload, Optional, type Result } from './value.ts';

/** JavaScript source of an expression. */
interface Generated {
  /**
   * A function body that gives back the program: `new Function('constants', 'runtime', source)(constants, runtime)`.
   * The text depends on the expression alone.
   */
  readonly source: string;
  /** Values, errors, ranges and functions that the source names by their positions. */
  readonly constants: readonly unknown[];
}

/** What generated code calls. */
const runtime = {
  CelError,
  Optional,
  MapBuilder,
  addEntries,
  closeOptional,
  cost,
  deepCost,
  exhausted,
  failedCondition,
  failedOperand,
  has,
  items,
  located,
  noSuchOverload,
  openOptional,
  optionalPart,
  optionalSelect,
  pairs,
  select,
} as const;

/**
 * An expression as generated JavaScript, which means what `interpreter` means and runs several times faster. Making it
 * costs tens of microseconds. Where a content security policy or `--disallow-code-generation-from-strings` forbids code
 * from text it is undefined, and the interpreter is there.
 */
export function compiled(expression: Expression, environment: Environment): Program | undefined {
  const { source, constants } = generateJavaScript(expression, environment);
  let run: (bindings: Bindings) => Result;
  try {
    run = new Function('constants', 'runtime', source)(constants, runtime);
  } catch {
    // The only way in which a host says that it makes no code from text.
    return undefined;
  }
  return run;
}

function generateJavaScript(expression: Expression, environment: Environment): Generated {
  const { plan } = planOf(expression, environment);
  const writer = new PlanWriter();
  const result = writer.write(plan);
  const constants = writer.constants.map((_, index) => `c${index} = constants[${index}]`);
  const source = [
    "'use strict';",
    `const { ${Object.keys(runtime).join(', ')} } = runtime;`,
    ...(constants.length === 0 ? [] : [`const ${constants.join(', ')};`]),
    'return function (b) {',
    ...(writer.counts ? [`let steps = ${mostSteps};`] : []),
    ...writer.lines,
    writer.counts ? `return steps < 0 ? exhausted : ${result.code};` : `return ${result.code};`,
    '};',
  ].join('\n');
  return { source, constants: writer.constants };
}
