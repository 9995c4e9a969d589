import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { MapNode, YamlNode } from '../source/tree.ts';
import { kindOf } from './node-kind.ts';
import { replaceWith, shorten } from './scalars.ts';
import type { DecodeContext, Decoded, Description, Field, FieldDescription, Fields, Located, Shape } from './shape.ts';

export function required<T>(shape: Shape<T>, doc: string, example: string): Field<T, true> {
  return { shape, doc, required: true, example };
}

/** Required where the key `unless` is absent. */
export function requiredUnless<T>(unless: string, shape: Shape<T>, doc: string, example: string): Field<T, true> {
  return { shape, doc, required: true, unless, example };
}

export function optional<T>(shape: Shape<T>, doc: string, example: string): Field<T, false> {
  return { shape, doc, required: false, example };
}

/** The keys that an object may have and does not. */
function unusedOf(fields: Fields, { entries }: MapNode): readonly string[] {
  const written = new Set(entries.map(({ key }) => key.text));
  return Object.keys(fields).filter((known) => !written.has(known));
}

/** Of more keys than these a message lists none: it would fill the screen. */
const mostListedKeys = 16;

/** A map with known keys. An unknown key is an error with the nearest known one; a missing required one names it. */
export function object<F extends Fields>(fields: F): Shape<Decoded<F>> {
  const description: Record<string, FieldDescription> = {};
  for (const [name, field] of Object.entries(fields)) {
    description[name] = {
      description: field.shape.description,
      doc: field.doc,
      required: field.required,
      ...(field.unless === undefined ? {} : { unless: field.unless }),
      example: field.example,
    };
  }
  const byName = new Map(Object.entries(fields));
  const requiredFields = Object.entries(fields).filter(([, field]) => field.required);
  return {
    description: { kind: 'object', fields: description },
    decode(node, context) {
      const map = expectMap(node, context);
      if (map === undefined) return undefined;
      const decoded: Record<string, Located<unknown> | undefined> = {};
      // Of tens of thousands of objects few have a key that is none.
      let meant: Set<string> | undefined;
      let unused: readonly string[] | undefined;
      for (const entry of map.entries) {
        const name = entry.key.text;
        const field = byName.get(name);
        if (field === undefined) {
          unused ??= unusedOf(fields, map);
          const suggestion = nearest(name, unused) ?? nearest(name, Object.keys(fields));
          if (suggestion !== undefined) {
            meant ??= new Set();
            meant.add(suggestion);
          }
          context.diagnostics.push(
            report(
              'POL2001',
              entry.key.span,
              {
                key: shorten(name),
                known: Object.keys(fields)
                  .map((known) => `\`${known}\``)
                  .join(', '),
              },
              suggestion !== undefined && unused.includes(suggestion)
                ? replaceWith(entry.key, suggestion)
                : suggestion !== undefined
                  ? { help: `\`${suggestion}\` is here already: join the two` }
                  : Object.keys(fields).length > mostListedKeys
                    ? { help: 'remove it, or write one of the keys that exist here' }
                    : {},
            ),
          );
          continue;
        }
        const value = field.shape.decode(entry.value, context);
        if (value !== undefined)
          decoded[name] = { value, span: entry.value.span, key: entry.key.span, node: entry.value };
      }
      const isPresent = (name: string) => meant?.has(name) === true || map.entries.some(({ key }) => key.text === name);
      for (const [name, field] of requiredFields) {
        if (isPresent(name)) continue;
        if (field.unless === undefined || !isPresent(field.unless)) reportMissing(name, field, map, context);
      }
      return decoded as Decoded<F>;
    },
  };
}

function reportMissing(name: string, field: Field<unknown>, map: MapNode, context: DecodeContext): void {
  const removed = map.removed?.find(({ key }) => key.text === name);
  if (removed !== undefined) {
    const span = { ...removed.key.span, end: removed.value.span.end };
    const help = `leave the line out, or give it a value: \`${name}: ${field.example}\``;
    context.diagnostics.push(report('POL2002', span, { key: name, example: '' }, { label: '`null` removes it', help }));
    return;
  }
  const first = map.entries[0];
  const line = `${name}: ${field.example}`;
  const at = first?.key.span ?? map.span;
  const insertion = first === undefined || map.flow ? [] : [{ span: { ...at, end: at.start }, newText: `${line}\n` }];
  context.diagnostics.push(
    report(
      'POL2002',
      at,
      { key: name, example: line },
      // Only at the start of a line can the new one go before the first key without knowing the indentation.
      map.span.start === 0 && insertion.length > 0
        ? { fixes: [{ title: `add \`${line}\``, certain: false, edits: insertion }] }
        : {},
    ),
  );
}

