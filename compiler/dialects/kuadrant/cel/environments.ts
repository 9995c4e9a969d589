import {
  type CelFunction,
  type Environment,
  environmentOf,
  global,
  type Library,
  member,
} from '../../../expressions/cel/environment.ts';
import { optionalLibrary, standardLibrary, stringLibrary } from '../../../expressions/cel/libraries.ts';
import {
  bool,
  bytes,
  type CelType,
  dyn,
  int,
  listOf,
  mapOf,
  objectOf,
  string,
  timestamp,
  uint,
} from '../../../expressions/cel/types.ts';
import { CelError } from '../../../expressions/cel/value.ts';
import {
  type Component,
  knowsFunction,
  type WellKnownType,
  wellKnownAttributes,
} from '../../../tables/kuadrant-attributes.ts';

const celTypes: Readonly<Record<WellKnownType, CelType>> = {
  string,
  int,
  uint,
  bool,
  bytes,
  timestamp,
  dyn,
  map: mapOf(string, string),
  object: mapOf(string, dyn),
};

/** Functions that read a body know nothing of it before the request is there. */
function bodyFunction(name: string): CelFunction {
  return {
    name,
    overloads: [global([string], dyn)],
    call: () => new CelError(`${name} has a value in the gateway only`),
  };
}

/** cel-go's `format`, which the authoriser has. */
const format: CelFunction = {
  name: 'format',
  overloads: [member([string, listOf(dyn)], string)],
  call: () => new CelError('format is not evaluated here'),
};

const environments = new Map<Component, Environment>();

/** What an expression may name in the filter of the gateway, or in the authoriser. */
export function environmentFor(component: Component): Environment {
  const known = environments.get(component);
  if (known !== undefined) return known;
  const made = environmentOf({
    libraries: [...librariesOf(component)],
    variables: variablesOf(component),
    functions: component === 'filter' ? [bodyFunction('requestBodyJSON'), bodyFunction('responseBodyJSON')] : [format],
  });
  environments.set(component, made);
  return made;
}

function librariesOf(component: Component): readonly Library[] {
  const libraries = [standardLibrary, stringLibrary].map((library) => ({
    ...library,
    functions: library.functions.filter(({ name }) => knowsFunction(component, name) !== false),
  }));
  return component === 'filter' ? libraries : [...libraries, optionalLibrary];
}

type Tree = { [name: string]: Tree | CelType };

/** One variable for each root, an object with the fields that the component has. */
function variablesOf(component: Component): Readonly<Record<string, CelType>> {
  const roots: Tree = {};
  for (const { path, type, authoriser, filter } of wellKnownAttributes()) {
    // Of the request the authoriser is given all: upstream's samples read `request.url_path` there.
    const has =
      component === 'filter' ? filter === true || filter === 'exported' : authoriser || path.startsWith('request.');
    if (has) put(roots, path.split('.'), celTypes[type]);
  }
  return Object.fromEntries(Object.entries(roots).map(([name, tree]) => [name, typeOfTree(name, tree)]));
}

function put(tree: Tree, [first = '', ...rest]: readonly string[], type: CelType): void {
  if (rest.length === 0) tree[first] = type;
  else {
    const below = tree[first];
    const next: Tree = below === undefined || isType(below) ? {} : below;
    tree[first] = next;
    put(next, rest, type);
  }
}

function typeOfTree(name: string, tree: Tree | CelType): CelType {
  if (isType(tree)) return tree;
  return objectOf(
    name,
    Object.fromEntries(Object.entries(tree).map(([field, below]) => [field, typeOfTree(`${name}.${field}`, below)])),
  );
}

function isType(tree: Tree | CelType): tree is CelType {
  return typeof tree.kind === 'string';
}
