import * as assert from 'uvu/assert';
import { oci } from '../../compiler/backends/oci/index.ts';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
} from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { refusesAll, reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { jsonMutants } from '../support/mutate-json.ts';
import { allow, decisionOf, deny, limitOf, policyOf } from '../support/policies.ts';

const { test, run } = suite('oci-config');
const calls = (...names: string[]) => inSet(attribute('syscall'), names);
const span = { file: 'policy.yaml', start: 0, end: 0 };
const internet = inSet(attribute('protocol'), ['tcp', 'udp']);
const outgoing = inSet(attribute('operation'), ['connect', 'send']);
const inNetwork = (network: string): Predicate => ({ kind: 'in-network', term: attribute('address'), network });
const loopback = or(inNetwork('127.0.0.0/8'), inNetwork('::1/128'));
const binds = and(internet, inSet(attribute('operation'), ['bind']));
const architectures = (...names: string[]) => [not(inSet(attribute('arch'), names)), { kind: 'kill-process' }] as const;

const sockets = decisionOf(
  'socket',
  'deny-overrides',
  [
    [binds, allow],
    [and(outgoing, internet, loopback), allow],
  ],
  deny,
);
const everything = policyOf({
  decisions: [
    decisionOf(
      'syscall',
      'first-match',
      [
        architectures('x86_64', 'aarch64'),
        [and(calls('socket'), compare(attribute('arg0'), '==', literal(16n))), { kind: 'errno', errno: 97 }],
        [and(calls('socket'), compare(attribute('arg0'), '<=', literal(2n))), allow],
        [
          and(
            calls('clone'),
            compare({ kind: 'mask', term: attribute('arg0'), mask: 0x7e02_0000n }, '!=', literal(0n)),
          ),
          { kind: 'errno', errno: 1 },
        ],
        [and(calls('ioctl'), compare(attribute('arg1'), '!=', literal(0x5412n))), allow],
        [calls('read', 'write', 'clone', 'exit_group'), allow],
        [calls('personality'), { kind: 'log' }],
        [compare(attribute('newer'), '==', literal(true)), { kind: 'errno', errno: 38 }],
      ],
      { kind: 'errno', errno: 1 },
    ),
    decisionOf('capability', 'union-of-allows', [[inSet(attribute('capability'), ['net_bind_service']), allow]], deny),
    sockets,
  ],
  limits: [
    limitOf('memory', 'bytes', 512_000_000),
    limitOf('cpu', 'cpus', 1.5),
    limitOf('pids', 'count', 256),
    limitOf('disk', 'bytes', 1_000_000_000),
    limitOf('timeout', 'milliseconds', 300_000),
    limitOf('rlimit:memlock', 'count', Number.POSITIVE_INFINITY),
  ],
  obligations: [
    {
      id: 'private-layer//tmp',
      topic: 'resources.tmpfs',
      origin: { span },
      kind: 'private-layer',
      path: '/tmp',
      bytes: 65_536,
    },
  ],
});
const one: Target = { ...defaultTarget, architectures: ['x86_64'] };

const cases: Readonly<Record<string, readonly [Policy, Target]>> = {
  everything: [everything, one],
  'two-machines': [
    policyOf({
      decisions: [
        decisionOf('syscall', 'first-match', [[calls('arch_prctl', 'ptrace'), { kind: 'errno', errno: 1 }]], allow),
      ],
    }),
    defaultTarget,
  ],
  inexact: [
    policyOf({
      decisions: [
        decisionOf(
          'syscall',
          'first-match',
          [
            [and(calls('dup2'), compare(attribute('arg0'), '==', attribute('arg1'))), allow],
            [calls('ptrace'), { kind: 'notify' }],
            [and(calls('kill'), inSet(attribute('arch'), ['x86'])), allow],
          ],
          { kind: 'kill-process' },
        ),
        decisionOf('socket', 'deny-overrides', [[always, allow]], deny),
      ],
    }),
    { ...defaultTarget, architectures: ['x86_64', 'x86'] },
  ],
};

for (const fixture of fixtureCases('oci')) {
  test(fixture.name, () => reviewBackend(oci, fixture, ...cases[fixture.name]!));
}

test('every case has a reviewed fixture', () => {
  assert.equal(
    fixtureCases('oci').map(({ name }) => name),
    Object.keys(cases).sort(),
  );
});

test('a changed artifact is refused', () => {
  const keep = [
    'ociVersion',
    'terminal',
    'uid',
    'gid',
    'args',
    'env',
    'cwd',
    'path',
    'readonly',
    'source',
    'hostID',
    'names',
  ];
  let refused = 0;
  for (const path of ['config.json', 'rootless.json']) {
    const text = String(oci.emit(everything, one).artifacts.find((artifact) => artifact.path === path)!.content);
    const mutants = jsonMutants(text, keep).filter(({ what }) => !/without "valueTwo": 0/.test(what));
    refused += refusesAll(oci, everything, one, path, mutants);
  }
  assert.ok(refused > 80, `${refused}`);
});

test('a call added to or taken from the filter is refused', () => {
  const text = String(oci.emit(everything, one).artifacts.find(({ path }) => path === 'config.json')!.content);
  const rule =
    '{ "names": ["socket"], "action": "SCMP_ACT_LOG", "args": [{ "index": 0, "value": 2, "op": "SCMP_CMP_EQ" }] }';
  const disagreeing = text.replace('"syscalls": [', `"syscalls": [${rule},`);
  const unmasked =
    '{ "names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 0, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ" }] }';
  const limit = '{ "type": "RLIMIT_FSIZE", "hard": 9, "soft": 9 }';
  const mutants = [
    { what: 'a value outside its mask', text: text.replace('"syscalls": [', `"syscalls": [${unmasked},`) },
    { what: 'added', text: text.replace('"exit_group"', '"exit_group", "mount"') },
    { what: 'taken', text: text.replace('"exit_group", ', '') },
    { what: 'capability', text: text.replace('"CAP_NET_BIND_SERVICE"', '"CAP_NET_BIND_SERVICE", "CAP_SYS_ADMIN"') },
    { what: 'a rule that disagrees', text: disagreeing },
    { what: 'a key after the filter', text: text.replace(/\n {2}\}\n\}\n$/, ',\n    "cgroupsPath": "x"\n  }\n}\n') },
    { what: 'a key after `linux`', text: text.replace(/\n\}\n$/, ',\n  "hooks": {}\n}\n') },
    { what: 'a second filter', text: text.replace('"namespaces"', '"seccomp": {}, "namespaces"') },
    { what: 'a listener', text: text.replace('"defaultAction"', '"listenerPath": "x", "defaultAction"') },
    { what: 'a second `linux`', text: text.replace('"linux":', '"linux" : {}, "linux":') },
    { what: 'a second `linux`, escaped', text: text.replace('"linux":', '"\\u006cinux": {}, "linux":') },
    { what: 'a filter before the filter', text: text.replace('"seccomp":', '"seccomp" : {}, "seccomp":') },
    { what: 'two filters', text: text.replace('"seccomp":', '"seccomp": {}, "seccomp":') },
    {
      what: 'a second default',
      text: text.replace('"defaultAction"', '"defaultAction": "SCMP_ACT_ALLOW", "defaultAction"'),
    },
    { what: 'a flag twice', text: text.replace('"noNewPrivileges"', '"noNewPrivileges": false, "noNewPrivileges"') },
    { what: 'a set twice', text: text.replace('"bounding"', '"bounding": [], "bounding"') },
    { what: 'a set in capitals', text: text.replace('"bounding"', '"Bounding": [], "bounding"') },
    { what: 'a limit twice', text: text.replace('"rlimits": [', `"rlimits": [${limit},`) },
    { what: 'unknown key', text: text.replace('"noNewPrivileges"', '"selinuxLabel": "x", "noNewPrivileges"') },
  ];
  for (const { what, text: changed } of mutants) assert.is.not(changed, text, what);
  refusesAll(oci, everything, one, 'config.json', mutants);
});

test('the network is a namespace of its own only where nothing else is to be reached', () => {
  const kinds = (rules: Parameters<typeof decisionOf>[2]) => {
    const policy = policyOf({ decisions: [decisionOf('socket', 'deny-overrides', rules, deny)] });
    const { artifacts } = oci.emit(policy, one);
    assert.is(oci.validate(policy, one, artifacts).counterexample, undefined);
    return String(artifacts[0]!.content).includes('"network"');
  };
  assert.is(kinds([]), true);
  assert.is(kinds([[and(outgoing, internet, loopback), allow]]), true);
  assert.is(kinds([[always, allow]]), false);
  assert.is(kinds([[binds, allow]]), true); // who may only bind reaches nobody
  assert.is(
    kinds([
      [binds, allow],
      [and(outgoing, internet, loopback), allow],
      [inSet(attribute('protocol'), ['unix-abstract']), allow],
    ]),
    true,
  );
  assert.is(kinds([[and(outgoing, internet, inNetwork('10.0.0.0/8')), allow]]), false);
  assert.is(kinds([[and(outgoing, internet, or(loopback, inNetwork('0.0.0.0/0'))), allow]]), false);
});

run();
