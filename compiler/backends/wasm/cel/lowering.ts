import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';
import type { Environment } from '../../../expressions/cel/environment.ts';
import { fold } from '../../../expressions/cel/fold.ts';
import { planOf } from '../../../expressions/cel/plan.ts';
import type { Plan } from '../../../expressions/cel/plan-tree.ts';
import type { FunctionHandle, ModuleBuilder } from '../binary/module.ts';
import type { LoweredExpression } from '../extension.ts';
import type { RecordLayout } from '../layout.ts';
import { cellSize, tags } from './cells.ts';
import { comparedTexts } from './compared-texts.ts';
import { ExpressionWriter } from './expression-writer.ts';
import { celModule, mostSteps } from './module-cel.ts';
import { obstacleIn } from './obstacles.ts';
import { pathsIn, printPath } from './paths.ts';

/** What a function of an expression gives back: whether it is true, a text, or the address of its cell. */
export type ResultKind = 'condition' | 'text' | 'cell';

/** A function of an expression, or why it has none. */
export type CelLowering = LoweredExpression | { readonly obstacle: string };

/**
 * An expression in CEL as a function of a module. Errors are as the interpreter has them, but which error it is; what takes
 * more memory or steps than there are is unknown, as an error is.
 */
export function lowerCel(
  expression: Expression,
  environment: Environment,
  kind: ResultKind = 'condition',
): CelLowering {
  return lowerPlan(planOf(fold(expression, environment), environment).plan, kind);
}

/** The same of an expression of which nothing need be folded. */
export function lowerPlan(plan: Plan, kind: ResultKind): CelLowering {
  const obstacle = obstacleIn(plan);
  if (obstacle !== undefined) return { obstacle };
  const texts = comparedTexts(plan);
  return {
    slots: pathsIn(plan).map((path) => {
      const name = printPath(path);
      return { name, type: 'value', path, texts: texts.get(name)! };
    }),
    emit: (module, layout) => emit(plan, kind, module, layout),
  };
}

function emit(plan: Plan, kind: ResultKind, module: ModuleBuilder, layout: RecordLayout): FunctionHandle {
  const cel = celModule(module);
  const result = kind === 'text' ? 'i64' : 'i32';
  const handle = module.declare('expression', ['i32'], result);
  const writer = new ExpressionWriter(handle.code, cel, layout);
  writeResult(plan, kind, writer);
  if (!cel.uses('heap') && !cel.uses('steps')) return handle;
  const whole = module.declare('evaluate', ['i32'], result);
  const { code } = whole;
  code.getGlobal(cel.global('heapBase'));
  code.setGlobal(cel.global('heap'));
  code.i32(mostSteps);
  code.setGlobal(cel.global('steps'));
  code.get(0);
  code.call(handle.index);
  // What has run out of steps is unknown whatever came of it.
  if (kind === 'text') code.i64(-1n);
  else code.i32(kind === 'condition' ? 2 : writer.error);
  code.getGlobal(cel.global('steps'));
  code.i32(0);
  code.op('i32.ge_s');
  code.op('select');
  return whole;
}

function writeResult(plan: Plan, kind: ResultKind, writer: ExpressionWriter): void {
  const { code } = writer;
  if (kind === 'cell') {
    writer.push(plan);
    return;
  }
  if (kind === 'condition') {
    // The cells of false, true and the error follow each other.
    writer.pushTruth(plan);
    code.i32(writer.falsity);
    code.op('i32.sub');
    code.i32(Math.log2(cellSize));
    code.op('i32.shr_u');
    return;
  }
  const value = code.local('i32');
  writer.push(plan);
  code.tee(value);
  code.aligned('i32.load');
  code.i32(tags.STRING);
  code.op('i32.eq');
  code.if('i64');
  code.get(value);
  code.aligned('i64.load32_u', 8);
  code.get(value);
  code.aligned('i64.load32_u', 4);
  code.i64(32n);
  code.op('i64.shl');
  code.op('i64.or');
  code.else();
  code.i64(-1n);
  code.end();
}
