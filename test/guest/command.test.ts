import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal, is, match, ok } from 'uvu/assert';
import { type Call, moduleOf, preview1, programText, transfer } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';

const { test, run } = suite('guest command');

const policyIn = (folder: string, more = '', runtime = 'wasm') => `profile: tool
mode: sandbox
runtime: ${runtime}
security: { landlock: { paths: [{ path: ${folder}/data, access: read-write }] } }
resources: { memory: 1MiB${more} }
accept: [{ loss: timeout, because: the program does not wait }]
`;

/** Reads a file of the first folder and writes it to standard output. */
const copying = (path: string): readonly Call[] => [
  ['path_open', 3, 0, path, 0, 2n, 0n, 0, { out: 0 }],
  ['fd_read', { from: 0 }, ...transfer],
  ['fd_write', 1, ...transfer],
];

async function prepare(project: ProjectFolder, path: string, more = ''): Promise<void> {
  mkdirSync(join(project.folder, 'data'));
  writeFileSync(join(project.folder, 'data/mine'), 'mine');
  writeFileSync(join(project.folder, 'secret'), 'SECRET');
  symlinkSync('..', join(project.folder, 'data/up'));
  writeFileSync(join(project.folder, 'tool.wasm'), await moduleOf(programText(copying(path))));
  project.write({ 'tool.yaml': policyIn(project.folder, more) });
}

test('a program is hardened into a file', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    const { status, stderr } = project.polc(['wasm', 'harden', 'tool.wasm', '--policy', 'tool.yaml', '-o', 'out.wasm']);
    is(status, 0, stderr);
    match(stderr, /(?:^|\n)out\.wasm: tool\.wasm with tool\.yaml in it, \d+,\d{3} B\n$/);
    ok(existsSync(join(project.folder, 'out.wasm')));
  }));

test('neither the program nor the policy is replaced by what is made of them', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    symlinkSync('tool.wasm', join(project.folder, 'link.wasm'));
    const before = readFileSync(join(project.folder, 'tool.wasm'));
    for (const out of ['tool.wasm', './tool.wasm', 'link.wasm', 'tool.yaml']) {
      const { status, stderr } = project.polc(['wasm', 'harden', 'tool.wasm', '--policy', 'tool.yaml', '-o', out]);
      is(status, 2);
      ok(stderr.startsWith(`polc wasm harden: \`${out}\` would be replaced by what is made of it\n  = help: `), stderr);
    }
    equal(readFileSync(join(project.folder, 'tool.wasm')), before);
  }));

test('what cannot be hardened leaves no file', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    const text = '(module (import "env" "system" (func)) (memory (export "memory") 1))';
    writeFileSync(join(project.folder, 'tool.wasm'), await moduleOf(text));
    const { status, stderr } = project.polc(['wasm', 'harden', 'tool.wasm', '--policy', 'tool.yaml', '-o', 'out.wasm']);
    is(status, 1);
    match(stderr, /POL8404.*`env\.system` is imported/);
    is(existsSync(join(project.folder, 'out.wasm')), false);
    const broken = await moduleOf('(module (memory (export "memory") 1) (func (result i32) (i32.const 1)))');
    broken[broken.lastIndexOf(0x41)] = 0x42;
    writeFileSync(join(project.folder, 'broken.wasm'), broken);
    const invalid = project.polc(['wasm', 'harden', 'broken.wasm', '--policy', 'tool.yaml', '-o', 'out.wasm']);
    match(invalid.stderr, /POL8402.*is no valid module: .*\bi64\b.*, at offset \d+\n *--> broken\.wasm\n/);
    is(project.polc(['wasm', 'harden', 'tool.wasm', '-o', 'out.wasm']).status, 2);
    is(project.polc(['wasm', 'harden', 'none.wasm', '--policy', 'tool.yaml', '-o', 'out.wasm']).status, 3);
  }));

test('no guest is hardened or run under what says nothing of programs', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    project.write({
      'hooks.bpf': 'hook file_open\n  deny\n',
      'class.yaml': 'institution: { name: State University, allowed_sources: [institutional] }\n',
    });
    const harden = (policy: string) =>
      project.polc(['wasm', 'harden', 'tool.wasm', '--policy', policy, '-o', 'out.wasm']);
    const hooks = harden('hooks.bpf');
    equal([hooks.status, hooks.stderr.split('\n')[0]], [2, 'polc wasm harden: `hooks.bpf` is a hook program']);
    match(
      project.polc(['run', 'nope.yaml', '--', 'tool.wasm']).stderr,
      /nope\.yaml.*\n.*help: name a sandbox policy, /,
    );
    match(
      project.polc(['run', 'tool.yaml', '--', 'nope.wasm']).stderr,
      /nope\.wasm.*\n.*help: name the file of the module/,
    );
    const under = project.polc(['run', 'hooks.bpf', '--', 'tool.wasm']);
    equal([under.status, under.stdout], [125, '']);
    match(under.stderr, /`hooks\.bpf` is a hook program/);
    equal(
      [harden('class.yaml').status, harden('class.yaml').stderr.split('\n')[0]],
      [2, 'polc wasm harden: `class.yaml` is a policy of the dialect governance'],
    );
    is(project.polc(['run', 'class.yaml', '--', 'tool.wasm']).status, 125);
    is(existsSync(join(project.folder, 'out.wasm')), false);
  }));

