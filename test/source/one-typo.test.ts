import * as assert from 'node:assert';
import fc from 'fast-check';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('one typo, one diagnostic');

const policy = `profile: python-ai-turbo
mode: sandbox
runtime: auto  # namespace on Linux, wasm elsewhere

security:
  level: medium
  capabilities: []
  seccomp:
    default: deny
    allow:
      - read
      - write
      - openat
    rules:
      - { syscalls: [socket], action: allow, when: "arg0 == AF_UNIX" }
  landlock:
    enabled: true
    paths:
      - path: /tmp
        access: read-write
      - path: '/usr/lib/python3*'
        access: read-only
  bpf_lsm:
    file_open: python-file-policy.bpf
    task_create: deny-fork.bpf

resources:
  memory: 512MB
  cpu: 1.0
  pids: 256
  timeout: 300s

network:
  mode: loopback-only
  outbound: []

adaptive:
  auto_upgrade: hardened
  triggers:
    - network_access: upgrade
    - file_write_outside_tmp: upgrade
`;

function errorsOf(text: string): readonly Diagnostic[] {
  return parseYaml(sourceText('policy.yaml', text)).diagnostics.filter(({ severity }) => severity === 'error');
}

/** What is replaced by what, the code that it gives, and what the finding points at. */
const typos: readonly (readonly [from: string, to: string, code: string, at: string])[] = [
  ['profile: ', 'profile ', 'POL1011', 'profile python-ai-turbo'],
  ['profile: ', 'profile:', 'POL1011', 'profile:python-ai-turbo'],
  ['mode: sandbox', 'mode sandbox', 'POL1011', 'mode sandbox'],
  ['security:\n', 'security\n', 'POL1011', 'security'],
  ['seccomp:\n', 'seccomp\n', 'POL1011', 'seccomp'],
  ['allow:\n', 'allow\n', 'POL1011', 'allow'],
  ['landlock:\n', 'landlock\n', 'POL1011', 'landlock'],
  ['paths:\n', 'paths\n', 'POL1011', 'paths'],
  ['path: /tmp', 'path /tmp', 'POL1011', 'path /tmp'],
  ['enabled: true', 'enabled true', 'POL1011', 'enabled true'],
  ['pids: 256', 'pids 256', 'POL1011', 'pids 256'],
  ['timeout: 300s', 'timeout 300s', 'POL1011', 'timeout 300s'],
  ['network:\n', 'network\n', 'POL1011', 'network'],
  ['triggers:\n', 'triggers\n', 'POL1011', 'triggers'],
  ['- network_access: upgrade', '- network_access upgrade', '', ''],
  ['mode: sandbox\n', 'mode: sandbox ', 'POL1012', 'sandbox runtime'],
  ['profile: python', 'profile: : python', 'POL1032', ':'],
  ['level: medium', 'level: medium: high', 'POL1012', 'medium'],
  ['  level: medium', '   level: medium', 'POL1013', 'capabilities'],
  ['  capabilities', ' capabilities', 'POL1013', 'capabilities'],
  ['  capabilities', '   capabilities', 'POL1013', 'capabilities'],
  ['  seccomp:', '   seccomp:', 'POL1013', 'seccomp'],
  ['  memory', ' memory', 'POL1013', 'cpu'],
  ['  cpu', '   cpu', 'POL1013', 'cpu'],
  ['mode: sandbox', ' mode: sandbox', 'POL1013', 'mode'],
  ['        access: read-write', '       access: read-write', 'POL1022', 'access: read-write'],
  ['        access: read-only', '         access: read-only', 'POL1013', 'access'],
  ['      - write', '     - write', 'POL1013', '- write'],
  ['capabilities: []', 'capabilities: [', 'POL1015', '['],
  ['capabilities: []', 'capabilities: ]', 'POL1018', ']'],
  ['capabilities: []', 'capabilities: []]', 'POL1018', ']'],
  ['capabilities: []', 'capabilities: [}', 'POL1015', '['],
  ['capabilities: []', 'capabilities: [,]', 'POL1017', ','],
  ['[socket]', '[socket', 'POL1015', '['],
  ['[socket]', 'socket]', 'POL1015', '{'],
  ['- { sys', '- { { sys', 'POL1015', '{'],
  ['AF_UNIX" }', 'AF_UNIX"', 'POL1015', '{'],
  ['"arg0 == AF_UNIX"', '"arg0 == AF_UNIX', 'POL1014', '"arg0 == AF_UNIX }'],
  ['"arg0 == AF_UNIX"', 'arg0 == AF_UNIX"', '', ''],
  ["'/usr/lib/python3*'", "'/usr/lib/python3*", 'POL1014', "'/usr/lib/python3*"],
  ["'/usr/lib/python3*'", "'/usr/lib/python3*''", 'POL1014', "'/usr/lib/python3*''"],
  ['/tmp\n', '"/tmp\n', 'POL1014', '"/tmp'],
  ['deny\n', "'deny\n", 'POL1014', "'deny"],
  ['sandbox\n', '"sandbox\n', 'POL1014', '"sandbox'],
  ['arg0', '\\rg0', '', ''],
  ['arg0', '\\qrg0', 'POL1020', '\\q'],
  ['  level', '\tlevel', 'POL1010', '\t'],
  ['    default', '\tdefault', 'POL1010', '\t'],
  ['      - read', '\t- read', 'POL1010', '\t'],
  ['        access: read-write', '\taccess: read-write', 'POL1010', '\t'],
  ['outbound: []', 'outbound: []#none', 'POL1023', '#'],
  ['profile: python', 'profile: @python', 'POL1019', '@python-ai-turbo'],
  ['profile: python', 'profile: `python', 'POL1019', '`python-ai-turbo'],
  ['profile: python', 'profile: %python', 'POL1019', '%python-ai-turbo'],
  ['profile: python', 'profile: |python', 'POL1024', 'python-ai-turbo'],
  ['profile: python', 'profile: | --- python', 'POL1024', '--- python-ai-turbo'],
  ['profile: python', 'profile: *python', 'POL1035', '*python-ai-turbo'],
  ['profile: python', 'profile: !python', 'POL1034', '!python-ai-turbo'],
  ['profile: python', 'profile: "x" python', 'POL1018', 'python-ai-turbo'],
  ['mode: sandbox', 'profile: sandbox', 'POL1030', 'profile'],
  ['default: deny', '- default: deny', 'POL1013', 'allow'],
  ['allow:\n', 'allow: - read\n', 'POL1021', '-'],
  ['level: medium', 'level: "medium" high', 'POL1018', 'high'],
  ['[socket], action', '[socket] action', 'POL1018', 'action'],
  ['action: allow, when', 'action: allow when', 'POL1012', 'allow when'],
];

