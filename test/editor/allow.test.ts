import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Compilation, compile } from '../../compiler/compile.ts';
import { catalogue } from '../../compiler/diagnostics/catalogue/index.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { CatalogueEntry } from '../../compiler/diagnostics/entry.ts';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { allowances } from '../../compiler/editor/allow.ts';
import { compiled, openDocument } from '../../compiler/editor/document.ts';
import type { Host } from '../../compiler/host.ts';
import { hostOf } from '../support/editor-workspace.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('allow');
const root = process.env.POLC_ROOT ?? '.';

function policiesIn(folder: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:yaml|bpf)$/.test(file))
    .map((file) => [`/policies/${file}`, readFileSync(join(root, folder, file), 'utf8')]);
}

function compileAt(path: string, text: string, host: Host): Compilation {
  return compile(path, text, host, { maximumMilliseconds: 0, workspace: '/policies', findingsOnly: true });
}

/** The document as an editor has it. */
function opened(path: string, text: string, host: Host) {
  return compiled(openDocument(path, text, 1), compileAt(path, text, host));
}

/** Of what another deployment lacks the list becomes shorter with each loss that is accepted. */
function said({ code, message }: Diagnostic): string {
  return code === 'POL6006' ? code : `${code} ${message}`;
}

function without(all: readonly string[], one: string): readonly string[] {
  const at = all.indexOf(one);
  return at === -1 ? all : [...all.slice(0, at), ...all.slice(at + 1)];
}

/** Does each way to live with each finding, and gives how many there were of each code. */
function liveWithAll(path: string, text: string, host: Host): ReadonlyMap<string, number> {
  const document = opened(path, text, host);
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const finding of document.diagnostics) {
    // One of each code is enough.
    if (seen.has(finding.code)) continue;
    seen.add(finding.code);
    for (const { edits, title, certain } of allowances(document, finding)) {
      assert.not(certain, 'the reason is not known');
      const after = compileAt(path, applyEdits(text, edits), host).diagnostics;
      const context = `${path}: ${title}\n${said(finding)}\n${applyEdits(text, edits)}\n${after.map(said).join('\n')}`;
      const before = document.diagnostics.map(said);
      const isGone = after.filter((each) => said(each) === said(finding)).length;
      assert.ok(isGone < before.filter((each) => each === said(finding)).length, `is still there: ${context}`);
      let left: readonly string[] = before;
      for (const each of after) {
        const fewer = without(left, said(each));
        assert.ok(fewer.length < left.length, `has come: ${said(each)}\n${context}`);
        left = fewer;
      }
      counts.set(finding.code, (counts.get(finding.code) ?? 0) + 1);
    }
  }
  return counts;
}

