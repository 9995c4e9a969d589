import * as assert from 'uvu/assert';
import { completeAt } from '../../compiler/editor/completion/complete.ts';
import { definitionsOf } from '../../compiler/editor/definition.ts';
import { openDocument } from '../../compiler/editor/document.ts';
import { formatEdits } from '../../compiler/editor/format-edits.ts';
import { hoverAt } from '../../compiler/editor/hover/hover.ts';
import { semanticTokens } from '../../compiler/editor/semantic-tokens.ts';
import { documentSymbols } from '../../compiler/editor/symbols.ts';
import type { Workspace } from '../../compiler/editor/workspace.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('hook-programs');

const program = `# files
hook file_open
  counter opens by uid per 10s
  audit deny when flags & O_CREAT != 0 && opens > 3
hook task_create
  otherwise errno EACCES
`;
const nowhere: Workspace = {
  files: () => [],
  file: () => undefined,
  document: (path) => (path === 'a.bpf' ? openDocument(path, program, 1) : undefined),
  folderOf: () => '',
};

/** What is offered at the `|` of a text. */
function offered(marked: string): readonly string[] {
  const offset = marked.indexOf('|');
  const document = openDocument('a.bpf', marked.slice(0, offset) + marked.slice(offset + 1), 1);
  const found = completeAt(document, offset, nowhere, { severalLines: true });
  return (found?.offers ?? []).map(({ label }) => label);
}

test('at each place what can stand there is offered', () => {
  assert.equal(offered('|'), ['hook']);
  assert.ok(offered('hook file_|').includes('file_open'));
  assert.not.ok(offered('hook |').includes('task_free'));
  const open = offered('hook file_open\n  deny when |');
  for (const field of ['path', 'flags', 'uid', 'cgroup']) assert.ok(open.includes(field), field);
  assert.not.ok(open.includes('port'));
  assert.ok(offered('hook socket_bind\n  deny when po|').includes('port'));
  const flags = offered('hook file_open\n  deny when flags & |');
  assert.ok(flags.includes('O_CREAT'));
  assert.ok(flags.every((name) => name.startsWith('O_') || name.startsWith('FASYNC')));
  assert.ok(offered('hook file_open\n  deny when flags & (O_CREAT & |').includes('O_EXCL'));
  assert.ok(offered('hook socket_create\n  deny when family in [AF_UNIX, |').includes('AF_INET6'));
  assert.equal(offered('hook file_open\n  deny when path |').slice(0, 2), ['beneath', 'like']);
  assert.ok(offered('hook file_open\n  errno EA|').includes('EACCES'));
  assert.ok(offered('hook file_open\n  counter opens by |').includes('uid'));
  assert.ok(offered('hook file_open\n  counter opens per 1m\n  deny when o|').includes('opens'));
  assert.ok(offered('hook file_open\n  deny |').includes('when'));
  assert.ok(offered('hook file_open\n  deny when uid == 1\n  |').includes('allow'));
  assert.equal(offered('hook file_open # |'), []);
  assert.equal(offered('hook file_open\n  deny when path == "/e|"'), []);
});

test('every word of a program is offered where it stands', () => {
  let seen = 0;
  for (const { index, 0: word } of program.matchAll(/\b[A-Za-z_]\w*/g)) {
    const line = program.slice(program.lastIndexOf('\n', index) + 1, index);
    // A comment, an old name, and a name that is given here.
    if (line.startsWith('#') || word === 'task_create' || line.endsWith('counter ')) continue;
    const names = offered(`${program.slice(0, index)}|${program.slice(index)}`);
    assert.ok(names.includes(word), `${word} at ${index}: ${names.slice(0, 8).join(', ')}`);
    seen += 1;
  }
  assert.ok(seen > 15);
});

test('a word is explained', () => {
  const said = (word: string) =>
    hoverAt(openDocument('a.bpf', program, 1), program.indexOf(word) + 1, nowhere)?.paragraphs.join('\n') ?? '';
  assert.match(said('file_open'), /`file_open\(file\)`[\s\S]*`path`/);
  assert.match(said('flags'), /number, 32 bits[\s\S]*`O_…`[\s\S]*`file.f_flags`/);
  assert.match(said('O_CREAT'), /64, 0x40/);
  assert.match(said('opens >'), /counter/);
  assert.match(said('audit'), /records/);
  assert.match(said('task_create'), /`task_alloc\(/);
  assert.is(said('# files'), '');
});

test('words have their kinds, in order and without overlap', () => {
  const document = openDocument('a.bpf', program, 1);
  const tokens = semanticTokens(document);
  const kinds = tokens.map(({ start, end, type }) => `${program.slice(start, end)}:${type}`);
  for (const kind of [
    '# files:comment',
    'hook:keyword',
    'file_open:function',
    'opens:variable',
    'flags:property',
    'O_CREAT:enumMember',
    '10s:number',
    '&&:operator',
  ]) {
    assert.ok(kinds.includes(kind), kind);
  }
  for (let at = 1; at < tokens.length; at += 1) assert.ok(tokens[at - 1]!.end <= tokens[at]!.start);
  const line = program.indexOf('audit');
  assert.is(semanticTokens(document, { start: line, end: line + 5 }).length, 1);
});

test('the outline has the hooks, and the layout is that of polc fmt', () => {
  const document = openDocument('a.bpf', program, 1);
  const outline = documentSymbols(document);
  assert.equal(
    outline.map(({ name, children }) => [name, children.length]),
    [
      ['file_open', 2],
      ['task_create', 1],
    ],
  );
  assert.equal(
    formatEdits(document).map(({ newText }) => newText),
    ['\n'],
  );
});

test('the file in a policy leads to the section of its hook', () => {
  const text = 'mode: sandbox\nsecurity:\n  bpf_lsm:\n    task_create: a.bpf\n';
  const document = openDocument('policy.yaml', text, 1);
  const [found] = definitionsOf(document, text.indexOf('a.bpf') + 2, nowhere);
  assert.equal(program.slice(found!.span.start, found!.span.end), 'task_create');
  assert.is(found!.span.file, 'a.bpf');
});

test('whatever the text, every place is answered', () => {
  const texts = [program, 'hook', 'hook "', 'deny when (((', 'hook file_open\n deny when path beneath "', '€ $ hook x'];
  for (const text of texts) {
    const document = openDocument('a.bpf', text, 1);
    semanticTokens(document);
    documentSymbols(document);
    for (let offset = 0; offset <= text.length; offset += 1) {
      completeAt(document, offset, nowhere, { severalLines: false });
      hoverAt(document, offset, nowhere);
      definitionsOf(document, offset, nowhere);
    }
  }
});

run();
