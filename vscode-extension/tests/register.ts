import { Disposable, TestRunProfileKind, type TextDocument, tests, type Uri, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type TestsFound, type TestsParameters, testsRequest } from '../../lsp/requests.ts';
import type { Polc } from '../polc.ts';
import { runTests } from './run-tests.ts';

/** How long after a change the tests of a policy are looked for again, in milliseconds. */
const pause = 300;
/** A folder with more YAML files is searched no further. */
const most = 2_000;
/** Larger files are no policies with tests. */
const largest = 1 << 20;
const glob = '**/*.{yaml,yml}';

/** The tests of policies in the Test Explorer: those of open policies as they are written, of others as they are saved. */
export function registerTests(client: BaseLanguageClient, polc: Polc): Disposable {
  const controller = tests.createTestController('polc', 'polc');
  controller.createRunProfile(
    'Run',
    TestRunProfileKind.Run,
    (request, token) => runTests(controller, polc, request, token),
    true,
  );
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  async function look(uri: Uri): Promise<void> {
    if (!client.isRunning()) return;
    const parameters: TestsParameters = { textDocument: { uri: uri.toString() } };
    const found = await client.sendRequest<TestsFound | null>(testsRequest, parameters).catch(() => null);
    show(uri, found?.tests ?? []);
  }

  function show(uri: Uri, found: TestsFound['tests']): void {
    const id = uri.toString();
    if (found.length === 0) {
      controller.items.delete(id);
      return;
    }
    const known = controller.items.get(id);
    const file = known ?? controller.createTestItem(id, workspace.asRelativePath(uri), uri);
    file.children.replace(
      found.map(({ name, range }, index) => {
        const own = `${id}#${index}`;
        const before = file.children.get(own);
        // One of the same name keeps its last result.
        const item = before?.label === name ? before : controller.createTestItem(own, name, uri);
        item.sortText = String(index).padStart(6, '0');
        item.range = client.protocol2CodeConverter.asRange(range);
        return item;
      }),
    );
    if (known === undefined) controller.items.add(file);
  }

  const later = (uri: Uri) => {
    const id = uri.toString();
    clearTimeout(timers.get(id));
    timers.set(
      id,
      setTimeout(() => {
        timers.delete(id);
        void look(uri);
      }, pause),
    );
  };
  const ofPolicy = (document: TextDocument) => {
    if (document.languageId === 'polc') later(document.uri);
  };
  /** What is not open is asked about only where it seems to have tests. */
  const lookOnDisk = async (uri: Uri) => {
    if (workspace.textDocuments.some((document) => document.uri.toString() === uri.toString())) return;
    try {
      const { size } = await workspace.fs.stat(uri);
      const text = size > largest ? '' : new TextDecoder().decode(await workspace.fs.readFile(uri));
      if (/^["']?tests["']?\s*:/m.test(text)) await look(uri);
      else controller.items.delete(uri.toString());
    } catch {
      controller.items.delete(uri.toString());
    }
  };
  const discover = async () => {
    const files = await workspace.findFiles(glob, '**/node_modules/**', most);
    for (const uri of files) await lookOnDisk(uri);
    for (const document of workspace.textDocuments) ofPolicy(document);
  };
  controller.refreshHandler = discover;
  const watcher = workspace.createFileSystemWatcher(glob);
  return Disposable.from(
    controller,
    watcher,
    watcher.onDidCreate(lookOnDisk),
    watcher.onDidChange(lookOnDisk),
    watcher.onDidDelete((uri) => controller.items.delete(uri.toString())),
    client.onDidChangeState(() => client.isRunning() && void discover()),
    workspace.onDidOpenTextDocument(ofPolicy),
    workspace.onDidChangeTextDocument(({ document }) => ofPolicy(document)),
    // What was written and not saved is gone.
    workspace.onDidCloseTextDocument(({ uri }) => uri.scheme === 'file' && void lookOnDisk(uri)),
    new Disposable(() => {
      for (const timer of timers.values()) clearTimeout(timer);
    }),
  );
}
