import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { componentDocument } from '../../compiler/backends/ami/component.ts';
import { ami } from '../../compiler/backends/ami/index.ts';
import { imageMetadata } from '../../compiler/images/image-metadata.ts';
import { imagePolicy } from '../../compiler/images/image-policy.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { decisionAt, type Policy, type Rule } from '../../compiler/ir/policy.ts';
import { optimise } from '../../compiler/passes/index.ts';
import { baseOfImages } from '../../compiler/tables/base-images.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { compareLaunches } from '../../compiler/verify/ami/compare-launches.ts';
import { ImageDifference } from '../../compiler/verify/ami/difference.ts';
import { environmentOf } from '../support/arbitrary.ts';
import { refusesAll, reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { surroundings } from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';
import { anyLaunch, anyTemplate, limits, templateOf, templates } from '../support/launch-policies.ts';
import { jsonMutants } from '../support/mutate-json.ts';

const { test, run } = suite('ami-backend');

for (const fixture of fixtureCases('ami')) {
  test(`ami ${fixture.name}`, () => {
    const policy = templates[fixture.name.replace(/-optimised$/, '')]!;
    const reviewed = fixture.name.endsWith('-optimised') ? optimise(policy, []) : policy;
    reviewBackend(ami, fixture, reviewed, defaultTarget);
  });
}

test('every case has reviewed fixtures, optimised and as lowered', () => {
  assert.equal(
    fixtureCases('ami').map(({ name }) => name),
    Object.keys(templates)
      .flatMap((name) => [name, `${name}-optimised`])
      .sort(),
  );
});

const emit = (policy: Policy) => ami.emit(policy, defaultTarget, surroundings);
const validate = (policy: Policy, artifacts: ReturnType<typeof emit>['artifacts']) =>
  ami.validate(policy, defaultTarget, artifacts, surroundings);

test('whatever a template says, its images are emitted and proven, and every rule is covered', () => {
  fc.assert(
    fc.property(anyTemplate, (policy) => {
      const { artifacts, diagnostics, coverage } = emit(policy);
      assert.is(validate(policy, artifacts).counterexample, undefined);
      assert.equal(diagnostics, []);
      assert.ok(coverage.every(({ status }) => status === 'full'));
      assert.equal(emit(policy).artifacts, artifacts);
    }),
  );
});

test('every changed artifact is refused', () => {
  let mutants = 0;
  for (const policy of Object.values(templates)) {
    for (const { path, content } of emit(policy).artifacts) {
      const text = String(content);
      // People read these; nothing is built by them.
      const keep = ['AWSTemplateFormatVersion', 'Default', 'Description', 'Name'];
      if (path.endsWith('.json')) mutants += refusesAll(ami, policy, defaultTarget, path, jsonMutants(text, keep));
      else {
        const lines = text.split('\n').slice(path.endsWith('.yaml') ? 1 : 0, -1);
        const changed = lines.flatMap((line) =>
          line === ''
            ? []
            : [
                { what: line, text: text.replace(`${line}\n`, `${line}x\n`) },
                { what: `no ${line}`, text: text.replace(`${line}\n`, '') },
              ],
        );
        mutants += refusesAll(ami, policy, defaultTarget, path, changed);
      }
    }
  }
  assert.ok(mutants > 200, String(mutants));
});

test('a file that is missing or added is refused', () => {
  for (const policy of [templates.seed!, templates['base-by-id']!]) {
    const { artifacts } = emit(policy);
    for (const artifact of artifacts) {
      const others = artifacts.filter((each) => each !== artifact);
      if (artifact.path !== 'image-builder/component.yaml')
        assert.is(validate(policy, others).status, 'refused', artifact.path);
      const again = { ...artifact, path: `more/${artifact.path}` };
      assert.is(validate(policy, [...artifacts, again]).status, 'refused');
    }
  }
  assert.is(validate(templates['no-images']!, emit(templates.seed!).artifacts).status, 'refused');
});

const launches = fc.array(anyLaunch, { minLength: 30, maxLength: 30 });

/** Policies of which rules were dropped, added or replaced, that decide one of the launches otherwise. */
function* changedPolicies(one: Policy, two: Policy, at: number, tried: readonly Parameters<typeof environmentOf>[0][]) {
  const { rules } = decisionAt(one, 'launch')!;
  const others = decisionAt(two, 'launch')!.rules.filter(({ topic }) => !implied.includes(topic));
  const without = rules.filter(({ topic }, index) => index !== at % rules.length || implied.includes(topic));
  for (const changed of [without, withOther(rules, others, at), [...without, ...others.slice(0, 1).map(numbered)]]) {
    const other = withRules(one, changed);
    const effects = (policy: Policy) =>
      tried.map((launch) => decide(decisionAt(policy, 'launch')!, environmentOf(launch))?.effect.kind).join();
    if (effects(one) !== effects(other)) yield other;
  }
}

test('tags of another policy that lets one more launch pass, or one less, are refused', () => {
  fc.assert(
    fc.property(anyTemplate, anyTemplate, fc.nat(), launches, (one, two, at, tried) => {
      // Where rules of many attributes are joined, launches are sampled.
      if (validate(one, emit(one).artifacts).status !== 'proven') return;
      for (const other of changedPolicies(one, two, at, tried)) {
        assert.is(validate(one, emit(other).artifacts).status, 'refused');
      }
    }),
  );
});

test('of a thousand changed decisions, each that decides a launch otherwise is told from the original', () => {
  let told = 0;
  const place = { region: 'us-west-2', architecture: 'x86_64' } as const;
  const carried = (policy: Policy) =>
    decisionAt(imagePolicy(imageMetadata(policy, place, surroundings.sha256)!, 'x'), 'launch')!;
  fc.assert(
    fc.property(anyTemplate, anyTemplate, fc.nat(), launches, (one, two, at, tried) => {
      const wanted = decisionAt(one, 'launch')!;
      if (!compareLaunches(wanted, carried(one)).whole) return;
      for (const other of changedPolicies(one, two, at, tried)) {
        told += 1;
        assert.throws(
          () => compareLaunches(wanted, carried(other)),
          (problem: Error) => problem instanceof ImageDifference,
        );
      }
    }),
    { numRuns: 1200 },
  );
  assert.ok(told > 1000, String(told));
});

/** What an image's description says by itself: a template without such a rule has another description. */
const implied = ['data_classification', 'approval_required'];

function withRules(policy: Policy, rules: readonly Rule[]): Policy {
  return { ...policy, decisions: policy.decisions.map((decision) => ({ ...decision, rules })) };
}

/** One rule of another policy besides, or in the place of one. */
function withOther(rules: readonly Rule[], others: readonly Rule[], at: number): readonly Rule[] {
  const other = others[at % Math.max(others.length, 1)];
  if (other === undefined) return rules;
  const dropped = at % 2 === 0 ? -1 : rules.findIndex(({ topic }) => !implied.includes(topic));
  return [...rules.filter((_, index) => index !== dropped), numbered(other)];
}

function numbered(rule: Rule): Rule {
  return { ...rule, id: rule.id.replace(/\d+$/, '99') };
}

test("a component's document gives the script back, whatever stands in it", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\t', '{{ x }}', '', ' # :', '- a')),
      ),
      (lines) => {
        const script = `#!/bin/bash\n${lines.join('\n').replace(/\p{Surrogate}/gu, '')}\n`;
        const document = parse(componentDocument('polc-any', script));
        const [command] = document.phases[0].steps[0].inputs.commands;
        if (command !== script) {
          const encoded = /^bash -c "\$\(echo (\S+) \| base64 --decode\)"\n$/.exec(command)?.[1];
          assert.is(Buffer.from(encoded ?? '', 'base64').toString(), script);
        }
        assert.not.match(componentDocument('polc-any', script), /\{\{/);
      },
    ),
  );
});

