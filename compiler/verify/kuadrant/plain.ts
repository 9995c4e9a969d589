import type { YamlNode } from '../../source/tree.ts';
import { differ } from './difference.ts';

export type Plain = string | number | bigint | boolean | null | readonly Plain[] | PlainMap;

export interface PlainMap {
  readonly [key: string]: Plain;
}

export function plainOf(node: YamlNode): Plain {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(plainOf);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, plainOf(value)]));
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}

/** A map with no other keys than these: what a reader does not know could change what the rest means. */
export function mapOf(value: Plain | undefined, place: string, keys?: readonly string[]): PlainMap {
  if (typeof value !== 'object' || value === null || isList(value)) return differ(`${place} is no map`);
  const unknown = keys === undefined ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) return differ(`${place} has the unknown field ${unknown}`);
  return value;
}

export function listOf(value: Plain | undefined, place: string): readonly Plain[] {
  if (value === undefined) return [];
  return isList(value) ? value : differ(`${place} is no list`);
}

export function textOf(value: Plain | undefined, place: string): string {
  return typeof value === 'string' ? value : differ(`${place} is no text`);
}

/** A map whose values are texts. */
export function textsOf(value: Plain | undefined, place: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mapOf(value, place)).map(([key, each]) => [key, textOf(each, `${place}.${key}`)]),
  );
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
