import { isCode, messageOf } from '../../diagnostics/catalogue.ts';
import { isHookProgram } from '../../hook-programs/file-name.ts';
import type { Description, FieldDescription } from '../../schema/shape.ts';
import type { Span } from '../../source/span.ts';
import { keyText } from '../completion/key-offers.ts';
import type { EditorDocument } from '../document.ts';
import { embeddedAt } from '../expressions/embedded.ts';
import { hoverHookProgram } from '../hook-programs/describe.ts';
import { locate, type Place, pathOf } from '../locate.ts';
import { asText } from '../markdown.ts';
import { explainValue } from '../meaning/explain.ts';
import { withoutHoles } from '../meaning/explanation.ts';
import type { Workspace } from '../workspace.ts';
import { hoverArgumentRule } from './argument-rule.ts';
import { hoverCel } from './cel.ts';
import { costLines } from './cost.ts';
import { coverageLines, rulesAt } from './coverage.ts';
import { declarationText } from './declaration.ts';

/** What is known of what stands at a place. */
export interface Hover {
  readonly span: Span;
  /** Markdown, a paragraph each. */
  readonly paragraphs: readonly string[];
}

/**
 * What is known of the key, value or name under the cursor: what the schema says of it, what it amounts to, and, where this
 * version of the document has been compiled, what it costs and who enforces it.
 */
export function hoverAt(document: EditorDocument, offset: number, workspace: Workspace): Hover | undefined {
  if (isHookProgram(document.path)) return hoverHookProgram(document, offset);
  const place = locate(document, offset);
  if (place.at === 'comment') return hoverCode(document, place);
  if (place.style === 'nothing') return undefined;
  const hover = place.at === 'key' ? hoverKey(place) : hoverValue(document, place, workspace);
  // Behind blanks at its end, nothing is meant.
  if (hover === undefined || offset > hover.span.end) return undefined;
  const focus =
    place.at === 'key' ? (place.levels.at(-1)?.entry?.span ?? hover.span) : (place.scalar?.span ?? hover.span);
  const rules = rulesAt(document, focus);
  const found = [
    coverageLines(rules, document.current?.compilation.coverage ?? []),
    costLines(document, new Set(rules.map(({ rule }) => rule))),
  ].filter((lines) => lines.length > 0);
  const paragraphs = [...hover.paragraphs, ...found.map((lines) => lines.join('  \n'))];
  return paragraphs.length === 0 ? undefined : { span: hover.span, paragraphs };
}

/** A whole key: its documentation, or what it means where keys are data. */
function hoverKey(place: Place): Hover | undefined {
  const last = place.levels.at(-1);
  if (last?.step === undefined) return undefined;
  const paragraphs: string[] = [];
  if (place.field !== undefined) paragraphs.push(...keyText(place.field));
  else if (last.description?.kind === 'mapping') paragraphs.push(...explained(last.description.keys, place.text));
  return { span: place.span, paragraphs: paragraphs.length === 0 ? [] : [title(place), ...paragraphs] };
}

function hoverValue(document: EditorDocument, place: Place, workspace: Workspace): Hover | undefined {
  const embedded = embeddedAt(document, place);
  const inside =
    embedded === undefined
      ? undefined
      : embedded.language === 'cel'
        ? hoverCel(document, place, embedded)
        : hoverArgumentRule(place, embedded);
  if (inside !== undefined) return inside;
  const span = place.scalar?.span ?? place.span;
  const text = place.scalar?.text ?? place.text;
  const named = declarationText(document, place, text, workspace);
  const meaning = explained(place.description, text);
  const described = [...meaning, ...named];
  if (described.length > 0) return { span, paragraphs: [`**${shortened(text)}**`, ...described] };
  const field = fieldAround(place);
  return { span, paragraphs: field === undefined ? [] : [title(place), ...keyText(field)] };
}

/** Of a value under a key or an item of its list: what the dialect says of the key. */
function fieldAround({ levels }: Place): FieldDescription | undefined {
  const [last, before] = [levels.at(-1), levels.at(-2)];
  return last?.kind === 'sequence' ? before?.field : last?.field;
}

function explained(description: Description | undefined, text: string): readonly string[] {
  return explainValue(description, text)?.paragraphs ?? [];
}

/** Where the place is, as messages name fields. */
function title(place: Place): string {
  const path = pathOf(place).reduce<string>(
    (before, step) => (typeof step === 'number' ? `${before}[${step}]` : before === '' ? step : `${before}.${step}`),
    '',
  );
  return `**${shortened(path)}**`;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return asText(line.length <= 80 ? line : `${line.slice(0, 79)}…`);
}

/** The code that a suppression names. */
function hoverCode({ source: { text } }: EditorDocument, { span, offset }: Place): Hover | undefined {
  let start = offset;
  while (start > span.start && /\w/.test(text[start - 1]!)) start -= 1;
  let end = offset;
  while (end < span.end && /\w/.test(text[end]!)) end += 1;
  const word = text.slice(start, end);
  if (!isCode(word)) return undefined;
  const { severity, message } = messageOf(word);
  return { span: { ...span, start, end }, paragraphs: [`**${word}** (${severity})`, withoutHoles(message)] };
}
