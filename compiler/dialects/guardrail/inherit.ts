import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import type { SourceText } from '../../source/text.ts';
import type { MapEntry, MapNode, YamlNode } from '../../source/tree.ts';
import type { Loader } from '../loader.ts';
import { baseFile } from './shape.ts';

/** A policy with all that it extends put in. Every node keeps the span of the file in which it was written. */
export interface Inherited {
  readonly root: YamlNode;
  /** Texts by path, and for each base what a message says of it: `extends base.yaml`. */
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly bases: ReadonlyMap<string, string>;
  /** False where a base could not be read: what it says is not known. */
  readonly whole: boolean;
}

/**
 * Follows `extends`. Maps are joined key by key; any other value replaces that of the base, and `null` removes it. So
 * does `null` without a base: it is the same as no value.
 */
export function inherit(root: YamlNode, loader: Loader, diagnostics: Diagnostic[]): Inherited {
  const sources = new Map([[loader.source.path, loader.source]]);
  const bases = new Map<string, string>();
  let whole = true;

  function flatten(node: YamlNode, current: Loader): YamlNode {
    if (node.kind !== 'map') return node;
    const reference = node.entries.find(({ key }) => key.text === 'extends');
    const overrides = node.entries.find(({ key }) => key.text === 'overrides');
    if (reference === undefined) {
      if (overrides === undefined) return withoutNulls(node);
      diagnostics.push(report('POL5051', overrides.key.span, {}));
      return withoutNulls({ ...node, entries: node.entries.filter((entry) => entry !== overrides) });
    }
    const own: MapNode = {
      ...node,
      // It stands nowhere as it is, so that nothing can be inserted before its first key.
      flow: true,
      entries: node.entries.filter((entry) => entry !== reference && entry !== overrides),
    };
    const differences = overrides === undefined ? own : joined(own, asMap(overrides, diagnostics), written);
    const base = load(reference, current);
    return withoutNulls(base === undefined ? differences : joined(base, differences));
  }

  function load({ value }: MapEntry, current: Loader): MapNode | undefined {
    const path = baseFile.decode(value, { diagnostics });
    const loaded = path === undefined ? undefined : current.loadPolicy(path, value.span, diagnostics);
    if (loaded?.root === undefined) {
      whole = false;
      return undefined;
    }
    sources.set(loaded.source.path, loaded.source);
    bases.set(loaded.source.path, `extends ${path}`);
    const flat = flatten(loaded.root, current.inside(loaded));
    if (flat.kind === 'map') return flat;
    diagnostics.push(report('POL2004', flat.span, { expected: 'a map', found: 'something else' }));
    whole = false;
    return undefined;
  }

  function written(first: MapEntry, second: MapEntry): void {
    diagnostics.push(
      report(
        'POL5052',
        second.key.span,
        { key: second.key.text },
        { related: [{ span: first.key.span, label: 'written here too' }] },
      ),
    );
  }

  return { root: flatten(root, loader), sources, bases, whole };
}

function asMap({ value }: MapEntry, diagnostics: Diagnostic[]): MapNode {
  if (value.kind === 'map') return value;
  if (value.kind === 'scalar' && value.style === 'missing') {
    diagnostics.push(report('POL2005', value.span, { expected: 'a map' }));
  } else {
    diagnostics.push(report('POL2004', value.span, { expected: 'a map', found: 'another kind of value' }));
  }
  return { kind: 'map', span: value.span, entries: [], flow: true };
}

/** @param replaced told of each value that is no map and stands in both */
function joined(base: MapNode, over: MapNode, replaced?: (first: MapEntry, second: MapEntry) => void): MapNode {
  const entries = over.entries.map((entry): MapEntry => {
    const below = base.entries.find(({ key }) => key.text === entry.key.text);
    if (below === undefined) return entry;
    if (below.value.kind === 'map' && entry.value.kind === 'map') {
      return { ...entry, value: joined(below.value, entry.value, replaced) };
    }
    replaced?.(below, entry);
    return entry;
  });
  const names = new Set(over.entries.map(({ key }) => key.text));
  return { ...over, flow: true, entries: [...entries, ...base.entries.filter(({ key }) => !names.has(key.text))] };
}

/** The same node where there is nothing to remove. */
function withoutNulls(node: YamlNode): YamlNode {
  switch (node.kind) {
    case 'scalar':
      return node;
    case 'sequence': {
      const items = node.items.map(withoutNulls);
      return items.every((item, at) => item === node.items[at]) ? node : { ...node, items };
    }
    case 'map': {
      const entries = node.entries.flatMap((entry): readonly MapEntry[] => {
        if (isNull(entry.value)) return [];
        const value = withoutNulls(entry.value);
        return [value === entry.value ? entry : { ...entry, value }];
      });
      const removed = node.entries.filter(({ value }) => isNull(value));
      const same = entries.length === node.entries.length && entries.every((entry, at) => entry === node.entries[at]);
      return same ? node : { ...node, entries, ...(removed.length === 0 ? {} : { removed }) };
    }
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}

/** `null` or `~`. A key with nothing after it is a slip, and is reported as one. */
function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.style !== 'missing';
}
