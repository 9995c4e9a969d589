import type { Dialect } from '../dialects/dialect.ts';
import { dialects } from '../dialects/index.ts';
import { recognise } from '../recognise.ts';
import type { ParsedDocument } from '../source/parse-yaml.ts';
import type { SourceText } from '../source/text.ts';
import type { MapEntry, MapNode, ScalarNode, YamlNode } from '../source/tree.ts';

/**
 * The dialect of a file that may be half written: as `recognise` finds it in the tree, or else by the keys that stand at
 * the left edge of the text, whether or not it can be read, or else what it was before.
 *
 * @param named the dialect that the configuration or the editor names
 * @param isPolicy whether the editor says that it is a policy: then a few keys are enough
 */
export function recogniseLoosely(
  source: SourceText,
  documents: readonly ParsedDocument[],
  named: string | undefined,
  before: Dialect | undefined,
  isPolicy: boolean,
): Dialect | undefined {
  const comments = documents[0]?.comments ?? [];
  const read = documents.find(({ root }) => root?.kind === 'map')?.root;
  const found = read === undefined ? undefined : recognise(source, read, comments, named, [], isPolicy || undefined);
  if (found !== undefined) return found;
  const edge = edgeKeys(source, read);
  const byEdge = recognise(source, edge, comments, named, [], isPolicy || undefined);
  if (byEdge !== undefined) return byEdge;
  // A file that was emptied may become anything.
  if (before !== undefined && source.text.trim() !== '') return before;
  return isPolicy ? likeliest(edge) : undefined;
}

/** The keys at the left edge as a map, with the values that could be read. */
function edgeKeys({ path, text, lineStarts }: SourceText, read: YamlNode | undefined): MapNode {
  const known = new Map(read?.kind === 'map' ? read.entries.map(({ key, value }) => [key.text, value]) : []);
  const entries: MapEntry[] = [];
  for (const start of lineStarts) {
    const code = text.charCodeAt(start) | 0x20;
    if (code < 0x61 || code > 0x7a) continue;
    const key = /^[A-Za-z_][\w-]*(?=\s*:(?:\s|$))/.exec(text.slice(start, start + 80))?.[0];
    if (key === undefined) continue;
    const span = { file: path, start, end: start + key.length };
    const node: ScalarNode = { kind: 'scalar', span, value: key, text: key, style: 'plain' };
    const missing: ScalarNode = {
      ...node,
      span: { ...span, start: span.end },
      value: null,
      text: '',
      style: 'missing',
    };
    entries.push({ key: node, value: known.get(key) ?? missing, span });
  }
  return { kind: 'map', span: { file: path, start: 0, end: text.length }, entries, flow: false };
}

/** A file of which the keys that tell are not written yet: the one dialect that has the most of its keys, at least two. */
function likeliest({ entries }: MapNode): Dialect | undefined {
  if (entries.length < 2 || entries.some(({ key }) => key.text === 'apiVersion')) return undefined;
  const counts = dialects
    .filter(({ name }) => name !== 'kuadrant')
    .map((dialect) => {
      const { description } = dialect;
      const fields = description.kind === 'object' ? description.fields : {};
      return { dialect, known: entries.filter(({ key }) => Object.hasOwn(fields, key.text)).length };
    })
    .sort((left, right) => right.known - left.known);
  const [best, second] = counts;
  if (best === undefined || best.known < 2 || best.known === second?.known) return undefined;
  return best.known === entries.length ? best.dialect : undefined;
}
