import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Position, Range } from 'vscode-languageserver';
import { openDocument } from '../../compiler/editor/document.ts';
import { positionOf } from '../../lsp/positions.ts';
import { type FixtureCase, fixtureCases } from './fixtures.ts';

/** A text with its marks taken out: `|` where a cursor is, `⟦…⟧` around a range. `‖` is a `|` that is meant. */
export interface Marked {
  readonly text: string;
  /** Offsets of the cursors. */
  readonly carets: readonly number[];
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Reads marks. YAML has a `|` of its own, for text in lines; one at the end of a line behind `: ` or `- ` is that, and
 * stays.
 */
function unmark(marked: string): Marked {
  let text = '';
  const carets: number[] = [];
  const ranges: { start: number; end: number }[] = [];
  const open: number[] = [];
  for (const [index, character] of [...marked.matchAll(/[\s\S]/gu)].map((match) => [match.index, match[0]] as const)) {
    if (character === '|' && !(/[:-] $/.test(text) && /^\|[-+0-9]*\r?(?:\n|$)/.test(marked.slice(index)))) {
      carets.push(text.length);
    } else if (character === '⟦') open.push(text.length);
    else if (character === '⟧') ranges.push({ start: open.pop() ?? text.length, end: text.length });
    else text += character === '‖' ? '|' : character;
  }
  return { text, carets, ranges };
}

/** A case: a folder of policies, the marked one among them, and what is expected beside them. */
export interface LspCase {
  readonly fixture: FixtureCase;
  /** The file with marks; the first by name where none has any. */
  readonly path: string;
  readonly marked: Marked;
  /** Every other file by name, as it is on the disk. */
  readonly others: ReadonlyMap<string, string>;
}

/** The cases of `test/fixtures/lsp-<feature>/`: `*.yaml` are policies, and everything else is expected output. */
export function lspCases(feature: string): readonly LspCase[] {
  return fixtureCases(`lsp-${feature}`).map((fixture) => {
    const names = existsSync(fixture.folder)
      ? readdirSync(fixture.folder)
          .filter((name) => /\.ya?ml$/.test(name))
          .sort()
      : [];
    const texts = new Map(names.map((name) => [name, readFileSync(join(fixture.folder, name), 'utf8')]));
    const isMarked = (name: string) => {
      const { carets, ranges } = unmark(texts.get(name)!);
      return carets.length + ranges.length > 0;
    };
    const name = names.find(isMarked) ?? names[0];
    if (name === undefined) throw new Error(`${fixture.name} has no policy`);
    const others = new Map([...texts].filter(([other]) => other !== name));
    return { fixture, path: join(fixture.folder, name), marked: unmark(texts.get(name)!), others };
  });
}

/** The position of an offset in a text. */
export function positionIn(text: string, offset: number): Position {
  return positionOf(openDocument('text.yaml', text, 1).source, offset);
}

/** A text with `⟦…⟧` around ranges, for reviewed output that people can read. */
export function markRanges(text: string, ranges: readonly Range[]): string {
  const lines = text.split('\n');
  const marks = ranges.flatMap(({ start, end }) => [
    { ...end, mark: '⟧' },
    { ...start, mark: '⟦' },
  ]);
  marks.sort((left, right) => right.line - left.line || right.character - left.character);
  for (const { line, character, mark } of marks) {
    const before = lines[line] ?? '';
    lines[line] = `${before.slice(0, character)}${mark}${before.slice(character)}`;
  }
  return lines.join('\n');
}
