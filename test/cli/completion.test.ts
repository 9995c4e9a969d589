import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Completed, completionScript } from '../../cli/completion.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('completion');

const none = { operands: '', operandCount: { least: 0, most: 0 } };

const verbs: readonly Completed[] = [
  {
    word: 'build',
    shape: {
      ...none,
      name: 'build',
      summary: "compile what's there",
      completes: 'files',
      options: {
        out: { type: 'text', value: 'DIR', doc: 'the output [folder]: here', short: 'o', completes: 'folders' },
        format: { type: 'choice', choices: ['pretty', 'json', 'junit'], doc: 'the form' },
        watch: { type: 'flag', doc: "don't end" },
      },
    },
  },
  {
    word: 'completion',
    shape: { ...none, name: 'completion', summary: 'print a script', completes: ['bash', 'fish', 'zsh'], options: {} },
  },
  {
    word: 'keys',
    shape: { ...none, name: 'keys', summary: 'make keys', options: {} },
    verbs: [
      {
        word: 'build',
        shape: {
          ...none,
          name: 'keys build',
          summary: 'make one',
          completes: ['ed25519'],
          options: { valid: { type: 'choice', choices: ['ever', 'never'], doc: 'how long' } },
        },
      },
    ],
  },
];

/** What bash offers for a command line, its last word unfinished. */
function offers(folder: string, words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', verbs)}
    compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _polc
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['-c', script, 'bash', 'polc', ...words], { cwd: folder, encoding: 'utf8' });
  return text.split('\n').filter((line) => line !== '');
}

test('bash offers verbs, options, choices and files', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'web.yaml'), '');
    assert.equal(offers(folder, ['']), ['build', 'completion', 'keys', '--help', '--version']);
    assert.equal(offers(folder, ['bu']), ['build']);
    assert.equal(offers(folder, ['build', '--']), ['--out', '--format', '--watch', '--help']);
    assert.equal(offers(folder, ['build', '--format', 'j']), ['json', 'junit']);
    assert.equal(offers(folder, ['build', 'w']), ['web.yaml']);
    assert.equal(offers(folder, ['build', '--out', 'w']), []);
    assert.equal(offers(folder, ['completion', 'f']), ['fish']);
    assert.equal(offers(folder, ['keys', '']), ['build', '--help']);
    assert.equal(offers(folder, ['keys', 'build', '--']), ['--valid', '--help']);
    assert.equal(offers(folder, ['keys', 'build', '--valid', 'n']), ['never']);
    assert.equal(offers(folder, ['keys', 'build', '']), ['ed25519']);
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
        writeFileSync(file, completionScript(shell, verbs));
        execFileSync(shell, [flag, file]);
      }));
  }
}

if (spawnSync('fish', ['--version']).status !== 0) skip('fish offers verbs of nouns', 'fish is not installed');
else {
  test('fish offers verbs, verbs of nouns, options and choices', () =>
    withFolder((folder) => {
      const file = join(folder, 'script');
      writeFileSync(file, completionScript('fish', verbs));
      const offered = (line: string) => {
        const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
        const text = execFileSync('fish', ['-c', `source ${file}; complete -C '${line}'`], { encoding: 'utf8', env });
        return text.split('\n').flatMap((each) => (each === '' ? [] : [each.split('\t')[0]]));
      };
      assert.equal(offered('polc '), ['build', 'completion', 'keys']);
      assert.equal(offered('polc keys '), ['build']);
      assert.equal(offered('polc keys build --'), ['--valid']);
      assert.equal(offered('polc keys build --valid '), ['ever', 'never']);
      assert.equal(offered('polc keys build '), ['ed25519']);
      assert.equal(offered('polc build --'), ['--format', '--out', '--watch']);
      assert.equal(offered('polc build keys --format j'), ['json', 'junit']);
    }));
}

test('what people write in documentation is quoted for each shell', () => {
  assert.ok(completionScript('zsh', verbs).includes("'build:compile what'\\''s there'"));
  assert.ok(completionScript('zsh', verbs).includes('[the output \\[folder\\]\\: here]'));
  assert.ok(completionScript('fish', verbs).includes("-d 'don\\'t end'"));
});

run();
