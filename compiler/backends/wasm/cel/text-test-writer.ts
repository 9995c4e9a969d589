import { binaryOperators } from '../../../expressions/cel/operators.ts';
import type * as Plans from '../../../expressions/cel/plan-tree.ts';
import { encodeText } from '../binary/text.ts';
import { lookUp, textTable } from '../library/look-up.ts';
import { branchUnlessBytes } from '../lower/texts.ts';
import { routineOf } from './calls.ts';
import { tags } from './cells.ts';
import type { ExpressionWriter } from './expression-writer.ts';

type Call = Plans.Plan & { op: 'call' };

/** `x == 'text'` and `x.startsWith('text')`, where the bytes are compared in place. */
export function writeTextTest({ call, operands }: Call, writer: ExpressionWriter): boolean {
  const [left, right] = operands;
  if (left === undefined || right === undefined) return false;
  const routine = routineOf(call, operands.length);
  const negative = call === (binaryOperators['!='].call as Plans.Call);
  const equality = negative || routine === 'equals';
  if (!equality && routine !== 'startsWith' && routine !== 'endsWith') return false;
  const swapped = equality && left.op === 'constant';
  const [value, constant] = swapped ? [right, left] : [left, right];
  if (constant.op !== 'constant' || typeof constant.value !== 'string') return false;
  const { code } = writer;
  const text = encodeText(constant.value);
  const [at, result] = [code.local('i32'), code.local('i32')];
  writer.push(value);
  code.set(at);
  code.i32(writer.error);
  code.set(result);
  const done = code.block();
  const different = code.block();
  code.get(at);
  code.aligned('i32.load');
  code.i32(tags.STRING);
  code.op('i32.ne');
  code.if();
  if (equality) {
    code.get(at);
    code.aligned('i32.load');
    code.i32(tags.ERROR);
    code.op('i32.ne');
    code.branchIf(different);
  }
  code.branch(done);
  code.end();
  code.get(at);
  code.aligned('i32.load', 4);
  code.i32(text.length);
  code.op(equality ? 'i32.ne' : 'i32.lt_u');
  code.branchIf(different);
  code.get(at);
  code.aligned('i32.load', 8);
  if (routine === 'endsWith') {
    code.get(at);
    code.aligned('i32.load', 4);
    code.op('i32.add');
    code.i32(text.length);
    code.op('i32.sub');
  }
  code.set(at);
  branchUnlessBytes(code, at, 0, text, different);
  code.i32(negative ? writer.falsity : writer.truth);
  code.set(result);
  code.branch(done);
  code.end();
  code.i32(negative ? writer.truth : writer.falsity);
  code.set(result);
  code.end();
  code.get(result);
  return true;
}

/** `x.matches('pattern')`, by the automaton of the pattern. */
export function writeMatch(plan: Call, writer: ExpressionWriter): void {
  const { code } = writer;
  writer.push(plan.operands[0]!);
  const pattern = writer.cel.pattern(plan);
  if (pattern === undefined) {
    code.op('drop');
    code.i32(writer.error);
    return;
  }
  const { classes, table, ends, count, start, accepted, refused } = pattern;
  for (const each of [classes, table, ends, count, start, accepted, refused]) code.i32(each);
  writer.call('findPattern');
}

/** `x in ['a', 'b', 'c', 'd']`, by a table. */
export function writeMember({ operands, constant }: Call, writer: ExpressionWriter): void {
  const { code } = writer;
  const { module } = writer.cel;
  const { bytes, width, mask } = textTable(constant as readonly string[]);
  const at = code.local('i32');
  const result = code.local('i32');
  writer.push(operands[0]!);
  code.set(at);
  code.i32(writer.error);
  code.i32(writer.falsity);
  code.get(at);
  code.aligned('i32.load');
  code.i32(tags.ERROR);
  code.op('i32.eq');
  code.op('select');
  code.set(result);
  code.get(at);
  code.aligned('i32.load');
  code.i32(tags.STRING);
  code.op('i32.eq');
  code.if();
  code.get(at);
  code.aligned('i32.load', 8);
  code.get(at);
  code.aligned('i32.load', 4);
  code.i32(module.data.place(bytes, width));
  code.i32(mask);
  code.call(lookUp(module, width).index);
  code.if();
  code.i32(writer.truth);
  code.set(result);
  code.end();
  code.end();
  code.get(result);
}
