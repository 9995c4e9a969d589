import { xmlAttribute, xmlText } from '../../compiler/diagnostics/render/xml.ts';
import type { Span } from '../../compiler/source/span.ts';
import { positionAt } from '../../compiler/source/text.ts';
import type { NamedResult, TestedFile } from './test-file.ts';

/** For people: a line a test, and of one that failed what was expected, what came, and what decided. */
export function testsText(files: readonly TestedFile[]): string {
  const lines: string[] = [];
  for (const file of files) {
    if (file.results.length === 0) continue;
    lines.push(file.path);
    for (const result of file.results) {
      lines.push(`  ${result.passed ? '✔' : '✘'} ${result.name}`);
      if (result.passed) continue;
      lines.push(`      ${placeText(result.expectSpan, file)}  ${failureText(result)}`);
      if (result.by !== undefined) {
        const by = result.by.origin.by === undefined ? '' : ` (${result.by.origin.by})`;
        lines.push(`      ${placeText(result.by.origin.span, file)}  ${result.by.topic}${by}`);
      }
    }
    lines.push('');
  }
  const all = files.flatMap(({ results }) => results);
  const failed = all.filter(({ passed }) => !passed).length;
  const wrong = files.filter(({ errors }) => errors.length > 0).length;
  const parts = [
    `${all.length} ${all.length === 1 ? 'test' : 'tests'}`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(wrong === 0 ? [] : [`${wrong} ${wrong === 1 ? 'policy' : 'policies'} with errors asked nothing`]),
  ];
  return `${lines.join('\n')}${lines.length === 0 ? '' : '\n'}${parts.join(' · ')}\n`;
}

/** `expected deny, got allow: on aarch64`. */
function failureText({ expected, actual, because }: NamedResult): string {
  return `expected ${expected}, got ${actual}${because === '' ? '' : `: ${because}`}`;
}

/** For programs, such as the Test Explorer. Lines and columns are from 1. */
export function testsJson(files: readonly TestedFile[]): string {
  const shown = files.map((file) => ({
    file: file.path,
    errors: file.errors.map(({ code, message, span }) => ({ code, message, ...placeIn(span, file) })),
    tests: file.results.map((result) => ({
      name: result.name,
      index: result.index,
      ...placeIn(result.expectSpan, file),
      passed: result.passed,
      expected: result.expected,
      actual: result.actual,
      ...(result.because === '' ? {} : { because: result.because }),
      ...(result.by === undefined
        ? {}
        : { by: { topic: result.by.topic, of: result.by.origin.by, ...placeIn(result.by.origin.span, file) } }),
    })),
  }));
  return `${JSON.stringify({ files: shown }, undefined, 2)}\n`;
}

/** A suite a policy; one with errors has a case of its own, which failed. */
export function testsJunit(files: readonly TestedFile[]): string {
  const suites = files.map((file) => {
    const cases = [
      ...file.errors.slice(0, 1).map(({ code, message }) => caseOf('the policy compiles', file, `${code}: ${message}`)),
      ...file.results.map((result) => caseOf(result.name, file, result.passed ? undefined : failureText(result))),
    ];
    const failures = file.results.filter(({ passed }) => !passed).length + Math.min(file.errors.length, 1);
    const head = `  <testsuite name="${xmlAttribute(file.path)}" tests="${cases.length}" failures="${failures}" errors="0">`;
    return { text: [head, ...cases, '  </testsuite>'].join('\n'), tests: cases.length, failures };
  });
  const sum = (key: 'tests' | 'failures') => suites.reduce((total, suite) => total + suite[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="polc test" tests="${sum('tests')}" failures="${sum('failures')}" errors="0">`,
    ...suites.map(({ text }) => text),
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(name: string, { path }: TestedFile, failure: string | undefined): string {
  const file = xmlAttribute(path);
  const head = `    <testcase name="${xmlAttribute(name)}" classname="${file}" file="${file}"`;
  if (failure === undefined) return `${head}/>`;
  return `${head}><failure message="${xmlAttribute(failure)}">${xmlText(failure)}</failure></testcase>`;
}

function placeIn({ file, start, end }: Span, { sources }: TestedFile) {
  const source = sources.get(file);
  if (source === undefined) return { path: file };
  const from = positionAt(source, start);
  const to = positionAt(source, end);
  return {
    path: file,
    line: from.line + 1,
    column: from.column + 1,
    endLine: to.line + 1,
    endColumn: to.column + 1,
  };
}

function placeText(span: Span, file: TestedFile): string {
  const { path, line, column } = placeIn(span, file);
  return line === undefined ? path : `${path}:${line}:${column}`;
}