for (const [from, to, code, at] of typos) {
  test(`${JSON.stringify(from)} as ${JSON.stringify(to)}`, () => {
    const place = policy.indexOf(from);
    assert.notEqual(place, -1);
    const text = policy.slice(0, place) + to + policy.slice(place + from.length);
    const errors = errorsOf(text);
    assert.deepEqual(
      errors.map((error) => [error.code, text.slice(error.span.start, error.span.end)]),
      code === '' ? [] : [[code, at]],
    );
  });
}

test('any one character deleted, doubled or replaced gives at most one syntax error', () => {
  assertFor(
    fc.property(
      fc.nat(policy.length - 1),
      fc.constantFrom('', ' ', ':', '-', '"', "'", '[', ']', '{', '}', ',', '\t', '\n', '#', '&', '*', '|', 'x'),
      fc.boolean(),
      (at, insert, replaces) => {
        const text = policy.slice(0, at) + insert + policy.slice(at + (replaces || insert === '' ? 1 : 0));
        const errors = errorsOf(text);
        assert.ok(
          errors.length <= 1,
          `${JSON.stringify(text.slice(at - 20, at + 20))}: ${errors.map(({ code, message }) => `${code} ${message}`).join(', ')}`,
        );
      },
    ),
    { leastRuns: 400, milliseconds: 2500 },
  );
});

test('typos in two entries give two diagnostics, and the other entries are still read', () => {
  const text = policy.replace('level: medium', 'level: "medium').replace('pids: 256', 'pids 256');
  const { root, diagnostics } = parseYaml(sourceText('policy.yaml', text));
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['POL1014', 'POL1011'],
  );
  assert.ok(root?.kind === 'map');
  assert.deepEqual(
    root.entries.map(({ key }) => key.text),
    ['profile', 'mode', 'runtime', 'security', 'resources', 'network', 'adaptive'],
  );
});

run();
