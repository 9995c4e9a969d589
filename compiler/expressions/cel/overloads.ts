import type { Overload } from './environment.ts';
import { isGeneric } from './type-size.ts';
import { type CelType, dyn, formatType, listOf, mapOf, typeOf } from './types.ts';
import { isAnything, type Substitution } from './unify.ts';

/**
 * The result of the overloads that take such values: `dyn` where they differ in it, undefined where none takes them. As
 * cel-go's resolveOverload.
 */
export function resolveOverload(
  overloads: readonly Overload[],
  types: readonly CelType[],
  substitution: Substitution,
): CelType | undefined {
  let result: CelType | undefined;
  for (const overload of overloads) {
    if (overload.parameters.length !== types.length) continue;
    const { parameters, result: declared } = instanceOf(overload, substitution);
    if (!substitution.assignAll(types, parameters)) continue;
    const found = substitution.resolve(declared);
    if (result === undefined) result = found;
    else if (!isAnything(result) && formatType(found) !== formatType(result)) result = dyn;
  }
  return result;
}

/** The places of the operands each of which alone stands in the way of all overloads; of two it is how they meet. */
export function guiltyOperands(
  overloads: readonly Overload[],
  types: readonly CelType[],
  substitution: Substitution,
): readonly number[] {
  return types.flatMap((_, position) => {
    const others = types.map((type, other) => (other === position ? dyn : type));
    return overloads.some(
      (overload) =>
        overload.parameters.length === types.length &&
        substitution.assignAll(others, instanceOf(overload, substitution).parameters),
    )
      ? [position]
      : [];
  });
}

/** What the overloads take, as help of a message. */
export function signaturesOf(overloads: readonly Overload[]): { readonly help?: string } {
  const shown = overloads.slice(0, 4).map(({ parameters }) => `\`${parameters.map(formatType).join(', ')}\``);
  if (shown.length === 0) return {};
  return { help: `it takes ${shown.join(' or ')}${overloads.length > 4 ? ', and others' : ''}` };
}

/** The overload with variables of its own for its type parameters. */
function instanceOf(overload: Overload, substitution: Substitution): Pick<Overload, 'parameters' | 'result'> {
  if (!overload.parameters.some(isGeneric) && !isGeneric(overload.result)) return overload;
  const fresh = new Map<string, CelType>();
  const replace = (type: CelType): CelType => {
    switch (type.kind) {
      case 'parameter': {
        const known = fresh.get(type.name) ?? substitution.fresh();
        fresh.set(type.name, known);
        return known;
      }
      case 'list':
        return listOf(replace(type.element));
      case 'map':
        return mapOf(replace(type.key), replace(type.value));
      case 'type':
        return type.of === undefined ? type : typeOf(replace(type.of));
      case 'opaque':
        return { ...type, parameters: type.parameters.map(replace) };
      default:
        return type;
    }
  };
  return { parameters: overload.parameters.map(replace), result: replace(overload.result) };
}