test('what cannot be run is said as of any program', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    is(project.polc(['run', '-q', 'tool.yaml', '--', 'nowhere.wasm']).status, 127);
    const library = '(module (memory (export "memory") 1) (func (export "f")))';
    writeFileSync(join(project.folder, 'library.wasm'), await moduleOf(library));
    const { status, stderr } = project.polc(['run', '-q', 'tool.yaml', '--', 'library.wasm']);
    equal(
      [status, stderr.replace(/ as a program .*/, '')],
      [126, 'polc run: library.wasm cannot be run: it exports no function `_start`,\n'],
    );
  }));

test('polc run runs it with the folders of the policy, and holds it', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    const allowed = project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm']);
    equal([allowed.status, allowed.stdout.replaceAll('\0', ''), allowed.stderr], [0, 'mine', '']);
    writeFileSync(join(project.folder, 'tool.wasm'), await moduleOf(programText(copying('up/secret'))));
    const refused = project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm']);
    is(refused.stdout.includes('SECRET'), false);
  }));

test('polc run ends a program whose time is up', () =>
  withProject(async (project) => {
    await prepare(project, 'mine', ', timeout: 400ms');
    const endless = `(module (import "${preview1}" "sched_yield" (func $yield (result i32))) (memory (export "memory") 1)
      (func (export "_start") (loop $l (drop (call $yield)) (br $l))))`;
    writeFileSync(join(project.folder, 'tool.wasm'), await moduleOf(endless));
    const { status, stderr } = project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm']);
    equal([status, stderr], [124, 'polc run: tool.wasm was ended: its time is up\n']);
  }));

test('polc run says of a program whose fuel is used up, by a policy of its own too, what ended it', () =>
  withProject(async (project) => {
    await prepare(project, 'mine', ', timeout: 60s');
    const endless = '(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))';
    writeFileSync(join(project.folder, 'endless.wasm'), await moduleOf(endless));
    const harden = ['wasm', 'harden', 'endless.wasm', '--policy', 'tool.yaml', '-o', 'tool.wasm', '--fuel', '1000000'];
    is(project.polc(harden).status, 0);
    const { status, stderr } = project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm']);
    equal([status, stderr], [124, 'polc run: tool.wasm was ended: its fuel is used up\n']);
  }));

/** What makes a process take the machine for another. */
const elsewhere = (platform: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,Object.defineProperty(process,'platform',{value:'${platform}'})`,
});

test('`runtime: namespace` holds a program in WebAssembly as any other value does, by the policy in it', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    project.write({ 'tool.yaml': policyIn(project.folder, '', 'namespace') });
    const allowed = project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm']);
    equal([allowed.status, allowed.stdout.replaceAll('\0', ''), allowed.stderr], [0, 'mine', '']);
    writeFileSync(join(project.folder, 'tool.wasm'), await moduleOf(programText(copying('up/secret'))));
    is(project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm']).stdout.includes('SECRET'), false);
  }));

test('`runtime: auto` is WebAssembly for a program in it, on Linux and elsewhere', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    project.write({ 'tool.yaml': policyIn(project.folder, '', 'auto') });
    for (const env of [{}, elsewhere('darwin'), elsewhere('win32')]) {
      const { status, stdout, stderr } = project.polc(['run', '-q', 'tool.yaml', '--', 'tool.wasm'], { env });
      equal([status, stdout.replaceAll('\0', ''), stderr], [0, 'mine', '']);
    }
  }));

test('a program of another system than Linux is not started, and a finding says why', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    project.write({ 'tool.yaml': policyIn(project.folder, '', 'auto') });
    const touch = ['run', 'tool.yaml', '--', 'touch', join(project.folder, 'data/made')];
    const { status, stderr } = project.polc(touch, { env: elsewhere('darwin') });
    is(status, 125);
    match(
      stderr,
      /error\[POL8413\]: `touch` is a program of this system, which polc holds on Linux alone; this is darwin/,
    );
    match(stderr, /--> tool\.yaml:1:1/);
    is(existsSync(join(project.folder, 'data/made')), false);
    const { stdout } = project.polc([...touch.slice(0, 1), '--format', 'json', ...touch.slice(1)], {
      env: elsewhere('darwin'),
    });
    match(stdout, /"POL8413"/);
  }));

test('a policy for WebAssembly starts no program of the machine', () =>
  withProject(async (project) => {
    await prepare(project, 'mine');
    const { status, stderr } = project.polc(['run', 'tool.yaml', '--', 'touch', join(project.folder, 'data/made')]);
    is(status, 125);
    match(stderr, /POL6001.*`runtime`/);
    match(stderr, /the policy is for a program for WASI, whose name ends in `\.wasm`/);
    is(existsSync(join(project.folder, 'data/made')), false);
  }));

run();
