import type { CelType } from './types.ts';

/** Whether a type has parameters, which stand for other types. */
export function isGeneric(type: CelType): boolean {
  switch (type.kind) {
    case 'parameter':
      return true;
    case 'list':
      return isGeneric(type.element);
    case 'map':
      return isGeneric(type.key) || isGeneric(type.value);
    case 'type':
      return type.of !== undefined && isGeneric(type.of);
    case 'opaque':
      return type.parameters.some(isGeneric);
    default:
      return false;
  }
}

/** How many types a type is made of, counted no further than `most`. */
export function weight(type: CelType, most: number): number {
  switch (type.kind) {
    case 'list':
      return 1 + weight(type.element, most - 1);
    case 'type':
      return type.of === undefined ? 1 : 1 + weight(type.of, most - 1);
    case 'map': {
      const key = weight(type.key, most - 1);
      return 1 + key + (key > most ? 0 : weight(type.value, most - 1 - key));
    }
    case 'opaque': {
      let sum = 1;
      for (const each of type.parameters) if (sum <= most) sum += weight(each, most - sum);
      return sum;
    }
    default:
      return 1;
  }
}
