import * as assert from 'uvu/assert';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('what is wrong with hook programs and triggers');

function findings(file: string, text: string, options: CompileOptions = {}): string {
  const { diagnostics } = compile(file, text, hostOf('.'), { maximumMilliseconds: 0, ...options });
  return diagnostics.map(({ code, severity, message, help }) => `${severity} ${code} ${message} · ${help}`).join('\n');
}

const loaded: CompileOptions = { emit: ['bpf-lsm'] };

test('a hook program beyond the limits of the verifier is refused before anything is written', () => {
  const rules = Array.from({ length: 3000 }, (_, at) => `  deny when uid == ${at} && gid == ${at} && pid == ${at}\n`);
  const found = findings('a.bpf', `hook file_open\n${rules.join('')}`, loaded);
  assert.match(found, /POL6047 no eBPF program is written for `file_open`: it would have \d+ instructions/);
  assert.match(found, /error POL6001 `security\.bpf_lsm\.file_open`/);
});

test('a hook that the kernel of the target lets no program at is lost, and that is an error', () => {
  const text = 'hook file_open\n  deny when uid == 1\n';
  assert.not.match(findings('a.bpf', text, loaded), /error/);
  const older = { ...defaultTarget, kernel: { major: 5, minor: 10 }, landlock: 0 };
  assert.match(findings('a.bpf', text, { ...loaded, target: older }), /error POL6001 `security\.bpf_lsm`/);
});

test('a hook that a newer kernel lets programs at is told with that kernel, and nothing else is advised', () => {
  const target = { ...defaultTarget, kernel: { major: 5, minor: 15 } };
  const found = findings('a.bpf', 'hook path_chown\n  deny when uid == 1\n', { ...loaded, target });
  assert.match(found, 'since Linux 6.1, and the target is 5.15 · choose a newer kernel, or accept what is lost');
});

test('a trigger that no event can fire is named, with the reason', () => {
  const policy = (allowed: string) =>
    `profile: p\nmode: sandbox\nsecurity: { seccomp: { default: errno(EPERM), allow: [${allowed}] } }\nadaptive: { auto_upgrade: hardened, triggers: [{ network_access: upgrade }] }\n`;
  assert.match(findings('p.yaml', policy('read')), /warning POL5028 no event can fire `network_access`: /);
  assert.not.match(findings('p.yaml', policy('read, socket, connect')), /POL5028/);
});

test('what could not be read is not missing as well', () => {
  const policy = (rest: string) => `profile: p\nmode: sandbox\n${rest}\n`;
  const codes = (file: string, text: string) => [...findings(file, text).matchAll(/\bPOL\d{4}\b/g)].map(String);
  const level = (key: string) =>
    policy(`security: { level: medium }\nadaptive: { ${key}, triggers: [{ network_access: upgrade }] }`);
  assert.equal(codes('p.yaml', level('auto_upgrade: hardend')), ['POL3001']);
  assert.equal(codes('p.yaml', level('auto_upgrad: hardened')), ['POL2001']);
  assert.equal(codes('p.yaml', level('auto_downgrade: direct')), ['POL5019']);
  assert.equal(codes('p.yaml', policy('security: { level: mediun }')), ['POL3001']);
  assert.equal(codes('p.yaml', 'profile: p\nsecurity: {}\n'), ['POL2002', 'POL5016']);
  const counter = '  counter opens by cgroup per 10s\n';
  assert.equal(codes('a.bpf', `hook file_open\n${counter}  dney when opens > 500\n`), ['POL1141']);
  assert.equal(codes('a.bpf', `hook file_open\n${counter}  deny when opns > 500\n`), ['POL3160']);
  assert.equal(codes('a.bpf', 'hook file_open\n  dney when uid == 5\n'), ['POL1141']);
  const two = `hook file_open\n${counter}  deny when uid == 5\nhook path_chmod\n  dney\n`;
  assert.equal(codes('a.bpf', two), ['POL5193', 'POL1141']);
});

test('a misspelt word of a hook program is named, and put right', () => {
  const fixed = (text: string) => {
    const { diagnostics, sources } = compile('a.bpf', text, hostOf('.'), { maximumMilliseconds: 0 });
    return applyFixes(diagnostics, (file) => sources.get(file), 'certain').texts.get('a.bpf') ?? text;
  };
  const right = 'hook file_open\n  audit deny when path beneath "/etc" && uid == 5\n  otherwise allow\n';
  for (const [word, misspelt] of [
    ['audit', 'audti'],
    ['deny', 'dney'],
    ['when', 'wen'],
    ['beneath', 'benaeth'],
    ['file_open', 'fil_open'],
    ['allow', 'allwo'],
  ] as const) {
    assert.is(fixed(right.replace(word, misspelt)), right, misspelt);
  }
  assert.match(findings('a.bpf', 'hook sys_open\n  deny\n'), /POL3007 .*`polc docs hooks` lists/);
  assert.match(findings('a.bpf', 'hook file_open\n  deny 5\n'), /POL1141 .* · a statement begins with `hook`, /);
  assert.match(findings('a.bpf', 'hook file_open\n  deny when (uid == 5\n'), /POL1141 .* · write `\)`, or delete/);
});

run();
