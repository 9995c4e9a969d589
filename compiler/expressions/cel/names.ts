import type { Expression } from '../../../grammars/cel/syntax-tree.ts';
import { candidateNames, type Environment } from './environment.ts';
import { type CelType, namedTypes, typeOf } from './types.ts';

/** `a.b.c` as one name, or undefined where the expression is none. */
export function qualifiedName(expression: Expression): { readonly name: string; readonly rooted: boolean } | undefined {
  const fields: string[] = [];
  let each = expression;
  while (each.kind === 'select' && !each.optional) {
    fields.push(each.field);
    each = each.operand;
  }
  if (each.kind !== 'identifier') return undefined;
  return { name: [each.name, ...fields.reverse()].join('.'), rooted: each.rooted };
}

/** The first part of a qualified name that is not rooted: what a macro's variable would hide. */
export function firstName(expression: Expression): string | undefined {
  let each = expression;
  while (each.kind === 'select') each = each.operand;
  return each.kind === 'identifier' && !each.rooted ? each.name : undefined;
}

export type Named =
  | { readonly kind: 'variable'; readonly name: string; readonly type: CelType }
  /** The name of a type: `int`. */
  | { readonly kind: 'type'; readonly name: string; readonly type: CelType };

/** What a name means in an environment: a variable of the innermost name space that has it, or a type. */
export function lookUp(environment: Environment, name: string, rooted: boolean): Named | undefined {
  for (const candidate of candidateNames(name, rooted ? '' : environment.container)) {
    const variable = environment.variables.get(candidate);
    if (variable !== undefined) return { kind: 'variable', name: candidate, type: variable };
    if (Object.hasOwn(namedTypes, candidate)) {
      const named = namedTypes[candidate]!;
      return { kind: 'type', name: candidate, type: typeOf(named) };
    }
  }
  return undefined;
}

/** The function that a call names; `member` where the target is an argument and no name space. */
export function calledFunction(
  environment: Environment,
  call: Expression & { kind: 'call' },
  isLocal: (name: string) => boolean,
) {
  const { target, name } = call;
  const space = target === undefined ? undefined : qualifiedName(target);
  if (target === undefined || (space !== undefined && !isLocal(space.name.split('.', 1)[0]!))) {
    const whole = space === undefined ? name : `${space.name}.${name}`;
    const rooted = space === undefined ? call.rooted : space.rooted;
    for (const candidate of candidateNames(whole, rooted ? '' : environment.container)) {
      const found = environment.functions.get(candidate);
      if (found?.overloads.some(({ member }) => !member)) return { function: found, member: false };
    }
    if (target === undefined) return undefined;
  }
  const found = environment.functions.get(name);
  return found?.overloads.some(({ member }) => member) ? { function: found, member: true } : undefined;
}
