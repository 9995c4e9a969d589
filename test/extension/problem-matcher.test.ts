import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, withProject } from '../support/polc-process.ts';

const { test, run } = suite('problem-matcher');
const root = resolve(process.env.POLC_ROOT ?? '.');

interface Pattern {
  readonly regexp: string;
  readonly [group: string]: string | number;
}

const { contributes } = JSON.parse(readFileSync(join(root, 'vscode-extension/package.json'), 'utf8'));
const [matcher] = contributes.problemMatchers;
const patterns: readonly Pattern[] = matcher.pattern;

/** What VS Code takes from lines of output: patterns that match lines behind each other give one problem. */
function problems(output: string): readonly Readonly<Record<string, string>>[] {
  const lines = output.split('\n');
  return lines.flatMap((_, at) => {
    const problem: Record<string, string> = {};
    for (const [below, pattern] of patterns.entries()) {
      const match = new RegExp(pattern.regexp).exec(lines[at + below] ?? '');
      if (match === null) return [];
      for (const [what, group] of Object.entries(pattern)) {
        if (typeof group === 'number') problem[what] = match[group] ?? '';
      }
    }
    return [problem];
  });
}

test('what polc prints about a folder is read as what it finds', () =>
  withProject((project) => {
    project.write({
      'web.yaml': 'profile: web\nmode: sandbx\nsecurity:\n  level: medium\n',
      'deep/two words.yaml': 'profile: deep\nmode: sandbox\nsecurity:\n  level: medium\nresources:\n  memory: 512MiB\n',
    });
    const printed = project.polc(['check', '.', ...calm]);
    const listed = JSON.parse(project.polc(['check', '.', '--format', 'json', ...calm]).stdout);
    const expected = listed.diagnostics.map((each: Finding) => ({
      severity: each.severity,
      code: each.code,
      message: each.message,
      file: each.span.file,
      line: String(each.span.start.line),
      column: String(each.span.start.column),
    }));
    assert.ok(expected.length >= 2, 'there are findings in both files');
    assert.equal(problems(`${printed.stdout}${printed.stderr}`), expected);
  }));

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly span: { readonly file: string; readonly start: { readonly line: number; readonly column: number } };
}

run();
