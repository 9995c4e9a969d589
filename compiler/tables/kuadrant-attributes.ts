import { attributes, functions } from './kuadrant-attributes.generated.ts';

/** The type of an attribute; `map` is one from texts to texts, `object` one from texts to anything. */
export type WellKnownType = 'string' | 'int' | 'uint' | 'bool' | 'bytes' | 'timestamp' | 'dyn' | 'map' | 'object';

/** Who evaluates expressions: the authoriser, or the filter in the gateway. */
export type Component = 'authoriser' | 'filter';

export interface WellKnownAttribute {
  readonly path: string;
  readonly type: WellKnownType;
  readonly authoriser: boolean;
  /** `exported`: only what an AuthPolicy exports. `rejected`: the filter has it, and the operator refuses it. */
  readonly filter: boolean | 'exported' | 'rejected';
}

const types: Readonly<Record<string, WellKnownType>> = {
  s: 'string',
  i: 'int',
  u: 'uint',
  b: 'bool',
  y: 'bytes',
  d: 'dyn',
  t: 'timestamp',
  ms: 'map',
  md: 'object',
};

let decodedAttributes: readonly WellKnownAttribute[] | undefined;

/** The attributes that expressions may name, by dotted path. Each line of the table: path, type, who has it. */
export function wellKnownAttributes(): readonly WellKnownAttribute[] {
  decodedAttributes ??= attributes
    .trim()
    .split('\n')
    .map((line) => {
      const [path = '', type = '', places = ''] = line.split(':');
      return {
        path,
        type: types[type] ?? 'dyn',
        authoriser: places.includes('a'),
        filter: places.includes('x') ? 'rejected' : places.includes('e') ? 'exported' : places.includes('g'),
      };
    });
  return decodedAttributes;
}

/** Functions that a component has. The filter has one where the operator's validator and the filter itself know it. */
export function knowsFunction(component: Component, name: string): boolean | undefined {
  const line = functions.split('\n').find((each) => each.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const places = line.slice(name.length + 1);
  return component === 'authoriser' ? places.includes('a') : places.includes('o') && places.includes('g');
}
