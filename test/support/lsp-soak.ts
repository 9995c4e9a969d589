import type { Diagnostic, DocumentDiagnosticReport, TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { clientInProcess, type LspClient, uri } from './lsp-client.ts';
import { Random } from './random-decision.ts';

/** What a soak went through. */
export interface Soaked {
  readonly edits: number;
  readonly comparisons: number;
  /** Of the comparisons those in which something was found. */
  readonly withFindings: number;
}

const capabilities = { textDocument: { diagnostic: {} } };

/** Pieces that break a policy, mend it, or make it another one. */
const pieces = [
  '\n',
  '  ',
  ':',
  '- ',
  '"',
  "'",
  '#',
  '{',
  '[',
  ']',
  '}',
  '0',
  '7',
  'x',
  '🔒',
  'é',
  '\t',
  '---\n',
  '&a ',
  '*a',
  'extends: base.yaml\n',
  'nonsense: 1\n',
  ': ',
  '|\n',
  '\r\n',
];

/**
 * Edits open documents at random, several at a time, through one server that remembers, and compares what it finds with
 * what a server finds that has never seen anything but the texts as they are. The editor says that they are policies: else
 * what was one stays one as long as it is open, however broken. Throws where the two differ.
 *
 * @param files the texts that it begins with, by absolute path; nothing of them lies on the disk
 * @param enough asked after each comparison whether to stop
 */
export async function soak(
  files: ReadonlyMap<string, string>,
  seed: number,
  enough: (soaked: Soaked) => boolean,
): Promise<Soaked> {
  const random = new Random(seed);
  const client = await clientInProcess({ capabilities });
  const texts = new Map<string, TextDocument>();
  for (const [path, text] of files) {
    texts.set(path, TextDocument.create(uri(path), 'yaml', 1, text));
    client.open(path, text, 'polc');
  }
  const paths = [...files.keys()];
  let edits = 0;
  let comparisons = 0;
  let withFindings = 0;
  for (;;) {
    // Of one document most often, as people type; sometimes of a file that it extends.
    let path = random.pick(paths);
    for (let burst = 1 + random.below(6); burst > 0; burst -= 1) {
      if (random.below(5) === 0) path = random.pick(paths);
      const before = texts.get(path)!;
      const changes = random.below(12) === 0 ? [{ text: files.get(path)! }] : [edit(before, random)];
      texts.set(path, TextDocument.update(before, changes, before.version + 1));
      client.change(path, changes);
      edits += 1;
      // Into the middle of a compilation.
      if (random.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const asked = random.below(3) === 0 ? random.pick(paths) : path;
    const found = await pulled(client, asked);
    const fresh = await freshlyFound(texts, asked);
    if (JSON.stringify(found) !== JSON.stringify(fresh)) {
      const text = texts.get(asked)!.getText();
      throw new Error(
        `seed ${seed}, ${edits} edits, ${asked}: found ${JSON.stringify(found)}\nafresh ${JSON.stringify(fresh)}\n${text}`,
      );
    }
    comparisons += 1;
    if (found.length > 0) withFindings += 1;
    if (enough({ edits, comparisons, withFindings })) break;
  }
  await client.end();
  return { edits, comparisons, withFindings };
}

function edit(document: TextDocument, random: Random): TextDocumentContentChangeEvent {
  const text = document.getText();
  const from = random.below(text.length + 1);
  const length = random.below(3) === 0 ? 0 : random.below(random.below(8) === 0 ? 200 : 4);
  const to = Math.min(text.length, from + length);
  const copied = random.below(text.length + 1);
  const insert = random.below(3) === 0 ? text.slice(copied, copied + random.below(60)) : random.pick(pieces);
  return {
    range: { start: document.positionAt(from), end: document.positionAt(to) },
    text: random.below(4) === 0 ? '' : insert,
  };
}

async function pulled(client: LspClient, path: string): Promise<readonly Omit<Diagnostic, 'data'>[]> {
  const report = await client.request<DocumentDiagnosticReport>('textDocument/diagnostic', {
    textDocument: { uri: uri(path) },
  });
  if (report.kind !== 'full') throw new Error('the findings are said to be those of before, which were not named');
  // Versions differ, and nothing else does.
  return report.items.map(({ data: _, ...rest }) => rest);
}

async function freshlyFound(texts: ReadonlyMap<string, TextDocument>, path: string) {
  const client = await clientInProcess({ capabilities });
  for (const [other, document] of texts) client.open(other, document.getText(), 'polc');
  const found = await pulled(client, path);
  await client.end();
  return found;
}
