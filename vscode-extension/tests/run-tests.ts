import {
  type CancellationToken,
  Location,
  Range,
  type TestController,
  type TestItem,
  TestMessage,
  type TestRunRequest,
  Uri,
  workspace,
} from 'vscode';
import type { Polc } from '../polc.ts';

/** Of `polc test --format json`. */
interface Printed {
  readonly files: readonly {
    readonly errors: readonly (Place & { readonly code: string; readonly message: string })[];
    readonly tests: readonly (Place & Outcome)[];
  }[];
}

interface Outcome {
  readonly name: string;
  readonly index: number;
  readonly passed: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly because?: string;
  readonly by?: Place & { readonly topic: string; readonly of?: string };
}

/** From 1. */
interface Place {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** Runs the tests that are asked for; all of one policy in one run of polc. */
export async function runTests(
  controller: TestController,
  polc: Polc,
  request: TestRunRequest,
  token: CancellationToken,
): Promise<void> {
  const run = controller.createTestRun(request);
  const wanted = request.include ?? [...controller.items].map(([, item]) => item);
  for (const [file, items] of byFile(wanted, request.exclude ?? [])) {
    if (token.isCancellationRequested) break;
    for (const item of items) run.started(item);
    try {
      await save(file);
      const cwd = workspace.getWorkspaceFolder(file)?.uri.fsPath;
      const words = ['test', file.fsPath, '--format', 'json'];
      const { output, errors } = await polc.run(words, cwd === undefined ? {} : { cwd });
      // Where polc cannot even begin it says why on its other stream.
      if (output === '') throw new Error(errors.trim());
      const printed: Printed = JSON.parse(output);
      const found = printed.files[0];
      for (const item of items) tell(item, found, (place) => locationOf(place, cwd));
    } catch (error) {
      const message = new TestMessage(error instanceof Error ? error.message : String(error));
      for (const item of items) run.errored(item, message);
    }
  }
  run.end();

  function tell(item: TestItem, found: Printed['files'][number] | undefined, at: (place: Place) => Location): void {
    const [error] = found?.errors ?? [];
    if (error !== undefined) {
      const message = new TestMessage(`${error.message} (${error.code})`);
      message.location = at(error);
      run.errored(item, message);
      return;
    }
    const outcome = found?.tests.find(({ index }) => String(index) === item.id.split('#').at(-1));
    if (outcome === undefined) {
      run.skipped(item);
      return;
    }
    const { expected, actual, because, by } = outcome;
    const why = because === undefined ? '' : `: ${because}`;
    const said = `expected ${expected}, got ${actual}${why}`;
    run.appendOutput(`${outcome.passed ? `✔ ${item.label}` : `✘ ${item.label}: ${said}`}\r\n`, undefined, item);
    if (outcome.passed) {
      run.passed(item);
      return;
    }
    const message = TestMessage.diff(said, expected, actual);
    message.location = at(outcome);
    const messages = [message];
    if (by !== undefined) {
      const decided = new TestMessage(`decided by ${by.topic}${by.of === undefined ? '' : ` (${by.of})`}`);
      decided.location = at(by);
      messages.push(decided);
    }
    run.failed(item, messages);
  }
}

/** The tests among the items and below them, by policy. */
function byFile(items: readonly TestItem[], exclude: readonly TestItem[]): ReadonlyMap<Uri, readonly TestItem[]> {
  const files = new Map<string, { readonly uri: Uri; readonly tests: Set<TestItem> }>();
  const add = (item: TestItem) => {
    if (exclude.includes(item) || item.uri === undefined) return;
    if (item.parent === undefined) {
      for (const [, child] of item.children) add(child);
      return;
    }
    const name = item.uri.toString();
    const file = files.get(name) ?? { uri: item.uri, tests: new Set() };
    files.set(name, file);
    file.tests.add(item);
  };
  for (const item of items) add(item);
  return new Map([...files.values()].map(({ uri, tests }) => [uri, [...tests]]));
}

/** polc reads what is on the disk. */
async function save(file: Uri): Promise<void> {
  const open = workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  if (open?.isDirty) await open.save();
}

function locationOf(
  { path, line = 1, column = 1, endLine = line, endColumn = column }: Place,
  cwd: string | undefined,
) {
  const isAbsolute = /^(?:[/\\]|[A-Za-z]:)/.test(path);
  const uri = isAbsolute || cwd === undefined ? Uri.file(path) : Uri.joinPath(Uri.file(cwd), path);
  return new Location(uri, new Range(line - 1, column - 1, endLine - 1, endColumn - 1));
}
