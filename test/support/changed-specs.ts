import fc from 'fast-check';
import type { Json } from './kubernetes/json.ts';

/** Every path to a value below `spec`. */
function pathsIn(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => pathsIn(item, [...path, index]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name]))
      : [];
  return [path, ...below];
}

/** Names that the schemas know, so that a key moves to places where it is wrong, and where it is right. */
const names = [
  'limits',
  'rates',
  'when',
  'defaults',
  'overrides',
  'strategy',
  'rules',
  'authentication',
  'patterns',
  'limit',
  'window',
  'predicate',
  'name',
  'kind',
  'sectionName',
  'jwksUrl',
  'userInfoUrl',
  'xfccHeader',
  'expression',
  'response',
  'code',
  'tier',
  'custom',
  'value',
  'x',
];
const scalar = fc.constantFrom<Json>(
  '',
  'x',
  'Gateway',
  'merge',
  'gateway.networking.k8s.io',
  '1m',
  '1h30m',
  '1d',
  '500ms',
  'A_b',
  'true',
  1,
  -1,
  1.5,
  300,
  700,
  true,
  null,
  [],
  {},
);

/** Changes one place of a document: a key renamed, removed or added, or a value replaced. */
function mutate(document: Json, where: number, how: number, name: string, value: Json): Json {
  const copy: Json = JSON.parse(JSON.stringify(document));
  const paths = pathsIn(copy).slice(1);
  const path = paths[where % paths.length]!;
  let around: Json = copy;
  for (const step of path.slice(0, -1)) around = child(around, step);
  const last = path.at(-1)!;
  if (Array.isArray(around) && typeof last === 'number') {
    if (how === 1) around.splice(last, 1);
    else around[last] = value;
  } else if (typeof around === 'object' && around !== null && !Array.isArray(around) && typeof last === 'string') {
    const old = around[last]!;
    if (how <= 1) delete around[last];
    if (how === 0) around[name] = old;
    if (how === 2) around[last] = value;
    if (how === 3) around[name] = value;
  }
  return copy;
}

function child(value: Json, step: string | number): Json {
  if (Array.isArray(value) && typeof step === 'number') return value[step]!;
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && typeof step === 'string')
    return value[step]!;
  throw new Error('no such path');
}

/** One or two changes of a policy's spec, most of which make it wrong. */
export const specChanges = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.constantFrom(...names), scalar), {
  minLength: 1,
  maxLength: 2,
});

/** The spec with the changes made one after the other. */
export function changedSpec(
  spec: Json,
  changes: readonly (readonly [where: number, how: number, name: string, value: Json])[],
): Json {
  return changes.reduce<Json>((each, change) => mutate(each, ...change), spec);
}
