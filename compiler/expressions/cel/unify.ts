import { type CelType, dyn } from './types.ts';

/**
 * Which types the checker's variables stand for, as cel-go's checker deduces them (checker/types.go): the most general
 * of the types that met. A trial that fails leaves no trace.
 */
export class Substitution {
  readonly #bound = new Map<string, CelType>();
  /** What to put back where a trial fails. */
  readonly #trail: { readonly name: string; readonly before: CelType | undefined }[] = [];
  #next = 0;

  fresh(): CelType {
    this.#next++;
    return { kind: 'parameter', name: `_var${this.#next - 1}` };
  }

  /** True where a value of `from` may stand where `to` is wanted; what that says of variables is kept. */
  assign(from: CelType, to: CelType): boolean {
    return this.assignAll([from], [to]);
  }

  assignAll(from: readonly CelType[], to: readonly CelType[]): boolean {
    if (from.length !== to.length) return false;
    const mark = this.#trail.length;
    if (from.every((type, index) => this.#assignable(type, to[index]!))) return true;
    while (this.#trail.length > mark) {
      const { name, before } = this.#trail.pop()!;
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
    return false;
  }

  #bind(name: string, type: CelType): void {
    this.#trail.push({ name, before: this.#bound.get(name) });
    this.#bound.set(name, type);
  }

  /** The type with what is known of its variables put in; with `total`, `dyn` for those of which nothing is. */
  resolve(type: CelType, total = false): CelType {
    switch (type.kind) {
      case 'parameter': {
        const bound = this.#bound.get(type.name);
        if (bound !== undefined) return this.resolve(bound, total);
        return total ? dyn : type;
      }
      case 'list':
        return { kind: 'list', element: this.resolve(type.element, total) };
      case 'map':
        return { kind: 'map', key: this.resolve(type.key, total), value: this.resolve(type.value, total) };
      case 'type':
        return type.of === undefined ? type : { kind: 'type', of: this.resolve(type.of, total) };
      case 'opaque':
        return { ...type, parameters: type.parameters.map((each) => this.resolve(each, total)) };
      default:
        return type;
    }
  }

  #assignable(from: CelType, to: CelType): boolean {
    if (to.kind === 'parameter') {
      const { valid, bound } = this.#substitutes(from, to);
      if (valid) return true;
      if (bound) return false;
    }
    if (from.kind === 'parameter') return this.#substitutes(to, from).valid;
    if (isAnything(from) || isAnything(to)) return true;
    if (from.kind === 'null') return isNullable(to);
    if (to.kind === 'null') return isNullable(from);
    switch (from.kind) {
      case 'type':
        return to.kind === 'type';
      case 'list':
        return to.kind === 'list' && this.#assignable(from.element, to.element);
      case 'map':
        if (to.kind === 'object') return false;
        return to.kind === 'map' && this.#assignable(from.key, to.key) && this.#assignable(from.value, to.value);
      case 'opaque':
        return (
          to.kind === 'opaque' &&
          from.name === to.name &&
          from.parameters.length === to.parameters.length &&
          from.parameters.every((each, index) => this.#assignable(each, to.parameters[index]!))
        );
      case 'object':
        // An object is a map with string keys to whoever takes any map.
        if (to.kind === 'map') return this.#assignable({ kind: 'string' }, to.key) && this.#assignable(dyn, to.value);
        return to.kind === 'object' && to.name === from.name;
      default: {
        const inner = from.kind === 'wrapper' ? from.of : from;
        const outer = to.kind === 'wrapper' ? to.of : to;
        return inner.kind === outer.kind;
      }
    }
  }

  #substitutes(type: CelType, variable: CelType & { kind: 'parameter' }): { valid: boolean; bound: boolean } {
    if (sameType(type, variable)) return { valid: true, bound: true };
    const bound = this.#bound.get(variable.name);
    if (bound !== undefined) {
      if (sameType(type, bound)) return { valid: true, bound: true };
      if (!this.#assignable(type, bound)) return { valid: false, bound: true };
      const general = mostGeneral(type, bound);
      if (!this.#mentions(general, variable.name)) this.#bind(variable.name, general);
      return { valid: true, bound: true };
    }
    if (this.#mentions(type, variable.name)) return { valid: false, bound: false };
    this.#bind(variable.name, type);
    return { valid: true, bound: false };
  }

  #mentions(type: CelType, variable: string): boolean {
    switch (type.kind) {
      case 'parameter': {
        if (type.name === variable) return true;
        const bound = this.#bound.get(type.name);
        return bound !== undefined && this.#mentions(bound, variable);
      }
      case 'list':
        return this.#mentions(type.element, variable);
      case 'map':
        return this.#mentions(type.key, variable) || this.#mentions(type.value, variable);
      case 'type':
        return type.of !== undefined && this.#mentions(type.of, variable);
      case 'opaque':
        return type.parameters.some((each) => this.#mentions(each, variable));
      default:
        return false;
    }
  }
}

export function isAnything(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error' || type.kind === 'any';
}

function isNullable({ kind }: CelType): boolean {
  switch (kind) {
    case 'null':
    case 'wrapper':
    case 'object':
    case 'opaque':
    case 'timestamp':
    case 'duration':
    case 'any':
      return true;
    default:
      return false;
  }
}

/** The one of two assignable types that says less. */
export function mostGeneral(left: CelType, right: CelType): CelType {
  return saysNoMore(left, right) ? left : right;
}

function saysNoMore(left: CelType, right: CelType): boolean {
  if (isAnything(left) || left.kind === 'parameter') return true;
  if (isAnything(right) || right.kind === 'parameter') return false;
  switch (left.kind) {
    case 'list':
      return right.kind === 'list' && saysNoMore(left.element, right.element);
    case 'map':
      return right.kind === 'map' && saysNoMore(left.key, right.key) && saysNoMore(left.value, right.value);
    case 'opaque':
      return (
        right.kind === 'opaque' &&
        left.name === right.name &&
        left.parameters.length === right.parameters.length &&
        left.parameters.every((each, index) => saysNoMore(each, right.parameters[index]!))
      );
    case 'type':
      return right.kind === 'type';
    default:
      return sameType(left, right);
  }
}

function sameType(left: CelType, right: CelType): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case 'parameter':
      return right.kind === 'parameter' && left.name === right.name;
    case 'wrapper':
      return right.kind === 'wrapper' && sameType(left.of, right.of);
    case 'list':
      return right.kind === 'list' && sameType(left.element, right.element);
    case 'map':
      return right.kind === 'map' && sameType(left.key, right.key) && sameType(left.value, right.value);
    case 'object':
      return right.kind === 'object' && left.name === right.name;
    case 'type':
      return (
        right.kind === 'type' &&
        (left.of === undefined ? right.of === undefined : right.of !== undefined && sameType(left.of, right.of))
      );
    case 'opaque':
      return (
        right.kind === 'opaque' &&
        left.name === right.name &&
        left.parameters.length === right.parameters.length &&
        left.parameters.every((each, index) => sameType(each, right.parameters[index]!))
      );
    default:
      return left.kind === right.kind;
  }
}
