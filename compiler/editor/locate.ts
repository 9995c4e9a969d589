import type { Description, FieldDescription } from '../schema/shape.ts';
import type { Span } from '../source/span.ts';
import type { MapEntry, MapNode, ScalarNode, SequenceNode, YamlNode } from '../source/tree.ts';
import { descriptionOf, type EditorDocument, rootAt } from './document.ts';
import type { Frame, Scan } from './frames.ts';
import { below, narrow } from './narrow.ts';
import { scanText } from './scan-text.ts';
import { type Token, tokenAt } from './token-at.ts';

/** A collection around a place. */
export interface Level {
  readonly kind: 'map' | 'sequence';
  /** True for `[...]` and `{...}`. */
  readonly flow: boolean;
  /** The column of its keys or dashes. */
  readonly indent: number;
  /** The key or index of what the place is in; undefined for a key that is being written. */
  readonly step: string | number | undefined;
  /** The keys of a map that are written already; of an outer level only where they tell of which kind it is. */
  readonly keys: readonly string[];
  /** The node, where the tree has it. */
  readonly node: MapNode | SequenceNode | undefined;
  /** The entry of `step`, where the tree has it. */
  readonly entry: MapEntry | undefined;
  /** What the dialect says of the collection, narrowed to the alternative that it is of. */
  readonly description: Description | undefined;
  /** What it says of the key `step`. */
  readonly field: FieldDescription | undefined;
}

/** What a cursor is in. */
export interface Place {
  readonly offset: number;
  /** The collections around it, outermost first. Empty where nothing is written yet. */
  readonly levels: readonly Level[];
  /** `value` also for an item of a list. */
  readonly at: 'key' | 'value' | 'comment';
  /** Of a value: it stands alone on its line and may become the first key of a map, or the dash of a list. */
  readonly mayBeKey: boolean;
  /** What is written there, with its quotes; empty where nothing is. A completion replaces it. */
  readonly span: Span;
  /** The same as text, without quotes. */
  readonly text: string;
  readonly style: Token['style'];
  /** The scalar of the tree that the cursor is in or at the end of. */
  readonly scalar: ScalarNode | undefined;
  /** Of a key: the map that it is a key of. Of a value: what may stand there, with all alternatives. */
  readonly description: Description | undefined;
  /** Of a key that is whole, and of a value under a key: what the dialect says of that key. */
  readonly field: FieldDescription | undefined;
}

/**
 * What the cursor is in, by the text up to it and the tree as far as there is one: so it works on lines that are half
 * written, where the tree has nothing, and agrees with the tree where it has something.
 */
export function locate(document: EditorDocument, offset: number): Place {
  const { text, path } = document.source;
  const root = rootAt(document, offset);
  const token = tokenAt(text, root.from, offset);
  const scan = token.key === undefined ? token.scan : scanText(text, root.from, token.key.behindColon);
  const whole = token.key !== undefined;
  const { at, mayBeKey } = role(scan, token, whole);
  const levels = levelsOf(scan.frames, at === 'key' && !whole, root.node, descriptionOf(document), offset);
  const last = levels.at(-1);
  const inner = below(last?.description, last?.step);
  return {
    offset,
    levels,
    at,
    mayBeKey,
    span: { file: path, start: token.start, end: token.end },
    text: token.text,
    style: token.style,
    scalar: scalarAt(at, last, root.node, token),
    description: last === undefined ? descriptionOf(document) : at === 'key' ? last.description : inner.description,
    field: at === 'comment' ? undefined : last?.field,
  };
}

/** The keys and indices that lead to a place: `security.seccomp.rules.0.when` as a list. */
export function pathOf({ levels }: Place): readonly (string | number)[] {
  return levels.flatMap(({ step }) => step ?? []);
}

function role({ frames, startsLine, column }: Scan, token: Token, whole: boolean): Pick<Place, 'at' | 'mayBeKey'> {
  if (token.style === 'comment') return { at: 'comment', mayBeKey: false };
  if (whole) return { at: 'key', mayBeKey: false };
  const top = frames.at(-1);
  if (top === undefined) return { at: 'key', mayBeKey: true };
  if (top.flow) return { at: top.kind === 'map' && top.step === undefined ? 'key' : 'value', mayBeKey: false };
  if (token.style === 'block' || !startsLine) return { at: 'value', mayBeKey: false };
  if (top.kind === 'sequence') return { at: 'value', mayBeKey: top.pending };
  if (top.indent >= column) return { at: 'key', mayBeKey: false };
  if (top.pending) return { at: 'value', mayBeKey: true };
  // Indented too far, or the next line of a text.
  return { at: token.style === 'nothing' ? 'key' : 'value', mayBeKey: false };
}

function levelsOf(
  frames: readonly Frame[],
  writingKey: boolean,
  root: YamlNode | undefined,
  description: Description | undefined,
  offset: number,
): readonly Level[] {
  const levels: Level[] = [];
  let node = root;
  let described = description;
  for (const [index, frame] of frames.entries()) {
    const own = node?.kind === frame.kind ? node : undefined;
    const isLast = index === frames.length - 1;
    const step = isLast && writingKey ? undefined : frame.step;
    const keys = isLast || described?.kind === 'one-of' ? keysOf(own, frame) : [];
    const narrowed = narrow(described, frame.kind, keys, own?.kind === 'map' ? own : undefined);
    const { description: inner, field } = below(narrowed, step);
    const entry =
      own?.kind === 'map' && step !== undefined
        ? own.entries.find(({ key }) => key.span.start === frame.stepStart)
        : undefined;
    const { kind, flow, indent } = frame;
    levels.push({ kind, flow, indent, step, keys, node: own, entry, description: narrowed, field });
    node = own?.kind === 'sequence' ? itemAt(own, frame, offset) : entry?.value;
    described = inner;
  }
  return levels;
}

function keysOf(own: MapNode | SequenceNode | undefined, { keys }: Frame): readonly string[] {
  return own?.kind === 'map' ? [...new Set([...own.entries.map(({ key }) => key.text), ...keys])] : keys;
}

function itemAt({ items }: SequenceNode, { step, stepStart }: Frame, offset: number): YamlNode | undefined {
  const byIndex = typeof step === 'number' ? items[step] : undefined;
  if (byIndex !== undefined && byIndex.span.start >= stepStart && byIndex.span.start <= offset) return byIndex;
  // Where the tree leaves an item out that it could not read, those behind it have other numbers.
  return items.find(({ span }) => span.start >= stepStart && span.start <= offset);
}

function scalarAt(
  at: Place['at'],
  last: Level | undefined,
  root: YamlNode | undefined,
  token: Token,
): ScalarNode | undefined {
  if (at === 'comment') return undefined;
  if (at === 'key') return last?.entry?.key;
  const node =
    last === undefined
      ? root
      : last.node?.kind === 'sequence'
        ? last.node.items.find(({ span }) => span.start <= token.start && token.start <= span.end)
        : last.entry?.value;
  if (node?.kind !== 'scalar' || token.start < node.span.start || token.start > node.span.end) return undefined;
  return node;
}
