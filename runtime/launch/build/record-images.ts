import { canonicalJson, type Json } from '../../../compiler/images/canonical-json.ts';
import type { BuiltImage } from '../../../compiler/ir/obligation.ts';
import { parseYaml } from '../../../compiler/source/parse-yaml.ts';
import { type SourceText, sourceText } from '../../../compiler/source/text.ts';
import type { MapEntry, MapNode } from '../../../compiler/source/tree.ts';
import { templateContent } from '../../signing/template-content.ts';

const key = 'precompiled_amis';

/**
 * The text of a template with these images under `precompiled_amis`, in the place of those for the same region and
 * architecture; all else stays as it is, comments and layout too.
 *
 * @returns undefined where it is written in a way that takes no entry: what was written is read again and compared
 */
export function withImages(source: SourceText, images: readonly BuiltImage[]): string | undefined {
  const wanted = expected(source, images);
  if (wanted === undefined) return undefined;
  let { text } = source;
  for (const image of images) {
    const next = withImage(sourceText(source.path, text), image);
    if (next === undefined) return undefined;
    text = next;
  }
  return contentOf(sourceText(source.path, text)) === canonicalJson(wanted) ? text : undefined;
}

/** The content that the file is to have. */
function expected(source: SourceText, images: readonly BuiltImage[]): Record<string, Json> | undefined {
  const { root } = parseYaml(source);
  const content = root === undefined ? undefined : templateContent(root);
  if (content === undefined) return undefined;
  const regions: Record<string, Record<string, Json>> = {};
  for (const [region, entries] of Object.entries(mapOf(content[key]))) regions[region] = { ...mapOf(entries) };
  for (const { region, architecture, image } of images) {
    regions[region] = { ...regions[region], [architecture]: image };
  }
  return { ...content, [key]: regions };
}

function mapOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return isMap(value) ? value : {};
}

function isMap(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contentOf(source: SourceText): string | undefined {
  const { root, diagnostics } = parseYaml(source);
  if (root === undefined || diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  const content = templateContent(root);
  return content === undefined ? undefined : canonicalJson(content);
}

/** Where something is written into a text. */
interface Layout {
  readonly text: string;
  readonly lineEnd: string;
}

function withImage(source: SourceText, image: BuiltImage): string | undefined {
  const { root } = parseYaml(source);
  if (root?.kind !== 'map') return undefined;
  const layout = { text: source.text, lineEnd: source.text.includes('\r\n') ? '\r\n' : '\n' };
  return setIn(layout, root, [key, image.region, image.architecture], image.image);
}

/** Sets the value at a path of keys below a map. */
function setIn(layout: Layout, map: MapNode, path: readonly string[], value: string): string | undefined {
  const [first = '', ...rest] = path;
  const entry = map.entries.find((each) => each.key.text === first);
  if (entry === undefined) return map.flow ? addFlow(layout, map, path, value) : addBlock(layout, map, path, value);
  const { value: node } = entry;
  if (rest.length === 0) {
    if (node.kind !== 'scalar' || node.style === 'missing') return undefined;
    const { start, end } = node.span;
    return layout.text.slice(0, start) + spelled(value, layout.text[start]) + layout.text.slice(end);
  }
  if (node.kind === 'map' && node.entries.length > 0) return setIn(layout, node, rest, value);
  if (map.flow) {
    if (node.kind !== 'map') return undefined;
    return layout.text.slice(0, node.span.start) + flowText(rest, value) + layout.text.slice(node.span.end);
  }
  // `{}`, `null` or nothing: the lines take its place, and a comment behind it stays where it is.
  const isEmpty = node.kind === 'map' || (node.kind === 'scalar' && node.value === null);
  if (!isEmpty) return undefined;
  const colon = layout.text.indexOf(':', entry.key.span.end) + 1;
  const end = node.kind === 'scalar' && node.style === 'missing' ? colon : node.span.end;
  const without = { ...layout, text: layout.text.slice(0, colon) + layout.text.slice(end) };
  return insertLines(without, colon, blockLines(rest, value, columnOf(layout.text, entry) + 2));
}

/** After the last entry of a block. */
function addBlock(layout: Layout, map: MapNode, path: readonly string[], value: string): string | undefined {
  const last = map.entries.at(-1);
  if (last === undefined) return undefined;
  return insertLines(layout, lastEnd(last), blockLines(path, value, columnOf(layout.text, last)));
}

/** The end of what an entry says: the span of a block scalar may end with the empty lines below it. */
function lastEnd({ value, key: { span: keySpan } }: MapEntry): number {
  return Math.max(value.span.end, keySpan.end);
}

function addFlow(layout: Layout, map: MapNode, path: readonly string[], value: string): string {
  const last = map.entries.at(-1);
  const added = flowText(path, value).slice(2, -2);
  if (last === undefined) {
    return `${layout.text.slice(0, map.span.start)}{ ${added} }${layout.text.slice(map.span.end)}`;
  }
  const at = lastEnd(last);
  return `${layout.text.slice(0, at)}, ${added}${layout.text.slice(at)}`;
}

/** JSON, so that it can stand in JSON too. */
function flowText(path: readonly string[], value: string): string {
  const [first, ...rest] = path;
  if (first === undefined) return JSON.stringify(value);
  return `{ ${JSON.stringify(first)}: ${flowText(rest, value)} }`;
}

function blockLines(path: readonly string[], value: string, column: number): readonly string[] {
  return path.map((name, depth) => {
    const written = depth === path.length - 1 ? ` ${JSON.stringify(value)}` : '';
    return `${' '.repeat(column + 2 * depth)}${name}:${written}`;
  });
}

/** Lines below the line of a place, at the end of the text with a line end before them. */
function insertLines({ text, lineEnd }: Layout, at: number, lines: readonly string[]): string {
  const added = lines.join(lineEnd);
  // What ends with its line is a block scalar: the next line is below it.
  if (at > 0 && text[at - 1] === '\n') return `${text.slice(0, at)}${added}${lineEnd}${text.slice(at)}`;
  const next = text.indexOf('\n', at);
  if (next === -1) return `${text}${lineEnd}${added}${lineEnd}`;
  return `${text.slice(0, next + 1)}${added}${lineEnd}${text.slice(next + 1)}`;
}

/** In the quotes of what was there. */
function spelled(value: string, before: string | undefined): string {
  if (before === "'") return `'${value}'`;
  return before === '"' ? JSON.stringify(value) : value;
}

function columnOf(text: string, { span }: MapEntry): number {
  return span.start - (text.lastIndexOf('\n', span.start - 1) + 1);
}
