import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { hostOf } from '../support/editor-workspace.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('losses of hooks');

const rule = (hook: string) => `hook ${hook}\n  deny when family == AF_INET6\n  deny when uid == 7\n`;
const files = new Map(['socket_connect', 'socket_bind'].map((hook) => [`/policies/${hook}.bpf`, rule(hook)] as const));

/** What is said of losses in a policy whose hooks are held alike, and in part, since its program may stay root. */
function findings(accepted: string): readonly string[] {
  const policy = `profile: s
mode: sandbox
security: { bpf_lsm: { socket_connect: socket_connect.bpf, socket_bind: socket_bind.bpf } }
accept: [${accepted}]
`;
  const { diagnostics } = compile('/policies/s.yaml', policy, hostOf(files), { maximumMilliseconds: 0 });
  return diagnostics
    .filter(({ code }) => code === 'POL6004' || code === 'POL6005')
    .map(({ code, message }) => `${code} ${message}`);
}

const loss = (topic: string) => `{ loss: ${topic}, because: the program is not root }`;
const inPart = (topic: string) => `POL6004 \`${topic}\` is only partly enforced on this target`;

test('what several hooks lose by the same words is said once', () => {
  assert.equal(findings(''), [inPart('security.bpf_lsm')]);
  assert.equal(findings(loss('bpf_lsm')), []);
});

test('a hook is accepted by its own name, and that of another accepts nothing of it', () => {
  assert.equal(findings(loss('security.bpf_lsm.socket_connect')), [inPart('security.bpf_lsm.socket_bind')]);
  assert.equal(findings(loss('security.bpf_lsm.socket_bind')), [inPart('security.bpf_lsm.socket_connect')]);
  assert.equal(findings(`${loss('bpf_lsm.socket_bind')}, ${loss('bpf_lsm.socket_connect')}`), []);
});

run();
