import { readFileSync, statSync } from 'node:fs';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { failureText } from '../../failure.ts';
import { report } from '../../report.ts';
import { unknownHelp } from '../launch-options.ts';
import { type LibraryTemplate, openLibrary } from '../library.ts';

export interface Chosen {
  readonly templates: readonly LibraryTemplate[];
  readonly diagnostics: readonly Diagnostic[];
  /** A name that no template has. */
  readonly isUnknown: boolean;
}

/**
 * The templates that are to be built: those that are named, and those of a batch, which is a folder, a file with a name or
 * path on each line, or names between commas. Each once.
 */
export async function chooseTemplates(
  words: readonly string[],
  batch: string | undefined,
  folder: string | undefined,
): Promise<Chosen> {
  const diagnostics: Diagnostic[] = [];
  let isUnknown = false;
  const chosen = new Map<string, LibraryTemplate>();
  const library = await openLibrary({ templates: folder });
  const listed = batch === undefined ? [] : await batchWords(batch, chosen, diagnostics);
  for (const word of [...words, ...listed]) {
    const before = library.problems.length;
    const found = library.find(word);
    if (found !== undefined) chosen.set(found.path, found);
    else if (library.problems.length === before) {
      const isPath = /[/\\]|\.ya?ml$/.test(word);
      const reason = isPath ? 'no such file' : 'there is no template of that name';
      const names = isPath ? [] : library.templates().map(({ name }) => name);
      isUnknown ||= !isPath;
      const help = isPath ? {} : { help: unknownHelp(word, names) };
      diagnostics.push(report('POL8002', { file: word, start: 0, end: 0 }, { path: word, reason }, help));
    }
  }
  return { templates: [...chosen.values()], diagnostics: [...library.problems, ...diagnostics], isUnknown };
}

/** The words of a list; the templates of a folder are chosen at once. */
async function batchWords(
  batch: string,
  chosen: Map<string, LibraryTemplate>,
  diagnostics: Diagnostic[],
): Promise<readonly string[]> {
  const status = statSync(batch, { throwIfNoEntry: false });
  if (status?.isDirectory()) {
    const library = await openLibrary({ templates: batch });
    const found = library.templates();
    diagnostics.push(...library.problems);
    if (found.length === 0) {
      const reason = 'there is no template in it';
      diagnostics.push(report('POL8002', { file: batch, start: 0, end: 0 }, { path: batch, reason }));
    }
    for (const template of found) chosen.set(template.path, template);
    return [];
  }
  if (status === undefined) return words(batch.split(','));
  try {
    return words(readFileSync(batch, 'utf8').split('\n'));
  } catch (error) {
    const reason = failureText(error);
    diagnostics.push(report('POL8002', { file: batch, start: 0, end: 0 }, { path: batch, reason }));
    return [];
  }
}

function words(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/#.*$/, '').trim()).filter((line) => line !== '');
}
