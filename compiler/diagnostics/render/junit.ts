import type { Diagnostic } from '../diagnostic.ts';
import { placeAt, type Sources } from './sources.ts';
import { xmlAttribute, xmlText } from './xml.ts';

export interface JunitOptions {
  /** Every file that was checked; those without findings count as passed. */
  readonly files: readonly string[];
}

/**
 * A JUnit report: one suite per file, one failed case per error, one passed case with its text as output per warning or
 * hint, and a passed case for a file without findings.
 */
export function junit(diagnostics: readonly Diagnostic[], sources: Sources, options: JunitOptions): string {
  const files = new Set([...options.files, ...diagnostics.map((diagnostic) => diagnostic.span.file)]);
  const suites: string[] = [];
  let tests = 0;
  for (const file of files) {
    const found = diagnostics.filter((diagnostic) => diagnostic.span.file === file);
    const failures = found.filter((diagnostic) => diagnostic.severity === 'error').length;
    const count = Math.max(found.length, 1);
    tests += count;
    const cases = found.length === 0 ? [testCase('policy', file, '')] : found.map((each) => findingCase(each, sources));
    suites.push(
      `  <testsuite name="${xmlAttribute(file)}" tests="${count}" failures="${failures}" errors="0">`,
      ...cases,
      '  </testsuite>',
    );
  }
  const failures = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="polc" tests="${tests}" failures="${failures}" errors="0">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function findingCase(diagnostic: Diagnostic, sources: Sources): string {
  const { file, start } = diagnostic.span;
  const source = sources(file);
  const place = source === undefined ? undefined : placeAt(source, start);
  const where = place === undefined ? file : `${file}:${place.line}:${place.column}`;
  const text = [where, ...diagnostic.notes, `help: ${diagnostic.help}`].join('\n');
  const body =
    diagnostic.severity === 'error'
      ? `<failure type="${diagnostic.code}" message="${xmlAttribute(diagnostic.message)}">${xmlText(text)}</failure>`
      : `<system-out>${xmlText(`${diagnostic.severity}: ${diagnostic.message}\n${text}`)}</system-out>`;
  const line = place === undefined ? '' : ` ${place.line}:${place.column}`;
  return testCase(`${diagnostic.code}${line}`, file, body);
}

function testCase(name: string, file: string, body: string): string {
  const head = `    <testcase name="${xmlAttribute(name)}" classname="${xmlAttribute(file)}" file="${xmlAttribute(file)}"`;
  return body === '' ? `${head}/>` : `${head}>${body}</testcase>`;
}
