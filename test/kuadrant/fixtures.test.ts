import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { migrateKuadrant } from '../../compiler/dialects/kuadrant/migrate/migrate.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-dialect');

for (const fixture of fixtureCases('kuadrant')) {
  test(fixture.name, () => {
    const files = readdirSync(fixture.folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .sort();
    const host = { ...hostOf(fixture.folder), list: () => files };
    const found = files.map((file) => {
      const content = readFileSync(join(fixture.folder, file), 'utf8');
      const { diagnostics, ok } = compile(file, content, host);
      const quoted = (path: string) => sourceText(path, readFileSync(join(fixture.folder, path), 'utf8'));
      return diagnostics.length === 0 ? `${file} is ${ok ? 'sound' : 'not read'}\n\n` : pretty(diagnostics, quoted);
    });
    fixture.expectReviewed('diagnostics.txt', found.join('\n'));
  });
}

for (const fixture of fixtureCases('kuadrant-migrate')) {
  test(`migrate ${fixture.name}`, () => {
    const before = fixture.input('before.yaml') ?? '';
    const { text, left } = migrateKuadrant(sourceText('before.yaml', before));
    fixture.expectReviewed('after.yaml', text);
    fixture.expectReviewed('left.txt', left.length === 0 ? undefined : pretty(left, (path) => sourceText(path, text)));
    const again = migrateKuadrant(sourceText('before.yaml', text));
    if (again.text !== text) throw new Error('what was migrated changes when it is migrated again');
  });
}

run();
