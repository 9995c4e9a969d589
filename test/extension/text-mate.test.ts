import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('text-mate');
const root = resolve(process.env.POLC_ROOT ?? '.');
const extension = join(root, 'vscode-extension');
const tool = join(extension, 'node_modules/vscode-tmgrammar-test/dist/unit.js');
const { contributes } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
const grammars: readonly string[] = contributes.grammars.map(({ path }: { path: string }) => join(extension, path));
const fixtures = join(root, 'test/fixtures/text-mate');

const name = 'every scope that the fixtures name is where they say';
if (!existsSync(tool)) skip(name, 'vscode-tmgrammar-test is not installed: node scripts/setup-editors.js');
else {
  test(name, () => {
    const words = grammars.flatMap((each) => ['-g', each]);
    let said: string;
    try {
      said = execFileSync(process.execPath, [tool, ...words, `${fixtures}/*`], { encoding: 'utf8' });
    } catch (error) {
      throw new Error(error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error));
    }
    const cases = readdirSync(fixtures).length;
    assert.is(said.split('\n').filter((line) => line.startsWith('✓')).length, cases, said);
  });
}

test('the extension contributes every grammar that is generated, and each has the scope that it is contributed with', () => {
  const made = readdirSync(join(extension, 'syntaxes')).map((file) => join(extension, 'syntaxes', file));
  assert.equal([...grammars].sort(), made.sort());
  for (const { path, scopeName } of contributes.grammars) {
    const grammar = createRequire(import.meta.url)(join(extension, path));
    assert.is(grammar.scopeName, scopeName);
  }
});

run();
