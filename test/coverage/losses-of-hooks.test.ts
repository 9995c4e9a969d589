import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { defaultTarget } from '../../compiler/target.ts';
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

test('the name that is advised is short, is that of the editor, and accepts the loss as it is pasted', () => {
  const advised = (hooks: string, kernel = defaultTarget.kernel) => {
    const policy = (accepted: string) =>
      `profile: s\nmode: sandbox\nsecurity: { bpf_lsm: { ${hooks} } }\n${accepted.replaceAll('REASON', 'a test')}\n`;
    const losses = (accepted: string) => {
      const text = policy(accepted);
      const { diagnostics } = compile('/policies/s.yaml', text, hostOf(files), {
        maximumMilliseconds: 0,
        target: { ...defaultTarget, kernel },
      });
      return diagnostics.filter(({ code }) => code === 'POL6001' || code === 'POL6004' || code === 'POL6005');
    };
    const helps = losses('').map(({ help }) => /`(accept: \[[^`]*)`/.exec(help)?.[1] ?? help);
    assert.equal(helps.flatMap(losses), []);
    return helps;
  };
  const one = 'socket_connect: socket_connect.bpf';
  const two = `${one}, socket_bind: socket_bind.bpf`;
  assert.equal(advised(one), ['accept: [{ loss: bpf_lsm.socket_connect, because: REASON }]']);
  assert.equal(advised(two), ['accept: [{ loss: bpf_lsm, because: REASON }]']);
  // Where no program is written, what holds where no rule does is lost too, and by the same words.
  for (const hooks of [one, two])
    assert.equal(advised(hooks, { major: 5, minor: 10 }), ['accept: [{ loss: bpf_lsm, because: REASON }]']);
});

run();
