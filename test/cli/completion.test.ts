import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { CommandShape } from '../../cli/command.ts';
import { completionScript } from '../../cli/completion.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('completion');

const shapes: readonly CommandShape[] = [
  {
    name: 'build',
    summary: "compile what's there",
    operands: '[PATH]...',
    operandCount: { least: 0, most: 9 },
    completes: 'files',
    options: {
      out: { type: 'text', value: 'DIR', doc: 'the output [folder]: here', short: 'o', completes: 'folders' },
      format: { type: 'choice', choices: ['pretty', 'json', 'junit'], doc: 'the form' },
      watch: { type: 'flag', doc: "don't end" },
    },
  },
  {
    name: 'completion',
    summary: 'print a script',
    operands: 'SHELL',
    operandCount: { least: 1, most: 1 },
    completes: ['bash', 'fish', 'zsh'],
    options: {},
  },
];

/** What bash offers for a command line, its last word unfinished. */
function offers(folder: string, words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', shapes)}
    compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _polc
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['-c', script, 'bash', 'polc', ...words], { cwd: folder, encoding: 'utf8' });
  return text.split('\n').filter((line) => line !== '');
}

test('bash offers verbs, options, choices and files', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'web.yaml'), '');
    assert.equal(offers(folder, ['']), ['build', 'completion', '--help', '--version']);
    assert.equal(offers(folder, ['bu']), ['build']);
    assert.equal(offers(folder, ['build', '--']), ['--out', '--format', '--watch', '--help']);
    assert.equal(offers(folder, ['build', '--format', 'j']), ['json', 'junit']);
    assert.equal(offers(folder, ['build', 'w']), ['web.yaml']);
    assert.equal(offers(folder, ['build', '--out', 'w']), []);
    assert.equal(offers(folder, ['completion', 'f']), ['fish']);
  }));

for (const [shell, flag] of [
  ['zsh', '-n'],
  ['fish', '--no-execute'],
] as const) {
  if (spawnSync(shell, ['--version']).status !== 0) skip(`${shell} reads its script`, `${shell} is not installed`);
  else {
    test(`${shell} reads its script`, () =>
      withFolder((folder) => {
        const file = join(folder, 'script');
        writeFileSync(file, completionScript(shell, shapes));
        execFileSync(shell, [flag, file]);
      }));
  }
}

test('what people write in documentation is quoted for each shell', () => {
  assert.ok(completionScript('zsh', shapes).includes("'build:compile what'\\''s there'"));
  assert.ok(completionScript('zsh', shapes).includes('[the output \\[folder\\]\\: here]'));
  assert.ok(completionScript('fish', shapes).includes("-d 'don\\'t end'"));
});

run();
