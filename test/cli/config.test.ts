import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readConfig } from '../../compiler/configuration/config.ts';
import { matchesPath } from '../../compiler/configuration/path-glob.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { withSeverities } from '../../compiler/diagnostics/severities.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { ends } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('config');

test('everything that can be said', () => {
  const { config, diagnostics } = readConfig(
    'polc.config.yaml',
    `# how this project builds
dialects:
  sandbox: ["policies/**/*.yaml", "*.sandbox.yaml"]
target:
  architectures: [riscv64, riscv64]
  kernel: 6.10
  cgroup: v1
  seccomp: combined
  weights: uniform
  bpf-lsm: true
  partition: aws-us-gov
  managed-policy: 5000
severities:
  POL5093: error
accept:
  - { loss: disk, because: the image has a quota }
`,
  );
  assert.equal(diagnostics, []);
  assert.equal(config.target, {
    architectures: ['riscv64'],
    kernel: { major: 6, minor: 10 },
    landlock: 5,
    cgroup: 'v1',
    seccomp: 'combined',
    weights: 'uniform',
    bpfLsm: true,
    aws: { partition: 'aws-us-gov', managedPolicy: 5000, serviceControlPolicy: 10_240, attachedPolicies: 20 },
    kubernetes: defaultTarget.kubernetes,
  });
  assert.is(config.dialectOf('policies/a/b.yaml'), 'sandbox');
  assert.is(config.dialectOf('x/y.sandbox.yaml'), 'sandbox');
  assert.is(config.dialectOf('other/a.yaml'), undefined);
  assert.equal(config.accept, [{ loss: 'disk', because: 'the image has a quota' }]);
  const found = report('POL5093', { file: 'a', start: 0, end: 1 }, { code: 'x' });
  assert.is(found.severity, 'hint');
  assert.is(withSeverities([found], config.severities)[0]?.severity, 'error');
});

test('an empty file says nothing', () => {
  for (const content of ['', '\n', '# nothing\n\n  # yet', 'target: {}\n']) {
    const { config, diagnostics } = readConfig('c', content);
    assert.equal(diagnostics, []);
    assert.equal(config.target, defaultTarget);
  }
});

test('what is wrong has its code, its place and a suggestion', () => {
  for (const [content, code, at, help] of [
    ['targget: {}\n', 'POL2001', 'targget', /`target`/],
    ['target: { kernal: 6.1 }\n', 'POL2001', 'kernal', /`kernel`/],
    ['target: { kernel: six }\n', 'POL2007', 'six', /./],
    ['target: { landlock: 99 }\n', 'POL7101', '99', /./],
    ['target: { cgroup: v3 }\n', 'POL3001', 'v3', /`v[12]`/],
    ['dialects: { sandbx: [a] }\n', 'POL3001', 'sandbx', /`sandbox`/],
    ['severities: { POL5O93: error }\n', 'POL5092', 'POL5O93', /`POL5093`/],
    ['severities: { POL8003: hint }\n', 'POL8006', 'hint', /./],
    ['accept: [{ loss: disk }]\n', 'POL2002', 'loss', /./],
  ] as const) {
    const { diagnostics } = readConfig('c.yaml', content);
    assert.equal(
      diagnostics.map((each) => [each.code, content.slice(each.span.start, each.span.end)]),
      [[code, at]],
    );
    assert.match(`${diagnostics[0]?.help}`, help);
  }
});

test('no content throws', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readConfig('c', bytes).config !== undefined));
});

test('globs match as a shell with globstar does', () => {
  for (const [pattern, path, expected] of [
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'x/a.yaml', true],
    ['./*.yaml', 'a.yaml', true],
    ['./*.yaml', 'x/a.yaml', false],
    ['a/*.yaml', 'a/b/c.yaml', false],
    ['a/**/*.yaml', 'a/c.yaml', true],
    ['a/**/*.yaml', 'a/b/d/c.yaml', true],
    ['a/**', 'a/b/c', true],
    ['**/x', 'x', true],
    ['a/**/b/**/c', 'a/b/x/b/y/c', true],
    ['a/**/b/**/c', 'a/x/y/c', false],
    ['a/?.yaml', 'a/bc.yaml', false],
    ['a/(b)+.yaml', 'a/(b)+.yaml', true],
    ['a/b.yaml', 'a/bxyaml', false],
  ] as const) {
    assert.is(matchesPath(path, pattern), expected, `${pattern} ${path}`);
  }
});

test('a pattern of many stars is not tried in every way', () => {
  for (const [path, pattern] of [
    [`${'a/'.repeat(300)}y`, `${'**/'.repeat(120)}x`],
    [`a/${'a'.repeat(5000)}`, `a/${'*a'.repeat(60)}x`],
  ] as const) {
    assert.not(ends(() => matchesPath(path, pattern)));
  }
});

run();