test('a script with double braces does what it says, and fails where it fails', () => {
  const commandOf = (script: string) =>
    parse(componentDocument('polc-any', script)).phases[0].steps[0].inputs.commands[0];
  const script = '#!/bin/bash\nset -euo pipefail\necho "{{ $((6 * 7)) }}"\n';
  assert.is(execFileSync('bash', ['-c', commandOf(script)], { encoding: 'utf8' }), '{{ 42 }}\n');
  assert.throws(() => execFileSync('bash', ['-c', commandOf(`${script}false\ntrue\n`)], { stdio: 'ignore' }));
});

test('a place without a base image, and half of a character, are said', () => {
  const base = baseOfImages([{ region: 'eu-west-1', architecture: 'arm64', image: 'ami-0123456789abcdef0' }]);
  const images = { base, regions: ['eu-west-1', 'us-east-1'], architectures: ['arm64', 'x86_64'] } as const;
  assert.equal(
    emit(templateOf('by-id', [], {}, images)).diagnostics.map(({ code, message }) => `${code} ${message}`),
    ['x86_64 in eu-west-1', 'arm64 in us-east-1', 'x86_64 in us-east-1'].map(
      (place) => `POL6100 no base image for ${place} is known`,
    ),
  );
  const halves = emit(templateOf('half', [limits.profiles('x\ud83d')]));
  assert.equal(
    halves.diagnostics.map(({ code }) => code),
    ['POL6101'],
  );
});

test('what EC2 or Image Builder would not take is said', () => {
  const codes = (script: string, tags: readonly (readonly [string, string])[] = []) =>
    emit(templateOf('large', [], {}, { script, tags })).diagnostics.map(({ code }) => code);
  const tags = (count: number) => Array.from({ length: count }, (_, index) => [`tag-${index}`, 'x'] as const);
  assert.equal(codes(`${'#'.repeat(15_000)}\n`), []);
  assert.equal(codes(`${'#'.repeat(15_900)}\n`), ['POL7301']);
  assert.equal(codes(`${'#'.repeat(16_383)}\n`), ['POL7301']);
  assert.equal(codes(`${'#'.repeat(16_384)}\n`), ['POL7300', 'POL7301']);
  const own = Object.keys(JSON.parse(String(emit(templateOf('large', [])).artifacts[2]!.content))).length;
  assert.equal(codes('', tags(46 - own)), []);
  assert.equal(codes('', tags(47 - own)), ['POL7302']);
  for (const [key, value] of [
    ['aws:x', 'y'],
    ['AWS:x', 'y'],
    ['polc:x', 'y'],
    ['', 'y'],
    ['k'.repeat(129), 'y'],
    ['k', 'v'.repeat(257)],
    ['k', 'a\nb'],
  ] as const) {
    assert.equal(codes('', [[key, value]]), ['POL6102'], key);
  }
});

run();
