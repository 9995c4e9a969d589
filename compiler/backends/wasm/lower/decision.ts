import type { Decision } from '../../../ir/policy.ts';
import type { Code } from '../binary/code.ts';
import { resultOf } from '../result.ts';
import { type ModuleContext, Operands } from './operands.ts';
import { lowerPredicate } from './predicate.ts';

/** Writes the body of the function that decides about one record, as `decide` in ir/evaluate.ts. */
export function lowerDecision(decision: Decision, context: ModuleContext, code: Code): void {
  const operands = new Operands(context, code);
  const { rules, combine, otherwise } = decision;
  const unknownRule = code.local('i32');
  const allowed = code.local('i32');
  operands.begin();
  for (const [index, { id, when, effect }] of rules.entries()) {
    code.mark(id);
    const next = code.block();
    const unknown = code.block();
    lowerPredicate(when, operands, { whenTrue: undefined, whenFalse: next, whenUnknown: unknown });
    if (combine === 'deny-overrides' && effect.kind === 'allow') {
      setOnce(code, allowed, resultOf(effect, index));
      code.branch(next);
    } else {
      code.i32(resultOf(effect, index));
      code.return();
    }
    code.end();
    if (combine === 'first-match') {
      code.i32(resultOf(undefined, index));
      code.return();
    } else {
      setOnce(code, unknownRule, index + 1);
    }
    code.end();
  }
  code.mark(otherwise.id);
  const last = resultOf(otherwise.effect, rules.length);
  if (combine === 'first-match') {
    code.i32(last);
    return;
  }
  // An unknown rule leaves the decision open: a denial might hold, or the one permission.
  code.get(unknownRule);
  code.if();
  code.get(unknownRule);
  code.i32(1);
  code.op('i32.sub');
  code.i32(4);
  code.op('i32.shl');
  code.return();
  code.end();
  if (combine === 'union-of-allows') {
    code.i32(last);
    return;
  }
  code.get(allowed);
  code.i32(last);
  code.get(allowed);
  code.op('select');
}

/** The first value stays. */
function setOnce(code: Code, local: number, value: number): void {
  code.get(local);
  code.i32(value);
  code.get(local);
  code.op('select');
  code.set(local);
}
