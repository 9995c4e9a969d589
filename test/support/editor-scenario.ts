import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { polcScript } from './polc-process.ts';

const root = resolve(process.env.POLC_ROOT ?? '.');

/**
 * What every editor is put through, and what it has to show. The policies: `web.yaml`, which extends `base.yaml` and has a
 * misspelt mode in its line 3, and `class.yaml`, whose template is `python-ml.yaml`.
 */
export const scenarioFiles: Readonly<Record<string, string>> = {
  'base.yaml': `profile: base
mode: sandbox
security:
  level: medium
  seccomp:
    default: errno(EPERM)
    allow: ["@default", "@basic-io", "@basic-start"]
`,
  'web.yaml': `# ä policy 🛡 of the web server
profile: web
mode: sandbx
extends: base.yaml
security:
  seccomp:
    allow: [socket]
resources:
  memory: 512MiB
`,
  'python-ml.yaml': `slug: python-ml
name: Python for machine learning
base: ubuntu-24.04-server-lts
`,
  'class.yaml': `institution:
  name: State University
  allowed_templates: [python-ml]
`,
  'other.yaml': `name: a workflow of somebody else
steps: [checkout, build]
`,
};

/** What an editor showed. */
export interface Observed {
  /** `CODE LINE:COLUMN MESSAGE` of `web.yaml`, from 1; of the message its first line. */
  readonly diagnostics: readonly string[];
  /** How many mistakes it showed in `other.yaml`. */
  readonly foreign: number;
  /** Line 3 of `web.yaml` after the quick fix. */
  readonly fixed: string;
  /** How many errors are left then; a warning is. */
  readonly left: number;
  /** Labels of what is offered for the value of `mode` once it has been cut down to `s`. */
  readonly completion: readonly string[];
  /** What hovering over `512MiB` says. */
  readonly hover: string;
  /** `FILE LINE` that the definition of `base.yaml` in `web.yaml` leads to. */
  readonly definition: string;
  /** The texts of `class.yaml` and `python-ml.yaml` after `python-ml` has been renamed to `python-next`. */
  readonly renamed: readonly [string, string];
  /** The groups of the preview's tabs, and the beginning of the IR's text. */
  readonly preview: { readonly groups: readonly string[]; readonly ir: string };
}

export function checkObserved(seen: Observed): void {
  assert.equal(seen.diagnostics, ['POL3001 3:7 `sandbx` is not an enforcement level'], 'the mistake');
  assert.is(seen.foreign, 0, 'YAML of others is left alone');
  assert.is(seen.fixed, 'mode: sandbox', 'the quick fix');
  assert.is(seen.left, 0, 'the mistake is gone');
  assert.ok(seen.completion.includes('sandbox'), `sandbox is offered: ${seen.completion.join(', ')}`);
  assert.match(seen.hover, /536[, ]?870[, ]?912/, 'the hover says how many bytes 512 MiB are');
  assert.is(seen.definition, 'base.yaml 1', 'the definition is in the other file');
  const renamed = (name: string) => scenarioFiles[name]!.replace('python-ml', 'python-next');
  assert.is(seen.renamed[0], renamed('class.yaml'), 'the name where it is used');
  assert.is(seen.renamed[1], renamed('python-ml.yaml'), 'the name where it is given, in the other file');
  assert.equal(seen.preview.groups.includes('seccomp') && seen.preview.groups.includes('IR'), true, 'the tabs');
  assert.match(seen.preview.ir, /^policy web\n/, 'the IR');
}

/** The folder of the scenario's files, with a `polc` on the path that editors are started with. */
export interface EditorFolder {
  readonly folder: string;
  /** For what the test itself writes: the editor's configuration, its script, its answer. */
  readonly own: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a test in a new folder of its own, which is removed at the end. */
export async function withEditorFolder(run: (folder: EditorFolder) => Promise<void>): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'polc-editor-'));
  try {
    const folder = join(base, 'policies');
    const own = join(base, 'own');
    for (const each of [folder, own, join(base, 'bin')]) mkdirSync(each);
    for (const [name, text] of Object.entries(scenarioFiles)) writeFileSync(join(folder, name), text);
    const program = join(base, 'bin/polc');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${polcScript}' "$@"\n`);
    chmodSync(program, 0o755);
    const env = { ...process.env, HOME: own, XDG_CONFIG_HOME: own, PATH: `${join(base, 'bin')}:${process.env.PATH}` };
    await run({ folder, own, env });
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** The code block of a language in a chapter of docs/editors.md: what readers are told is what is tried. */
export function documentedConfiguration(chapter: string, language: string): string {
  const text = readFileSync(join(root, 'docs/editors.md'), 'utf8');
  const after = text.split(`\n## ${chapter}\n`)[1]?.split('\n## ')[0] ?? '';
  const block = after.split(`\`\`\`${language}\n`)[1]?.split('\n```')[0];
  if (block === undefined) throw new Error(`docs/editors.md has no ${language} under ${chapter}`);
  return block;
}

/** Runs an editor to its end, at most so many milliseconds; gives what it wrote. */
export function runEditor(
  program: string,
  words: readonly string[],
  { folder, env }: EditorFolder,
  milliseconds: number,
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    // The editor with the server that it has started.
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), milliseconds);
    child.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    child.on('close', () => {
      clearTimeout(timer);
      done(output);
    });
  });
}
