import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { pretty } from '../compiler/diagnostics/render/pretty.ts';
import type { Sources } from '../compiler/diagnostics/render/sources.ts';
import { quotableSource } from '../compiler/source/quotable.ts';
import type { SourceText } from '../compiler/source/text.ts';
import { version } from '../compiler/version.ts';
import { nodeHost } from './host.ts';
import type { Terminal } from './terminal.ts';

/** The forms in which diagnostics are printed. */
export const formats = ['pretty', 'json', 'sarif', 'github', 'junit'] as const;
export type Format = (typeof formats)[number];

export function isFormat(text: string): text is Format {
  return formats.some((format) => format === text);
}

/** The option of verbs that answer a question, for a person or for a program. */
export const answerFormat = {
  format: { type: 'choice', choices: ['pretty', 'json'], doc: 'how to print the answer', default: 'pretty' },
} as const;

/** The text of files as they are on the disk now, read when a message wants to quote them. */
export function diskSources(): Sources {
  const read = new Map<string, SourceText | undefined>();
  return (path) => {
    if (!read.has(path)) {
      const content = nodeHost.read(path);
      read.set(path, content === undefined ? undefined : quotableSource(path, content));
    }
    return read.get(path);
  };
}

/**
 * Prints diagnostics: for people to standard error, in the other forms to standard output, where a machine reads them.
 *
 * @param files every file that was looked at, for formats that count those without findings
 */
export async function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
  format: Format,
  terminal: Terminal,
): Promise<void> {
  const sources = diskSources();
  switch (format) {
    case 'pretty':
      terminal.writeError(pretty(diagnostics, sources, { color: terminal.color.error, width: terminal.width }));
      return;
    case 'json':
      terminal.write((await import('../compiler/diagnostics/render/json.ts')).json(diagnostics, sources));
      return;
    case 'sarif':
      terminal.write(
        (await import('../compiler/diagnostics/render/sarif.ts')).sarif(diagnostics, sources, { version }),
      );
      return;
    case 'github':
      terminal.write((await import('../compiler/diagnostics/render/github.ts')).github(diagnostics, sources));
      return;
    case 'junit':
      terminal.write((await import('../compiler/diagnostics/render/junit.ts')).junit(diagnostics, sources, { files }));
      return;
    default: {
      const unreachable: never = format;
      return unreachable;
    }
  }
}

/** Files of other tools may be many: people are shown the first of them, machines all. */
export const shownLeftOut = 3;

/** `5 files left out, the first 3 below`; empty where there is none. */
export function leftOutText(number: number): string {
  if (number === 0) return '';
  const more = number > shownLeftOut ? `, the first ${shownLeftOut} below` : '';
  return `${number} ${number === 1 ? 'file' : 'files'} left out${more}`;
}

/** What a verb says where the words of its command line lead to no policy. */
export function noPolicy(words: readonly string[]): string {
  const list = words.map((word) => `\`${word}\``).join(', ');
  return `there is no policy in ${list}\n  = help: name a policy, or let \`polc init\` write one`;
}

/** `1 error, 2 warnings`; empty where there is nothing. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: string, noun: string) => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`];
  };
  return [...of('error', 'error'), ...of('warning', 'warning'), ...of('hint', 'hint')].join(', ');
}
