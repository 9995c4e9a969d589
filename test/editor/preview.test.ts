import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { compiled, openDocument } from '../../compiler/editor/document.ts';
import { previewOf } from '../../compiler/editor/preview/preview.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { hostOf } from '../support/editor-workspace.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('editor-preview');

const web = scenarioFiles['web.yaml']!.replace('sandbx', 'sandbox');
const texts = new Map([
  ['/p/base.yaml', scenarioFiles['base.yaml']!],
  ['/p/web.yaml', web],
]);

/** The lines of a listing with the lines of files that they come from, as `FILE:LINE`. */
function listing(tab: string): readonly { readonly line: string; readonly from: ReadonlySet<string> }[] {
  const compilation = compile('/p/web.yaml', web, hostOf(texts), { maximumMilliseconds: 0, workspace: '/p' });
  assert.ok(compilation.ok);
  const document = compiled(openDocument('/p/web.yaml', web, 1), compilation);
  const { content } = previewOf(document, { target: defaultTarget, tab });
  assert.is(content?.tab, tab);
  return content!.text.split('\n').map((line, at) => {
    const own = content!.links.filter(({ first, last }) => first <= at && at <= last);
    return { line, from: new Set(own.map(({ place }) => `${place.file.slice(3)}:${place.start.line + 1}`)) };
  });
}

for (const tab of ['seccomp/x86_64.txt', 'seccomp/aarch64.txt']) {
  test(`${tab}: what tests for a call comes from the list that names it, though the lists were joined`, () => {
    const lines = listing(tab);
    const own = lines.filter(({ from }) => from.has('web.yaml:7')).map(({ line }) => line);
    const tests = own.filter((line) => / j\w+ /.test(line));
    assert.ok(tests.length > 0);
    // A range may begin or end with the call, and then names the one beside it.
    assert.ok(tests.length <= 2, tests.join('\n'));
    assert.ok(
      own.some((line) => line.includes('ret ALLOW')),
      own.join('\n'),
    );
    const others = lines.filter(({ from }) => from.has('base.yaml:7') && !from.has('web.yaml:7'));
    assert.ok(others.length > 10, `${others.length} lines come from the base`);
  });
}

run();