export function list<T>(item: Shape<T>): Shape<readonly Located<T>[]> {
  return {
    description: { kind: 'list', item: item.description },
    decode(node, context) {
      if (node.kind !== 'sequence') {
        if (node.kind === 'scalar' && node.style === 'missing') {
          context.diagnostics.push(report('POL2005', node.span, { expected: 'a list' }));
          return undefined;
        }
        const wrapped = node.kind === 'scalar' ? `[${node.text}]` : undefined;
        context.diagnostics.push(
          report(
            'POL2004',
            node.span,
            { expected: 'a list', found: kindOf(node) },
            node.kind === 'scalar' && node.style === 'plain' && node.value !== null
              ? {
                  help: `write a list of one: \`${shorten(wrapped!)}\``,
                  fixes: [{ title: 'make it a list', certain: true, edits: [{ span: node.span, newText: wrapped! }] }],
                }
              : {},
          ),
        );
        return undefined;
      }
      const items: Located<T>[] = [];
      for (const child of node.items) {
        const value = item.decode(child, context);
        if (value !== undefined) items.push({ value, span: child.span, node: child });
      }
      return items;
    },
  };
}

/** A list for which `null` stands too, as the JSON of Go programs has it: it is empty. */
export function listOrNull<T>(item: Shape<T>): Shape<readonly Located<T>[]> {
  const shape = list(item);
  return {
    description: shape.description,
    decode: (node, context) =>
      node.kind === 'scalar' && node.value === null && node.style === 'plain' ? [] : shape.decode(node, context),
  };
}

export interface MappingEntry<K, V> {
  readonly key: Located<K>;
  readonly value: Located<V>;
}

/** A map whose keys are data: hooks, resource limits. */
export function mapping<K, V>(keys: Shape<K>, values: Shape<V>): Shape<readonly MappingEntry<K, V>[]> {
  return {
    description: { kind: 'mapping', keys: keys.description, values: values.description },
    decode(node, context) {
      const map = expectMap(node, context, () => exampleEntry(keys.description, values.description, node));
      if (map === undefined) return undefined;
      const decoded: MappingEntry<K, V>[] = [];
      for (const entry of map.entries) {
        const key = keys.decode(entry.key, context);
        const value = values.decode(entry.value, context);
        if (key === undefined || value === undefined) continue;
        decoded.push({
          key: { value: key, span: entry.key.span, node: entry.key },
          value: { value, span: entry.value.span, key: entry.key.span, node: entry.value },
        });
      }
      return decoded;
    },
  };
}

/** Alternatives that the kind of the YAML node tells apart: a scalar or a list or a map. */
export function oneOf<A, B>(scalar: Shape<A>, collection: Shape<B>): Shape<A | B> {
  return {
    description: { kind: 'one-of', alternatives: [scalar.description, collection.description] },
    decode(node: YamlNode, context: DecodeContext): A | B | undefined {
      return node.kind === 'scalar' ? scalar.decode(node, context) : collection.decode(node, context);
    },
  };
}

/** A map of one entry where both of it are names: with the key that was written alone, or else the first. */
function exampleEntry(keys: Description, values: Description, node: YamlNode): string | undefined {
  if (keys.kind !== 'enumeration' || values.kind !== 'enumeration') return undefined;
  const known = keys.values();
  const key = known.find(({ name }) => node.kind === 'scalar' && name === node.text) ?? known[0];
  const [value] = values.values();
  return key === undefined || value === undefined ? undefined : `{ ${key.name}: ${value.name} }`;
}

/** @param example such a map, where one is known */
function expectMap(
  node: YamlNode,
  context: DecodeContext,
  example: () => string | undefined = () => undefined,
): MapNode | undefined {
  if (node.kind === 'map') return node;
  const such = example();
  const options = such === undefined ? {} : { help: `write a map here: \`${such}\`` };
  context.diagnostics.push(
    node.kind === 'scalar' && node.style === 'missing'
      ? report('POL2005', node.span, { expected: 'a map' }, options)
      : report('POL2004', node.span, { expected: 'a map', found: kindOf(node) }, options),
  );
  return undefined;
}

/** The fields of an object's description, or of the object inside a list or an alternative. */
export function fieldsOf(description: Description): Readonly<Record<string, FieldDescription>> | undefined {
  switch (description.kind) {
    case 'object':
      return description.fields;
    case 'one-of':
      return description.alternatives.map(fieldsOf).find((fields) => fields !== undefined);
    default:
      return undefined;
  }
}
