import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { catalogue, groups } from '../../compiler/diagnostics/catalogue/index.ts';
import { codes, isCode, messageOf } from '../../compiler/diagnostics/catalogue.ts';
import { documentation, documentationIndex, findCode, referencePage } from '../../compiler/diagnostics/docs.ts';
import type { CatalogueEntry } from '../../compiler/diagnostics/entry.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('catalogue');
const root = process.env.POLC_ROOT ?? '.';
const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(catalogue);

/** A message may begin with a name that is always written so, or with an acronym. */
const properName = /^(Landlock|Linux|Node|[A-Z]{2,})\b/;

/** Every source of the product but the catalogue itself. */
function sources(): readonly string[] {
  return ['compiler', 'cli', 'runtime', 'lsp']
    .flatMap((folder) => filesBelow(join(root, folder)))
    .filter((file) => !file.includes('diagnostics/catalogue'))
    .map((file) => readFileSync(file, 'utf8'));
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file));
  } catch {
    // A room that is not built yet.
    return [];
  }
}

test('no code stands twice, and each stands in the group of its digit', () => {
  const all = Object.entries(groups).flatMap(([prefix, group]) =>
    Object.keys(group.entries).map((code) => ({ prefix, code })),
  );
  assert.is(new Set(all.map(({ code }) => code)).size, all.length);
  assert.is(all.length, entries.length);
  for (const { prefix, code } of all) assert.ok(/^POL\d{4}$/.test(code) && code.startsWith(prefix), code);
  // A key written twice would be merged before anything could count it, and a file that is in no group has no entries.
  const written = filesBelow(join(root, 'compiler/diagnostics/catalogue')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ {2}(POL\d{4}): \{/gm)].map((match) => match[1] ?? ''),
  );
  assert.equal(written.toSorted(), all.map(({ code }) => code).toSorted());
});

test('findings have the severity, message and help of their entry', () => {
  assert.equal(
    codes(),
    entries.map(([code]) => code),
  );
  for (const code of codes()) {
    if (!isCode(code)) throw new Error(`${code} is none`);
    const { severity, message, help } = catalogue[code];
    assert.equal(messageOf(code), { severity, message, help }, code);
  }
  for (const word of ['', 'POL', 'POL1', 'POL0000', 'error', 'POL1001\terror', 'pol1001'])
    assert.not(isCode(word), word);
});

test('every code is reported somewhere, and everything reported is in the catalogue', () => {
  const used = new Set(
    sources().flatMap((text) => [...text.matchAll(/['"](POL\d{4})['"]/g)].map((match) => match[1]!)),
  );
  assert.equal(
    entries.map(([code]) => code).filter((code) => !used.has(code)),
    [],
  );
  assert.equal(
    [...used].filter((code) => !Object.hasOwn(catalogue, code)),
    [],
  );
});

test('messages and help are in the house style', () => {
  const wrong: string[] = [];
  for (const [code, { message, help, explanation }] of entries) {
    for (const [kind, text] of [
      ['message', message],
      ['help', help],
    ] as const) {
      if (text.trim() === '') wrong.push(`${code} has no ${kind}`);
      if (!/^[`{a-z0-9]/.test(text) && !properName.test(text))
        wrong.push(`${code}: ${kind} starts with a capital: ${text}`);
      if (/[.!]$/.test(text)) wrong.push(`${code}: ${kind} ends with a full stop: ${text}`);
      if ((text.split('`').length - 1) % 2 !== 0) wrong.push(`${code}: ${kind} has an open backtick: ${text}`);
      if (text !== text.trim() || text.includes('\n')) wrong.push(`${code}: ${kind} is not one line`);
    }
    if (explanation.trim().length < 40) wrong.push(`${code} is not explained`);
    if (!/[.!?)`]$/.test(explanation.trim())) wrong.push(`${code}: the explanation is no sentence`);
  }
  assert.equal(wrong, []);
});

test('`polc docs` shows every entry, and finds a code however it is written', () => {
  const index = documentationIndex();
  const page = referencePage();
  for (const [code, entry] of entries) {
    const found = findCode(code);
    assert.ok('code' in found);
    const text = documentation(found.code);
    assert.ok(text.startsWith(`${entry.severity}[${code}]: ${entry.message}\n`));
    if (/^\{\w+\}$/.test(entry.help)) assert.not.match(text, entry.help);
    else assert.ok(text.includes(entry.help));
    assert.not.match(text, /```|\]\(/);
    assert.ok(index.includes(`${code}  ${entry.severity}`));
    assert.ok(page.includes(`### ${code}\n`));
  }
  assert.equal(findCode('5093'), { code: 'POL5093' });
  assert.equal(findCode('pol5093'), { code: 'POL5093' });
  assert.equal(findCode('POL5O93'), { suggestion: 'POL5093' });
});

run();