test('what was accepted or allowed is gone, and nothing has come, in every example and every policy of the tests', () => {
  const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(catalogue);
  const shown = entries.flatMap(([code, { bad }]) => {
    if (bad === undefined) return [];
    const name = /^\s*(?:#[^\n]*\n)*\s*(?:hook|counter)\b/.test(bad) ? 'bpf' : 'yaml';
    return [[`/policies/${code}.${name}`, bad] as const];
  });
  const total = new Map<string, number>();
  const alone = hostOf(new Map());
  const folders = [policiesIn('examples'), policiesIn('test/fixtures')].map((files) => ({
    files: files.filter(([path, text]) => text.length < 4000 && !path.startsWith('/policies/lsp-')),
    host: { ...hostOf(new Map(files)), list: () => [] },
  }));
  for (const { files, host } of [...folders, { files: shown, host: alone }]) {
    for (const [path, text] of files) {
      for (const [code, count] of liveWithAll(path, text, host)) total.set(code, (total.get(code) ?? 0) + count);
    }
  }
  assert.ok((total.get('POL6001') ?? 0) > 3 && (total.get('POL6004') ?? 0) > 10, JSON.stringify([...total]));
  assert.ok(total.size > 30, JSON.stringify([...total]));
});

/** The text with one way to live with the first finding of a code. */
function livingWith(code: string, text: string, verb: 'accept' | 'allow', path = '/policies/web.yaml'): string {
  const document = opened(path, text, hostOf(new Map()));
  const finding = document.diagnostics.find((each) => each.code === code);
  assert.ok(finding, document.diagnostics.map(said).join('\n'));
  const way = allowances(document, finding).find(({ title }) => title.startsWith(verb));
  return way === undefined ? '' : applyEdits(text, way.edits);
}

const lossy = 'profile: web\nmode: sandbox\nresources:\n  disk: 1GiB # as before\n';

test('a loss is accepted in the list that there is, or in one of its own', () => {
  const entry = '{ loss: disk, because: REASON }';
  const accepted = (text: string) => livingWith('POL6004', text, 'accept');
  assert.is(accepted(`${lossy}# the end\n`), `${lossy}accept:\n  - ${entry}\n# the end\n`);
  assert.is(accepted(lossy.trimEnd()), `${lossy}accept:\n  - ${entry}`);
  assert.is(accepted(lossy.replaceAll('\n', '\r\n')), `${lossy}accept:\n  - ${entry}\n`.replaceAll('\n', '\r\n'));
  assert.is(accepted(`${lossy}accept: [ ] # none\n`), `${lossy}accept: [${entry} ] # none\n`);
  const other = '{ loss: runtime, because: of old, }';
  assert.is(accepted(`${lossy}accept: [${other}]\n`), `${lossy}accept: [${other}, ${entry}]\n`);
  assert.is(accepted(`${lossy}accept: [${other},]\n`), `${lossy}accept: [${other}, ${entry}]\n`);
  assert.is(
    accepted(`accept:\n- loss: runtime\n  because: >\n    of\n    old # age\n\n${lossy}`),
    `accept:\n- loss: runtime\n  because: >\n    of\n    old # age\n- ${entry}\n\n${lossy}`,
  );
  const flow = '{ profile: web, mode: sandbox, resources: { disk: 1GiB } }\n';
  assert.is(accepted(flow), flow.replace(' }\n', `, accept: [${entry}] }\n`));
});

test('a whole section is not offered to be accepted, nor an error to be allowed', () => {
  const text =
    'profile: web\nmode: sandbox\nsecurity: { seccomp: { default: allow, deny: [io_uring_setup] } }\nperformance:\n  io_mode: uring\n';
  assert.is(livingWith('POL6001', text, 'allow'), '');
  assert.match(livingWith('POL6001', text, 'accept'), /loss: io_mode/);
});

test('a comment stands above the line, and not within a text', () => {
  assert.is(
    livingWith('POL6004', lossy, 'allow'),
    lossy.replace('  disk', '  # polc: allow POL6004 because REASON\n  disk'),
  );
  const rule = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny:\n      - ';
  const inText = `${rule}|-\n          ptrace\n      - |-\n          execve\n`;
  const document = opened('/policies/web.yaml', inText, hostOf(new Map()));
  const finding = document.diagnostics.find(({ code }) => code === 'POL5026');
  assert.ok(finding, document.diagnostics.map(said).join('\n'));
  const inner = { ...finding, span: { ...finding.span, start: inText.indexOf('execve'), end: inText.length - 1 } };
  assert.equal(allowances(document, inner), []);
});

test('a comment in a hook program allows what is found in it, by itself and as part of a policy', () => {
  const program = 'hook file_open\n  deny when flags & O_CREAT\n  deny when flags & O_CREAT\n';
  const path = '/policies/files.bpf';
  const [finding] = compileAt(path, program, hostOf(new Map())).diagnostics;
  assert.ok(finding !== undefined && finding.severity !== 'error', String(finding?.code));
  const allowed = livingWith(finding.code, program, 'allow', path);
  assert.match(allowed, /^ {2}# polc: allow POL\d+ because REASON$/m);
  const policy =
    'profile: web\nmode: sandbox\nsecurity:\n  bpf_lsm:\n    file_open: files.bpf\naccept: [{ loss: bpf_lsm, because: it is loaded elsewhere }]\n';
  const found = (text: string) =>
    compileAt('/policies/web.yaml', policy, hostOf(new Map([[path, text]])))
      .diagnostics.filter(({ span }) => span.file === path)
      .map(({ code }) => code);
  assert.equal(found(program), [finding.code]);
  assert.equal(found(allowed), []);
  assert.equal(found(program.replace('hook', '# polc: allow POL6004 because it is old\nhook')), [
    'POL5093',
    finding.code,
  ]);
});

run();
