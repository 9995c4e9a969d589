import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Hover, MarkupContent } from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, type LspClient, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-hover');

const capabilities = { textDocument: { hover: { contentFormat: ['markdown' as const] } } };

function ask(client: LspClient, path: string, text: string, caret: number): Promise<Hover | null> {
  return client.request('textDocument/hover', {
    textDocument: { uri: uri(path) },
    position: positionIn(text, caret),
  });
}

/** The line with its cursor, what is meant there, and what is said of it. */
function shown(text: string, caret: number, hover: Hover | null): string {
  const start = text.lastIndexOf('\n', caret - 1) + 1;
  const end = text.indexOf('\n', caret);
  const line = `${text.slice(start, caret)}|${text.slice(caret, end === -1 ? text.length : end)}`;
  const said = hover === null ? 'nothing' : (hover.contents as MarkupContent).value;
  const range = hover?.range;
  const isOneLine = range !== undefined && range.start.line === range.end.line;
  const lines = text.split('\n');
  const meant = isOneLine
    ? lines[range.start.line]!.slice(range.start.character, range.end.character)
    : range === undefined
      ? ''
      : `lines ${range.start.line + 1} to ${range.end.line + 1}`;
  return `${line.trim()}\n${meant === '' ? '' : `of ${JSON.stringify(meant)}\n`}${said.replace(/^(?=.)/gm, '  ')}\n`;
}

for (const { fixture, path, marked, others } of lspCases('hover')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      for (const [name, text] of others) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const file = join(folder, path.slice(path.lastIndexOf('/') + 1));
      const isPlain = fixture.name.startsWith('plain-client');
      const client = await clientInProcess({ folders: [folder], ...(isPlain ? {} : { capabilities }) });
      client.open(file, marked.text);
      const parts: string[] = [];
      for (const caret of marked.carets) {
        parts.push(shown(marked.text, caret, await ask(client, file, marked.text, caret)));
      }
      fixture.expectReviewed('shown.txt', parts.join('\n').replaceAll(`${folder}/`, ''));
      await client.end();
    }),
  );
}

test('what somebody else wrote into a policy is shown, and neither loaded nor followed', () =>
  withFolder(async (folder) => {
    const image = '![x](https://example.org/seen.png)';
    const shared = `tiers:\n  basic:\n    # \`\`\`\n    # ${image}\n    limits: { requests_per_minute: 60 }\n`;
    writeFileSync(join(folder, 'shared.yaml'), `# polc: tenancy\n${shared}`);
    const client = await clientInProcess({ folders: [folder], capabilities });
    const file = join(folder, 'web.yaml');
    const lines = [
      '# polc: tenancy',
      'include: shared.yaml',
      'teams:',
      `  "${image}": { tier: basic }`,
      `name: '${image}'`,
    ];
    const text = `${lines.join('\n')}\n`;
    client.open(file, text);
    const said: string[] = [];
    for (const word of ['![x]', 'basic', 'tier:', `'${image}`]) {
      const hover = await ask(client, file, text, text.lastIndexOf(word) + 2);
      if (hover !== null) said.push((hover.contents as MarkupContent).value);
    }
    assert.ok(said.join('\n').includes('seen.png'), said.join('\n'));
    for (const markdown of said) {
      const code = /^(`{3,})[\s\S]*?^\1$|(`+)[\s\S]*?\2(?!`)/gm;
      const outside = markdown.replace(/\\[\W_]/g, '').replace(code, '');
      assert.not(/!\[|\]\(|<img/.test(outside), markdown);
    }
    await client.end();
  }));

test('what a rule costs is of the text as it is now', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'web.yaml');
    const head = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: deny\n    allow: ["@basic-start"';
    const client = await clientInProcess({ folders: [folder], capabilities });
    client.open(file, `${head}]\n`);
    const text = `${head}, "@network-io"]\n`;
    client.change(file, text);
    const hover = await ask(client, file, text, text.indexOf('@network'));
    const contents = hover?.contents as MarkupContent | undefined;
    assert.match(contents?.value ?? '', /\d+ instructions? of \d+ in `x86_64\.bpf`/);
    await client.end();
  }));

run();
