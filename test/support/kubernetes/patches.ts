import { ApiFailure, badRequest } from './failure.ts';
import { at, equal, isObject, type Json, type JsonObject } from './json.ts';
import { anything, fieldSchema, type Schema } from './schema.ts';

/** A merge patch, RFC 7396. */
export function mergePatch(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(value) ? { ...value } : {};
  for (const [name, each] of Object.entries(patch)) {
    if (each === null) delete result[name];
    else result[name] = mergePatch(result[name], each);
  }
  return result;
}

/** A JSON patch, RFC 6902: its operations in turn; one that fails refuses the whole. */
export function jsonPatch(value: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  let result: Json = structuredClone(value);
  for (const operation of patch) {
    const path = pointerOf(at(operation, 'path'));
    const from = pointerOf(at(operation, 'from') ?? '');
    const sent = at(operation, 'value') ?? null;
    switch (at(operation, 'op')) {
      case 'add':
        result = put(result, path, sent, 'add');
        break;
      case 'replace':
        result = put(result, path, sent, 'replace');
        break;
      case 'remove':
        result = put(result, path, undefined, 'replace');
        break;
      case 'copy':
        result = put(result, path, structuredClone(read(result, from)), 'add');
        break;
      case 'move': {
        const moved = read(result, from);
        result = put(put(result, from, undefined, 'replace'), path, moved, 'add');
        break;
      }
      case 'test':
        if (!equal(read(result, path), sent)) throw unprocessable(`testing value ${path.join('/')} failed`);
        break;
      default:
        throw badRequest('unexpected kind of operation in a JSON patch');
    }
  }
  return result;
}

function pointerOf(value: Json | undefined): readonly string[] {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/'))) throw badRequest('no JSON pointer');
  const parts = value.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function unprocessable(message: string): ApiFailure {
  return new ApiFailure(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);
}

function read(value: Json, path: readonly string[]): Json {
  let found: Json | undefined = value;
  for (const part of path) found = Array.isArray(found) ? found[Number(part)] : at(found, part);
  if (found === undefined) throw unprocessable(`no value at /${path.join('/')}`);
  return found;
}

/** @param value undefined to remove what is there */
function put(target: Json, path: readonly string[], value: Json | undefined, how: 'add' | 'replace'): Json {
  const [part, ...rest] = path;
  if (part === undefined) return value ?? null;
  if (rest.length === 0 && how === 'replace') read(target, [part]);
  if (Array.isArray(target)) {
    const index = part === '-' ? target.length : Number(part);
    const result = [...target];
    if (rest.length > 0) result[index] = put(read(target, [part]), rest, value, how);
    else if (value === undefined) result.splice(index, 1);
    else result.splice(index, how === 'add' ? 0 : 1, value);
    return result;
  }
  if (!isObject(target)) throw unprocessable(`no value at ${part}`);
  const result = { ...target };
  if (rest.length > 0) result[part] = put(read(target, [part]), rest, value, how);
  else if (value === undefined) delete result[part];
  else result[part] = value;
  return result;
}

/**
 * A strategic merge patch, as far as kubectl sends it: lists with keys merge item by item, sets are joined, with the
 * directives `$patch`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…` and `$retainKeys`.
 */
export function strategicPatch(value: Json | undefined, patch: Json, schema: Schema): Json {
  if (!isObject(patch)) return patch;
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  let result: JsonObject = isObject(value) ? { ...value } : {};
  const { $retainKeys: retained } = patch;
  if (Array.isArray(retained)) {
    result = Object.fromEntries(Object.entries(result).filter(([name]) => retained.includes(name)));
  }
  for (const [name, each] of Object.entries(patch)) {
    const dropped = /^\$deleteFromPrimitiveList\/(.+)$/.exec(name)?.[1];
    if (dropped !== undefined && Array.isArray(each)) {
      const list = result[dropped];
      if (Array.isArray(list)) result[dropped] = list.filter((item) => !each.some((other) => equal(item, other)));
    }
    if (name.startsWith('$')) continue;
    const field = fieldSchema(schema, name) ?? anything;
    if (each === null) delete result[name];
    else if (isObject(each) && each.$patch === 'delete') delete result[name];
    else if (Array.isArray(each)) result[name] = strategicList(result[name], each, field);
    else result[name] = strategicPatch(result[name], each, field);
  }
  return result;
}

function strategicList(value: Json | undefined, patch: readonly Json[], schema: Schema): Json[] {
  const { list, items = anything } = schema;
  if (list === undefined || !Array.isArray(value)) return patch.map(withoutDirectives);
  const result = [...value];
  if (list === 'set') {
    for (const item of patch) if (!result.some((other) => equal(item, other))) result.push(item);
    return result;
  }
  for (const item of patch) {
    const index = result.findIndex((other) => list.every((key) => equal(at(other, key), at(item, key))));
    if (at(item, '$patch') === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index >= 0) result[index] = strategicPatch(result[index], item, items);
    else result.push(withoutDirectives(item));
  }
  return result;
}

function withoutDirectives(value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('$')));
}
