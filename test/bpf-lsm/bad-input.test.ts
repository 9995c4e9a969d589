import * as assert from 'uvu/assert';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
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
  assert.match(findings('a.bpf', text, { ...loaded, target: older }), /error POL6001 `security\.bpf_lsm\.file_open`/);
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

run();
