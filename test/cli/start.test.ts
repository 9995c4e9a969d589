import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import * as assert from 'uvu/assert';
import { auditVerbs } from '../../cli/commands/audit/verbs.ts';
import { guardrailVerbs } from '../../cli/commands/guardrail/verbs.ts';
import { keysVerbs } from '../../cli/commands/keys/verbs.ts';
import { profileVerbs } from '../../cli/commands/profile/verbs.ts';
import { templateVerbs } from '../../cli/commands/template/verbs.ts';
import { tenancyVerbs } from '../../cli/commands/tenancy/verbs.ts';
import { main } from '../../cli/main.ts';
import {
  auditSummaries,
  guardrailSummaries,
  keysSummaries,
  profileSummaries,
  summaries,
  templateSummaries,
  tenancySummaries,
} from '../../cli/summaries.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { verbs } from '../../cli/verbs.ts';
import { version } from '../../compiler/version.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('start');
const root = process.env.POLC_ROOT ?? '.';
const script = join(root, 'bin/polc.js');
const compilerId = readFileSync(join(root, 'build/compiler-id'), 'utf8');
const scriptFolder = join(root, 'build', `cli-${compilerId.slice(0, 16)}`);

function polc(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function recorder(): Terminal & { readonly output: string[]; readonly errors: string[] } {
  const output: string[] = [];
  const errors: string[] = [];
  return {
    output,
    errors,
    write: (text) => output.push(text),
    writeError: (text) => errors.push(text),
    progress() {},
    color: { output: false, error: false },
    width: 80,
  };
}

test('--version, --help and docs print to standard output and end with 0', () => {
  assert.equal(polc('--version'), { status: 0, stdout: `polc ${version}\n`, stderr: '' });
  const help = polc('--help');
  assert.is(help.status, 0);
  assert.match(help.stdout, /verbs:\n[\s\S]*\n {2}doctor +show what this machine can enforce\n/);
  const docs = polc('docs', '8003');
  assert.is(docs.status, 0);
  assert.match(docs.stdout, /^error\[POL8003\]: cannot write/);
  assert.is(polc('help', 'docs').stdout, polc('docs', '--help').stdout);
});

test('help is given of what is asked for, and of nothing else', () => {
  const join = polc('wasm', 'join', '--help').stdout;
  assert.match(join, /usage: polc wasm join /);
  assert.is(polc('help', 'wasm', 'join').stdout, join);
  assert.is(polc('wasm', 'help', 'join').stdout, join);
  assert.is(polc('wasm', 'help').stdout, polc('help', 'wasm').stdout);
  for (const [words, stderr] of [
    [['help', 'biuld'], 'polc: unknown verb `biuld`\n  = help: a verb with a similar name exists: `build`\n'],
    [['wasm', 'help', 'jion'], 'polc wasm: unknown verb `jion`\n  = help: did you mean `join`?\n'],
    [
      ['sandbox', 'status', 'nope'],
      'polc sandbox status: `nope` is not loaded\n  = help: see `polc sandbox status` for what is\n',
    ],
  ] as const) {
    assert.equal(polc(...words), { status: 2, stdout: '', stderr });
  }
});

test('the help says of each verb, in one line, what its command says of itself', async () => {
  for (const [of, table] of [
    [verbs, summaries],
    [guardrailVerbs, guardrailSummaries],
    [tenancyVerbs, tenancySummaries],
    [profileVerbs, profileSummaries],
    [templateVerbs, templateSummaries],
    [keysVerbs, keysSummaries],
    [auditVerbs, auditSummaries],
  ] as const) {
    assert.equal(Object.keys(of), Object.keys(table));
    for (const [verb, load] of Object.entries(of)) {
      const { name, summary } = (await load()).command.shape;
      assert.is(name.replace(/^(guardrail|tenancy|profile|template|keys|audit) /, ''), verb);
      assert.is(summary, Object.entries(table).find(([each]) => each === verb)?.[1]);
      assert.match(summary, /^[a-z][^\n]*[^.\n]$/);
    }
  }
  for (const [words, table] of [
    [['--help'], summaries],
    [['guardrail', '--help'], guardrailSummaries],
    [['tenancy', '--help'], tenancySummaries],
    [['profile', '--help'], profileSummaries],
    [['template', '--help'], templateSummaries],
    [['keys', '--help'], keysSummaries],
    [['audit', '--help'], auditSummaries],
  ] as const) {
    const listed = polc(...words).stdout.matchAll(/^ {2}([a-z]+) +(\S.*)$/gm);
    assert.equal(
      [...listed].map(([, verb, summary]) => [verb, summary]),
      Object.entries(table),
    );
  }
});

test('mistakes on the command line end with 2 and a next step', () => {
  assert.equal(polc('doks'), {
    status: 2,
    stdout: '',
    stderr: 'polc: unknown verb `doks`\n  = help: a verb with a similar name exists: `docs`\n',
  });
  assert.is(polc().status, 2);
  assert.is(polc('__proto__').status, 2);
  const option = polc('doctor', '--fromat', 'json');
  assert.is(option.status, 2);
  assert.match(option.stderr, /similar name exists: `--format`/);
  assert.match(polc('docs', 'POL80003').stderr, /similar name exists: `POL8003`/);
});

test('the version is that of the package', () => {
  assert.is(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version, version);
});

test('an unexpected throw ends with 70 and asks for a report', async () => {
  const terminal = recorder();
  const broken = {
    ...terminal,
    write() {
      throw new Error('the moon is full');
    },
  };
  assert.is(await main(['--version'], broken), 70);
  assert.match(terminal.errors.join(''), /mistake in polc[\s\S]*the moon is full[\s\S]*help: please report it/);
});

test('a reader that goes away ends the output quietly', async () => {
  const child = spawn(process.execPath, [script, 'docs'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.is(errors, '');
  assert.is(code, 0);
});

test('a slow reader of a non-blocking pipe gets everything', () => {
  // The pipe holds 64 KiB, which is less. Another Node that has it as its output keeps it non-blocking while it lives.
  const words = ['docs', ...Array.from({ length: 400 }, () => 'POL8003')];
  const all = polc(...words).stdout;
  assert.ok(all.length > 100_000);
  const holder = "process.stdout.write(''); setTimeout(() => {}, 1200)";
  const command = '{ "$0" -e "$1" & sleep 0.4; shift; "$0" "$@"; wait; } | { sleep 1; cat; }';
  const read = execFileSync('bash', ['-c', command, process.execPath, holder, script, ...words], { encoding: 'utf8' });
  assert.is(read, all);
});

test('a code cache that is missing, foreign or cut short changes nothing', () =>
  withFolder((folder) => {
    cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
    cpSync(scriptFolder, join(folder, 'build', basename(scriptFolder)), {
      recursive: true,
      filter: (path) => !path.endsWith('.cache'),
    });
    writeFileSync(join(folder, 'build/compiler-id'), compilerId);
    const docs = () =>
      spawnSync(process.execPath, [join(folder, 'bin/polc.js'), 'docs', 'POL8003'], { encoding: 'utf8' });
    const expected = docs();
    assert.is(expected.status, 0);
    const { cacheHead }: { cacheHead(id: string): string } = createRequire(import.meta.url)(resolve(script));
    const { length } = cacheHead(compilerId);
    // V8's own header follows ours: a magic number, its version, the source's length, its flags.
    for (const name of ['cli.cache', 'catalogue.cache']) {
      const cache = readFileSync(join(scriptFolder, name));
      const header = (at: number) => {
        const copy = Buffer.from(cache);
        copy[at]! ^= 0x5a;
        return copy;
      };
      const cut = [0, 64, length, length + 6, 1000, cache.length - 1].map((end) => cache.subarray(0, end));
      const foreign = [0, 64, length, length + 4, length + 8, length + 12].map(header);
      for (const content of [cache, ...cut, ...foreign]) {
        writeFileSync(join(folder, 'build', basename(scriptFolder), name), content);
        const result = docs();
        assert.equal([result.status, result.stdout, result.stderr], [0, expected.stdout, '']);
      }
    }
  }));

/** The built scripts by name. */
const scripts = readdirSync(scriptFolder)
  .filter((file) => file.endsWith('.cjs'))
  .map((file) => file.slice(0, -'.cjs'.length));

test('the shipped code caches are accepted by this Node, and every script compiles', () => {
  const accepts = (verb: string, names: readonly string[]) => {
    const check = `
      const { load, useCaches } = require(${JSON.stringify(script)});
      useCaches(${JSON.stringify(verb)});
      for (const name of ${JSON.stringify(names)}) {
        if (load(name).script.cachedDataRejected !== false) throw new Error(name);
      }`;
    assert.equal(spawnSync(process.execPath, ['-e', check], { encoding: 'utf8' }).stderr, '');
  };
  accepts('build', scripts);
  const ofSimulate = scripts.filter((name) => existsSync(join(scriptFolder, `${name}.simulate.cache`)));
  for (const name of ['cli', 'compiler', 'guardrail', 'simulate']) assert.ok(ofSimulate.includes(name), name);
  accepts('simulate', ofSimulate);
});

test('V8 is given no code cache that another Node made, of which it would die', () => {
  const rejected = (change: string) => {
    const check = `${change}; console.log(require(${JSON.stringify(script)}).load('cli').script.cachedDataRejected)`;
    return execFileSync(process.execPath, ['-e', check], { encoding: 'utf8' }).trim();
  };
  assert.is(rejected(''), 'false');
  for (const name of ['arch', 'platform'])
    assert.is(rejected(`Object.defineProperty(process, '${name}', { value: 'other' })`), 'undefined', name);
  // What a release of the same V8 has another version of: Node itself, and what it is built with.
  for (const name of ['node', 'openssl']) {
    const versions = JSON.stringify({ ...process.versions, [name]: '0.0.1' });
    assert.is(rejected(`Object.defineProperty(process, 'versions', { value: ${versions} })`), 'undefined', name);
  }
});

test('every chunk of every script runs', () => {
  const check = `
    const { load, requireChunk } = require(${JSON.stringify(script)});
    for (const name of ${JSON.stringify(scripts)}) {
      for (const key of Object.keys(load(name).chunks)) requireChunk(name + '#' + key);
    }`;
  assert.equal(spawnSync(process.execPath, ['-e', check], { encoding: 'utf8' }).stderr, '');
});

/** The scripts that a command line loads, in the order of loading. */
function loadedBy(...words: readonly string[]): readonly string[] {
  const check = `
    const { requireChunk, scripts } = require(${JSON.stringify(script)});
    requireChunk('cli#cli/main').main(${JSON.stringify(words)}).then((code) => {
      process.exitCode = code;
      process.stdout.write('\\nscripts ' + JSON.stringify([...scripts.keys()]));
    });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', check], { cwd: root, encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\nscripts ') + '\nscripts '.length));
}

test('a verb loads the scripts that it needs, and no dialect loads another', () =>
  withFolder((folder) => {
    const compile = (policy: string, ...more: readonly string[]) =>
      loadedBy('build', join(root, 'examples', policy), '--out', folder, '--max-ms', '0', ...more);
    assert.equal(loadedBy('--version'), ['cli']);
    assert.equal(loadedBy('--help'), ['cli']);
    assert.equal(loadedBy('guardrail', '--help'), ['cli', 'nouns']);
    assert.equal(loadedBy('docs', 'POL1001'), ['cli', 'catalogue']);
    const sandbox = compile('python-ai-turbo.yaml', '--no-cache');
    assert.equal([...sandbox].sort(), ['cli', 'compiler', 'linux', 'messages', 'sandbox']);
    const guardrail = compile('ci-ec2-spike-manual.yaml', '--no-cache');
    const actions = guardrail.filter((name) => name.startsWith('compiler-tables-iam-actions'));
    assert.is(actions.length, 1);
    assert.equal([...guardrail].sort(), ['aws', 'cli', 'compiler', ...actions, 'guardrail', 'messages'].sort());
  }));

test('without a build it says how to get one', () =>
  withFolder((folder) => {
    cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
    const result = spawnSync(process.execPath, [join(folder, 'bin/polc.js')], { encoding: 'utf8' });
    assert.is(result.status, 3);
    assert.match(result.stderr, /npm run build/);
  }));

test('init writes a policy once, and again only with --force', () =>
  withFolder((folder) => {
    const init = (...words: readonly string[]) =>
      spawnSync(process.execPath, [script, 'init', ...words], { cwd: folder, encoding: 'utf8' });
    assert.is(init('web.yaml').status, 0);
    assert.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), /^profile: web$/m);
    const again = init('web.yaml');
    assert.is(again.status, 2);
    assert.match(again.stderr, /it exists already \(EEXIST\)\n {2}= help: .*--force/);
    assert.is(init('web.yaml', '-f', '--name', 'api').status, 0);
    assert.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), /^profile: api$/m);
    assert.is(init('none/web.yaml').status, 3);
    assert.is(init('--name', '../x').status, 2);
    assert.is(init('--dialect', 'sandbx').status, 2);
    assert.not(existsSync(join(folder, 'policy.yaml')));
  }));

run();
