import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { guardrailExample } from '../../compiler/diagnostics/catalogue/guardrail-example.ts';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { dialects } from '../../compiler/dialects/index.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guardrail-fixes');

function check(text: string) {
  return compile('policy.yaml', text, nodeHost, { maximumMilliseconds: 0 });
}

/** The text after the fixes of one code. */
function fixed(text: string, code: string): string {
  const { diagnostics, sources } = check(text);
  const ofCode = diagnostics.filter((diagnostic) => diagnostic.code === code);
  assert.ok(ofCode.length > 0, code);
  return applyFixes(ofCode, (file) => sources.get(file), 'all').texts.get('policy.yaml') ?? text;
}

function codesOf(text: string): readonly string[] {
  return check(text).diagnostics.map(({ code }) => code);
}

test('the mode that does nothing is put where none is, whatever the layout', () => {
  const block = guardrailExample();
  const indented = block.replace(/^(?=.)/gm, '  ');
  const documents = [
    block,
    `# a comment\n${block}`,
    indented,
    `{ ${block.trim().split('\n').join(', ')} }\n`,
    block.replace('policy_id: policy\n', 'policy_id: policy # a name\n'),
  ];
  for (const whole of documents) {
    assert.equal(codesOf(whole), [], whole);
    const without = whole.replace(/ *mode: manual(\n|, )/, '');
    assert.equal(codesOf(without), ['POL2002']);
    const again = fixed(without, 'POL2002');
    assert.match(again, 'mode: dry_run');
    assert.equal(codesOf(again), [], again);
  }
});

test('the siblings of a denied action are added to the list, in its layout', () => {
  const flow = guardrailExample({
    actions: '[{ type: attach_deny_policy, deny: ["ec2:RunInstances", sqs:CreateQueue] }]',
  });
  const block = guardrailExample({ actions: '' }).replace(
    'actions: \n',
    'actions:\n  - type: attach_deny_policy\n    deny:\n      - "ec2:RunInstances" # starts\n      - sqs:CreateQueue # queues\n',
  );
  for (const text of [flow, block]) {
    assert.ok(codesOf(text).includes('POL5037'), text);
    const current = fixed(text, 'POL5037');
    assert.equal(codesOf(current), [], current);
    assert.match(current, 'ec2:CreateFleet');
  }
  assert.match(fixed(block, 'POL5037'), /- sqs:CreateQueue # queues\n {6}- "ec2:/);
});

test('what can be repaired beyond doubt is repaired', () => {
  const wrong = guardrailExample({
    accounts: '[123456789012, "2109-8765-4321", 012345678901]',
    actions: '[{ type: attach_deny_policy, deny: ["sqs:CreatQueue", "sq:CreateQueue"] }]',
    exceptions: '{ time_windows: [{ start: "9:00", end: "17:00", timezone: Asia/Tokio, days: [mon] }] }',
    match: 'services: [Amazon EC3], regions: [us-esat-1], cost_rate_change: 50%',
  });
  const { diagnostics, sources } = check(wrong);
  const repaired = applyFixes(diagnostics, (file) => sources.get(file), 'certain').texts.get('policy.yaml')!;
  const errors = check(repaired).diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(errors, []);
  for (const part of ['"123456789012"', '"210987654321"', '"012345678901"', 'sqs:CreateQueue', 'Asia/Tokyo']) {
    assert.match(repaired, part);
  }
});

test('a guardrail and a sandbox are told apart by their keys', () => {
  const recognised = (...keys: readonly string[]) =>
    dialects.filter((dialect) => dialect.recognises(new Set(keys))).map(({ name }) => name);
  assert.equal(recognised('policy_id'), ['guardrail']);
  assert.equal(recognised('extends', 'overrides'), ['guardrail']);
  assert.equal(recognised('extends', 'mode', 'ttl_minutes'), ['guardrail']);
  assert.equal(recognised('extends', 'mode', 'policy_id'), ['guardrail']);
  assert.equal(recognised('mode', 'match', 'scope', 'actions', 'notify'), ['guardrail']);
  assert.equal(recognised('match', 'actions'), ['guardrail']);
  assert.equal(recognised('profile', 'mode'), ['sandbox']);
  assert.equal(recognised('extends', 'mode'), ['sandbox']);
  assert.equal(recognised('mode', 'network'), ['sandbox']);
  assert.equal(recognised('mode'), []);
  assert.equal(recognised('actions'), []);
  assert.equal(recognised('name', 'on', 'jobs'), []);
});

test('a time without its first zero is one mistake, with one fix', () => {
  for (const hour of ['9:00', "'9:00'", '"9:30"']) {
    const text = guardrailExample({
      exceptions: `{ time_windows: [{ start: ${hour}, end: "17:00", timezone: UTC, days: [mon] }] }`,
    });
    assert.equal(codesOf(text), ['POL2007'], hour);
    assert.equal(codesOf(fixed(text, 'POL2007')), [], hour);
  }
});

test('where a value is wrong, nothing besides is said of how YAML reads it', () => {
  for (const [written, code] of [
    ['enabled: yes', 'POL2004'],
    ['enabled: 0777', 'POL2004'],
    ['accept: [{ loss: 1:30, because: on }]', undefined],
  ] as const) {
    const codes = codesOf(guardrailExample({ more: written }));
    if (code !== undefined) assert.equal(codes, [code], written);
    else
      assert.equal(
        codes.filter((each) => each.startsWith('POL105')),
        ['POL1051', 'POL1050'],
      );
  }
});

run();
