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

test('texts of eBPF name files as the policy does, and their lines come from where they did', () => {
  const policy =
    'profile: web\nextends: ../base.yaml\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: hooks/files.bpf } }\n';
  const rule = 'deny when path == "/p/web/hooks/files.bpf"';
  const files = new Map([
    ['/p/base.yaml', 'profile: base\nmode: sandbox\nsecurity: { seccomp: { default: allow, deny: [ptrace] } }\n'],
    ['/p/web/web.yaml', policy],
    ['/p/web/hooks/files.bpf', `hook file_open\n  ${rule}\n`],
  ]);
  const options = { maximumMilliseconds: 0, workspace: '/p' };
  const compilation = compile('/p/web/web.yaml', policy, hostOf(files), options);
  assert.ok(compilation.ok);
  const document = compiled(openDocument('/p/web/web.yaml', policy, 1), compilation);
  const of = (tab: string) => previewOf(document, { target: defaultTarget, tab }).content!;
  const listed = of('bpf-lsm/policy.bpf.txt');
  const lines = listed.text.split('\n');
  assert.ok(lines.includes(`; hooks/files.bpf:2  ${rule}`), lines.slice(0, 30).join('\n'));
  const { outputs } = compilation;
  const written = outputs.flatMap(({ artifacts }) => artifacts).find(({ path }) => path === 'policy.bpf.txt')!.content;
  assert.is(listed.text.replace(/^; (?=hooks\/|web\.yaml)/gm, '; /p/web/'), written);
  assert.ok(listed.links.some(({ place }) => place.file === '/p/web/hooks/files.bpf'));
  const { programs } = JSON.parse(of('bpf-lsm/policy.bpf.json').text);
  const named = new Set([...JSON.stringify(programs).matchAll(/"file":"([^"]*)"/g)].map(([, file]) => file));
  for (const file of named) assert.ok(['hooks/files.bpf', 'web.yaml'].includes(file!), file);
});

run();
