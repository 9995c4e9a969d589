import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import type { Host } from '../../compiler/host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('policy');

const policy = (...hooks: readonly string[]) =>
  ['profile: web', 'mode: sandbox', 'security:', '  bpf_lsm:', ...hooks.map((line) => `    ${line}`), ''].join('\n');

function compiled(text: string, files: Readonly<Record<string, string | Uint8Array>>) {
  const host: Host = { read: (path) => files[path], now: () => 0, sha256: () => '0'.repeat(64) };
  const result = compile('policy.yaml', text, host, { maximumMilliseconds: 0, emit: ['ir'] });
  // Without a backend for hooks among those that are asked for, nothing of it is enforced.
  const diagnostics = result.diagnostics.filter(({ code }) => !code.startsWith('POL6'));
  return { ...result, diagnostics, codes: diagnostics.map(({ code }) => code) };
}

test('each hook has the section of its name, of one file or several', () => {
  const files = {
    'a.bpf': 'hook file_open\n deny when uid == 1\nhook mmap_file\n deny when anonymous\n',
    'b.bpf': 'hook task_alloc\n deny\n',
  };
  const { codes, lowered } = compiled(policy('file_open: a.bpf', 'mmap_file: a.bpf', 'task_create: b.bpf'), files);
  assert.equal(codes, ['POL3008']);
  const rules = lowered!.decisions.find(({ point }) => point === 'hook')!.rules;
  assert.equal(
    rules.map(({ id, topic, origin }) => `${id} ${topic} ${origin.span.file}`),
    [
      'hook/file_open/0 security.bpf_lsm.file_open a.bpf',
      'hook/mmap_file/0 security.bpf_lsm.mmap_file a.bpf',
      'hook/task_alloc/0 security.bpf_lsm.task_alloc b.bpf',
    ],
  );
});

test('a file without rules for its hook is an error, with the hook that it is for', () => {
  const text = policy('file_opne: a.bpf');
  assert.equal(compiled(text, { 'a.bpf': 'hook file_open\n deny\n' }).codes, ['POL3007']);
  const wrong = policy('inode_unlink: a.bpf');
  const { diagnostics, codes } = compiled(wrong, { 'a.bpf': 'hook file_open\n deny\n' });
  assert.equal(codes, ['POL3165']);
  const [fix] = diagnostics[0]!.fixes;
  assert.is(applyEdits(wrong, fix!.edits), policy('file_open: a.bpf'));
});

test('rules that no hook of the policy asks for are told of', () => {
  const files = { 'a.bpf': 'hook file_open\n deny\nhook mmap_file\n deny\n' };
  const { diagnostics, codes } = compiled(policy('file_open: a.bpf'), files);
  assert.equal(codes, ['POL3166']);
  assert.is(diagnostics[0]!.span.file, 'a.bpf');
  assert.match(diagnostics[0]!.message, /mmap_file/);
});

test('what is wrong in a program is said once, at its place', () => {
  const files = { 'a.bpf': 'hook file_open\n deny when flgas == 1\nhook mmap_file\n deny\n' };
  const { diagnostics, codes } = compiled(policy('file_open: a.bpf', 'mmap_file: a.bpf'), files);
  assert.equal(codes, ['POL3160']);
  assert.equal(diagnostics[0]!.span, { file: 'a.bpf', start: 26, end: 31 });
  assert.match(diagnostics[0]!.help, /`flags`/);
});

test('a counter that is misspelt is one finding, which says what was meant', () => {
  const of = (counter: string) => {
    const program = `hook file_open\n ${counter}\n deny when opens > 5\n`;
    const { diagnostics } = compiled(policy('file_open: a.bpf'), { 'a.bpf': program });
    return diagnostics.map(({ code, span, help, fixes: [fix] }) => {
      const fixed = fix === undefined ? '' : applyEdits(program, fix.edits).split('\n')[1]!.trim();
      return [code, program.slice(span.start, span.end), fixed === '' ? help : fixed];
    });
  };
  const whole = 'counter opens by uid per 10s';
  assert.equal(of(whole), []);
  for (const misspelt of ['pr', 'pre', 'pe', 'par'])
    assert.equal(of(whole.replace('per', misspelt)), [['POL1141', misspelt, whole]]);
  assert.equal(of('counter opens pr 10ms'), [['POL1141', 'pr', 'counter opens per 10ms']]);
  assert.equal(of(whole.replace('by', 'bi')), [['POL1141', 'bi', whole]]);
  assert.equal(of(whole.replace('per', 'every')), [
    [
      'POL1141',
      'every',
      'a rule is such as `deny when path beneath "/etc/ssh"`, a counter `counter opens by uid per 10s`',
    ],
  ]);
  assert.equal(
    of('counter opens by uid per').map(([code]) => code),
    ['POL1141'],
  );
  assert.equal(
    of('counter opens by uid per @10s').map(([code]) => code),
    ['POL1140'],
  );
  // What is wrong besides is another finding.
  assert.equal(
    of('counter opens by uid pr 10s when uid == 08').map(([code, text]) => `${code} ${text}`),
    ['POL1141 pr', 'POL1103 08'],
  );
  // Nothing stands in the place of a window that is left out.
  assert.equal(of('counter opens by uid'), [['POL5190', 'opens', 'counter opens by uid per 10s']]);
});

