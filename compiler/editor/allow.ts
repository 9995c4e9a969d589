import { isSection, plainOrQuoted, shortName } from '../acceptances.ts';
import type { Diagnostic, Fix, TextEdit } from '../diagnostics/diagnostic.ts';
import { isSuppressible } from '../diagnostics/suppress.ts';
import { isHookProgram } from '../hook-programs/file-name.ts';
import { positionAt, type SourceText } from '../source/text.ts';
import type { MapNode, YamlNode } from '../source/tree.ts';
import { descriptionOf, type EditorDocument, rootAt } from './document.ts';
import { alternativesOf } from './narrow.ts';

/** What stands for the reason until its author has written one. */
const reason = 'REASON';

/**
 * The ways to live with a finding: accept the loss that it tells of, under `accept`, or allow it by a comment above its
 * line. Both want a reason, which is the author's to write, so that neither is certain.
 */
export function allowances(document: EditorDocument, finding: Diagnostic): readonly Fix[] {
  if (finding.span.file !== document.path || document.role !== 'policy') return [];
  return [acceptance(document, finding), suppression(document, finding)].filter((fix) => fix !== undefined);
}

function suppression(document: EditorDocument, { code, span }: Diagnostic): Fix | undefined {
  if (!isSuppressible(code)) return undefined;
  const { source, path } = document;
  const start = source.lineStarts[positionAt(source, span.start).line]!;
  if (!isHookProgram(path) && isInScalar(rootAt(document, span.start).node, start)) return undefined;
  const indent = /[ \t]*/y;
  indent.lastIndex = start;
  const column = indent.exec(source.text)?.[0] ?? '';
  return {
    title: `allow \`${code}\` here, and say why behind \`because\``,
    certain: false,
    edits: [insertion(source, start, `${column}# polc: allow ${code} because ${reason}${newlineOf(source)}`)],
  };
}

function acceptance(document: EditorDocument, finding: Diagnostic): Fix | undefined {
  const topic = lostTopic(document, finding);
  const isKnown = alternativesOf(descriptionOf(document)).some(
    (each) => each.kind === 'object' && each.fields.accept !== undefined,
  );
  if (topic === undefined || !isKnown || isSection(shortName(topic))) return undefined;
  const loss = shortName(topic);
  const root = rootAt(document, finding.span.start).node;
  const edit = root?.kind === 'map' ? acceptEdit(document.source, root, loss) : undefined;
  return (
    edit && { title: `accept the loss of \`${loss}\`, and say why behind \`because\``, certain: false, edits: [edit] }
  );
}

/** The topic that a finding about coverage says to be lost: the message begins with it. */
function lostTopic({ current }: EditorDocument, { code, span, message }: Diagnostic): string | undefined {
  if (code !== 'POL6001' && code !== 'POL6004') return undefined;
  return current?.compilation.coverage.find(
    ({ topic, span: its, status }) =>
      status !== 'full' && its.start === span.start && its.file === span.file && message.startsWith(`\`${topic}\``),
  )?.topic;
}

function acceptEdit(source: SourceText, root: MapNode, loss: string): TextEdit | undefined {
  const entry = `{ loss: ${plainOrQuoted(loss)}, because: ${reason} }`;
  const newline = newlineOf(source);
  const known = root.entries.find(({ key }) => key.text === 'accept');
  if (known === undefined) {
    if (root.flow) return beforeBracket(source, root, root.entries.length === 0, `accept: [${entry}]`);
    const column = ' '.repeat(positionAt(source, root.span.start).column);
    const at = endOfLines(source, root);
    return insertion(source, at, `${newline}${column}accept:${newline}${column}  - ${entry}`);
  }
  const { value } = known;
  if (value.kind !== 'sequence') return undefined;
  if (value.flow) return beforeBracket(source, value, value.items.length === 0, entry);
  const dash = ' '.repeat(positionAt(source, value.span.start).column);
  return insertion(source, endOfLines(source, value), `${newline}${dash}- ${entry}`);
}

/** Another entry at the end of a collection in brackets. */
function beforeBracket(source: SourceText, { span }: YamlNode, isEmpty: boolean, entry: string): TextEdit {
  const { text } = source;
  let at = span.end - 1;
  while (at > span.start + 1 && /\s/.test(text[at - 1]!)) at -= 1;
  const comma = isEmpty ? '' : text[at - 1] === ',' ? ' ' : ', ';
  return insertion(source, at, `${comma}${entry}`);
}

/** The end of the last line on which something of a node stands, with the comment behind it. */
function endOfLines({ text }: SourceText, { span }: YamlNode): number {
  let end = span.end;
  while (end > span.start && /\s/.test(text[end - 1]!)) end -= 1;
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return end;
}

/** Whether a place lies within a scalar, where a comment would be part of its text. */
function isInScalar(node: YamlNode | undefined, at: number): boolean {
  let inside = node;
  while (inside !== undefined && inside.kind !== 'scalar') {
    const parts: readonly YamlNode[] =
      inside.kind === 'map' ? inside.entries.flatMap(({ key, value }) => [key, value]) : inside.items;
    inside = parts.find(({ span }) => span.start < at && at < span.end);
  }
  return inside !== undefined && inside.span.start < at && at < inside.span.end;
}

function insertion({ path }: SourceText, at: number, newText: string): TextEdit {
  return { span: { file: path, start: at, end: at }, newText };
}

/** As the lines of the text end. */
function newlineOf({ text }: SourceText): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
