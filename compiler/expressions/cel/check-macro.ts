import type { Expression, Range } from '../../../grammars/cel/syntax-tree.ts';
import type { Checking } from './checking.ts';
import type { Loop, Macro } from './macros.ts';
import { binaryOperators } from './operators.ts';
import { resolveOverload } from './overloads.ts';
import { bool, type CelType, dyn, int, listOf, mapOf, optionalOf, optionalValue } from './types.ts';
import { isAnything } from './unify.ts';

type Check = (expression: Expression) => CelType;

/** The type of a macro's call. */
export function checkMacro(macro: Macro, known: Checking, check: Check): CelType {
  switch (macro.kind) {
    case 'wrong':
      return known.wrong({
        code: 'POL4084',
        range: macro.range,
        holes: {
          name: macro.name,
          wants: { name: 'a plain name', field: 'a field: `a.b`', 'other name': 'two different names' }[macro.wants],
        },
      });
    case 'variadic':
      return check(macro.call);
    case 'has': {
      const { select } = macro;
      if (select.kind !== 'select') return bool;
      const operandType = known.substitution.resolve(check(macro.operand));
      const field = known.field(optionalValue(operandType) ?? operandType, macro.field, select.fieldRange);
      known.note(select, field);
      return bool;
    }
    case 'loop':
      return checkLoop(macro, known, check);
    case 'bind': {
      const type = check(macro.value);
      return known.within([{ name: macro.variable.name, type }], () => check(macro.body));
    }
    case 'optional': {
      const type = known.substitution.resolve(check(macro.operand));
      const inner = optionalValue(type) ?? (isAnything(type) ? dyn : undefined);
      if (inner === undefined) {
        known.wrong({ code: 'POL4085', range: macro.operand.range, holes: { type: known.print(type) } });
      }
      const body = known.within([{ name: macro.variable.name, type: inner ?? dyn }], () => check(macro.body));
      const wanted = macro.flat ? optionalOf(known.substitution.fresh()) : body;
      if (!macro.flat) return optionalOf(body);
      if (known.substitution.assign(body, wanted)) return known.substitution.resolve(wanted);
      return known.wrong({ code: 'POL4085', range: macro.body.range, holes: { type: known.print(body) } });
    }
  }
}

/** As cel-go checks the loop that it makes of the macro. */
function checkLoop({ form, over, variables, filter, body }: Loop, known: Checking, check: Check): CelType {
  const range = known.substitution.resolve(check(over));
  const [first, second] = elementsOf(range, over.range, known);
  const [one, other] = variables;
  const locals =
    other === undefined
      ? [{ name: one.name, type: first }]
      : [
          { name: one.name, type: range.kind === 'list' ? int : first },
          { name: other.name, type: range.kind === 'list' ? first : second },
        ];
  const collected = known.substitution.fresh();
  return known.within(locals, () => {
    if (filter !== undefined) known.condition(check(filter), filter.range);
    switch (form) {
      case 'all':
      case 'exists':
      case 'existsOne':
        known.condition(check(body!), body!.range);
        return bool;
      case 'list': {
        const element = body === undefined ? locals[0]!.type : check(body);
        const types = [listOf(collected), listOf(element)];
        return resolveOverload(binaryOperators['+'].overloads, types, known.substitution) ?? listOf(dyn);
      }
      case 'map':
        return known.substitution.resolve(mapOf(locals[0]!.type, check(body!)));
      case 'entries': {
        const entries = check(body!);
        const wanted = mapOf(known.substitution.fresh(), known.substitution.fresh());
        if (known.substitution.assign(entries, wanted)) return known.substitution.resolve(wanted);
        const holes = { name: 'transformMapEntry', wants: 'a map' };
        return known.wrong({ code: 'POL4084', range: body!.range, holes });
      }
    }
  });
}

/** The types of elements, or of keys and values. */
function elementsOf(over: CelType, range: Range, known: Checking): readonly [CelType, CelType] {
  switch (over.kind) {
    case 'list':
      return [over.element, over.element];
    case 'map':
      return [over.key, over.value];
    case 'object':
      return [{ kind: 'string' }, dyn];
    case 'parameter':
      known.substitution.assign(dyn, over);
      return [dyn, dyn];
    default:
      if (!isAnything(over)) known.wrong({ code: 'POL4089', range, holes: { type: known.print(over) } });
      return [dyn, dyn];
  }
}
