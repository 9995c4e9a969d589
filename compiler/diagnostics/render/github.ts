import type { Diagnostic, Severity } from '../diagnostic.ts';
import { placeAt, type Sources } from './sources.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', hint: 'notice' };

/**
 * Workflow commands that GitHub Actions turns into annotations, one a line. Columns are left out for spans over several
 * lines: the checks API takes them only where both ends are on one line.
 */
export function github(diagnostics: readonly Diagnostic[], sources: Sources): string {
  return diagnostics.map((diagnostic) => `${command(diagnostic, sources)}\n`).join('');
}

function command(diagnostic: Diagnostic, sources: Sources): string {
  const properties = [`file=${property(diagnostic.span.file.replaceAll('\\', '/'))}`];
  const source = sources(diagnostic.span.file);
  if (source !== undefined) {
    const start = placeAt(source, diagnostic.span.start);
    const end = placeAt(source, diagnostic.span.end);
    properties.push(`line=${start.line}`);
    if (start.line === end.line) properties.push(`col=${start.column}`);
    properties.push(`endLine=${end.line}`);
    if (start.line === end.line) properties.push(`endColumn=${end.column}`);
  }
  properties.push(`title=${property(`${diagnostic.code}: ${diagnostic.message}`)}`);
  const label = diagnostic.label === undefined ? [] : [diagnostic.label];
  const text = [diagnostic.message, ...label, ...diagnostic.notes, `help: ${diagnostic.help}`].join('\n');
  return `::${commands[diagnostic.severity]} ${properties.join(',')}::${data(text)}`;
}

/** The runner decodes `%0A`, `%0D` and `%25` in a command's message, and `%3A` and `%2C` too in its properties. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