test('a rule that can never decide is found', () => {
  const files = {
    'a.bpf': 'hook file_open\n deny when path beneath "/etc"\n errno EACCES when path == "/etc/passwd"\n',
  };
  const { diagnostics, codes } = compiled(policy('file_open: a.bpf'), files);
  assert.equal(codes, ['POL5003']);
  assert.is(diagnostics[0]!.span.file, 'a.bpf');
});

test('of an object that is no BPF object it is said why', () => {
  const of = (content: string | Uint8Array) => {
    const { diagnostics } = compiled(policy('file_open: a.bpf.o'), { 'a.bpf.o': content });
    return diagnostics.map(({ code, message }) => `${code} ${message}`).join('; ');
  };
  assert.is(of(object({})), '');
  assert.is(of(object({ sections: ['lsm_cgroup/file_open', '.BTF'] })), '');
  assert.match(of('text'), /^POL5195 .*: it is a text/);
  assert.match(of(new Uint8Array(100)), /^POL5195 .*: it is no ELF file/);
  assert.match(of(object({ class: 1 })), /^POL5195 .*: it is of 32 bits/);
  assert.match(of(object({ order: 2 })), /^POL5195 .*: it is big-endian/);
  assert.match(of(object({ machine: 62 })), /^POL5195 .*: it is for another machine/);
  assert.match(of(object({ type: 2 })), /^POL5195 .*: it is not relocatable/);
  assert.match(of(object({}).slice(0, -40)), /^POL5195 .*: it is cut off/);
  assert.match(of(object({ sections: ['lsm/file_open'] })), /^POL5196 /);
  assert.match(of(object({ sections: ['lsm/mmap_file', '.BTF'] })), /^POL3165 /);
  assert.match(of(new Uint8Array(4 * 1024 * 1024 + 1)), /^POL7340 /);
  const { lowered } = compiled(policy('file_open: a.bpf.o'), { 'a.bpf.o': object({}) });
  assert.equal(
    lowered!.obligations.map(({ kind }) => kind),
    ['hook-program'],
  );
});

test('whatever the bytes of an object are, it is answered', () => {
  const whole = object({});
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))), fc.nat(whole.length), (edits, end) => {
      const bytes = whole.slice(0, end);
      for (const [at, value] of edits) if (at < end) bytes[at] = value;
      const { diagnostics } = compiled(policy('file_open: a.bpf.o'), { 'a.bpf.o': bytes });
      assert.ok(diagnostics.every(({ code }) => code !== 'POL9000'));
    }),
    { numRuns: 150 },
  );
});

interface ObjectShape {
  readonly class?: number;
  readonly order?: number;
  readonly machine?: number;
  readonly type?: number;
  readonly sections?: readonly string[];
}

/** A relocatable ELF file with empty sections of these names. */
function object(shape: ObjectShape): Uint8Array {
  const names = ['', ...(shape.sections ?? ['lsm/file_open', '.BTF', 'license']), '.shstrtab'];
  const text = new TextEncoder().encode(`${names.join('\0')}\0`);
  const table = 64 + text.length;
  const bytes = new Uint8Array(table + names.length * 64);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f454c46);
  bytes.set([shape.class ?? 2, shape.order ?? 1, 1], 4);
  view.setUint16(16, shape.type ?? 1, true);
  view.setUint16(18, shape.machine ?? 247, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, names.length, true);
  view.setUint16(62, names.length - 1, true);
  bytes.set(text, 64);
  let at = 0;
  names.forEach((name, index) => {
    view.setUint32(table + index * 64, at, true);
    at += name.length + 1;
  });
  const own = table + (names.length - 1) * 64;
  view.setBigUint64(own + 24, 64n, true);
  view.setBigUint64(own + 32, BigInt(text.length), true);
  return bytes;
}

run();
