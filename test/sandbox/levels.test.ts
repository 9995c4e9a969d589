import assert from 'node:assert/strict';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { presetRules } from '../../compiler/dialects/sandbox/presets.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { groupNames } from '../../compiler/tables/syscall-groups.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('levels');

function lowered(mode: string, level: string, rest: string): Policy {
  const text = `profile: web\nmode: ${mode}\nsecurity:\n  level: ${level}\n  seccomp:\n    default: errno(EPERM)\n${rest}`;
  const { lowered: policy } = compile('web.yaml', text, { ...nodeHost, now: () => 0 });
  assert.ok(policy !== undefined);
  return policy;
}

/** What happens to a call with arguments that each conditional rule of a preset refuses: new namespaces, TIOCSTI. */
function effectOf(policy: Policy, syscall: string): string | undefined {
  const known: Readonly<Record<string, string | boolean | bigint>> = {
    arch: 'x86_64',
    newer: false,
    syscall,
    arg0: 0x1000_0000n,
    arg1: 0x5412n,
  };
  const environment = { attribute: (name: string) => known[name] ?? 0n, parameter: () => undefined };
  return decide(decisionAt(policy, 'syscall')!, environment)?.effect.kind;
}

const namesOf = (level: 'low' | 'medium' | 'high') =>
  presetRules(level)
    .flatMap(({ when }) => (when.kind === 'in-set' ? when.values : []))
    .concat('clone', 'clone3', 'ioctl');

const everyGroup = groupNames()
  .map((name) => `"${name}"`)
  .join(', ');

test('all groups together in `allow` and `log` undo nothing that a level refuses', () => {
  for (const key of ['allow', 'log']) {
    const policy = lowered('sandbox', 'high', `    ${key}: [${everyGroup}]\n`);
    for (const name of namesOf('high')) assert.equal(effectOf(policy, name), 'errno', name);
  }
});

test('a name in `allow` undoes what a level refuses without conditions, and a rule undoes all', () => {
  const names = namesOf('high');
  const firm = ['clone', 'clone3', 'ioctl'];
  const list = names.map((name) => `"${name}"`).join(', ');
  const listed = lowered('sandbox', 'high', `    allow: [${list}]\n`);
  for (const name of names) assert.equal(effectOf(listed, name), firm.includes(name) ? 'errno' : 'allow', name);
  const ruled = lowered('sandbox', 'high', `    rules: [{ syscalls: [${list}] }]\n`);
  for (const name of names) assert.equal(effectOf(ruled, name), 'allow', name);
  const denied = lowered('sandbox', 'high', `    deny: [${list}]\n    allow: [${list}]\n`);
  for (const name of names) assert.equal(effectOf(denied, name), 'errno', name);
});

test('nothing undoes what `hardened` refuses', () => {
  const list = namesOf('high')
    .map((name) => `"${name}"`)
    .join(', ');
  const policy = lowered(
    'hardened',
    'low',
    `    rules: [{ syscalls: [${list}] }]\n    log: [${list}]\n    allow: [${everyGroup}]\n`,
  );
  for (const name of namesOf('high')) assert.equal(effectOf(policy, name), 'errno', name);
});

run();
