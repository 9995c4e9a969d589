// Decisions in WebAssembly, what is asked encoded each time: a launch, a label, `exists` over a list, and a thousand policies
// in one module; beside them generated JavaScript and the reference evaluator, which must say the same. What it takes to
// compile the seed's policy, and how large the module is. OPA's figures are in docs/measurements.md: its compiler is no
// package that could be installed here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../cli/host.ts';
import { celExtension } from '../compiler/backends/wasm/cel/extension.ts';
import { decisionModule } from '../compiler/backends/wasm/decisions.ts';
import { decisionsFile } from '../compiler/backends/wasm/format.ts';
import { manyDecisions } from '../compiler/backends/wasm/many.ts';
import { compile } from '../compiler/compile.ts';
import { attribute, compare, literal, type Value } from '../compiler/expressions/predicate.ts';
import { decide } from '../compiler/ir/evaluate.ts';
import { combineLaunches } from '../compiler/ir/launch.ts';
import { type Decision, decisionAt, type Point, type Policy } from '../compiler/ir/policy.ts';
import { compileLaunch } from '../runtime/launch/compiled.ts';
import type { LaunchFacts } from '../runtime/launch/facts.ts';
import { type Attributes, allows, loadDecisions } from '../runtime/wasm/decisions.ts';
import { loadPolicies } from '../runtime/wasm/many.ts';
import { launchRolePolicies } from '../test/support/launch-roles.ts';
import { policyOf } from '../test/support/policies.ts';
import { type CelSubject, celExpressions, celInterpreter, celNanoseconds, celPeers } from './support/cel-subjects.ts';
import { benchmarkEvents, benchmarkPolicies, compiledGuardrail } from './support/guardrail-policies.ts';
import { root } from './support/native.ts';
import { interleaved, timePerCall, warmUp } from './support/rounds.ts';
import { printTable, type Row } from './support/table.ts';

const origin = { span: { file: 'bench.yaml', start: 0, end: 0 } };

function load(policy: Policy) {
  const { bytes, decisions } = decisionModule(policy, celExtension());
  return loadDecisions(new WebAssembly.Module(bytes as BufferSource), decisionsFile(decisions));
}

/** Microseconds for a thousand decisions, over so many inputs from the list, again and again. */
function each<T>(times: number, inputs: readonly T[], ask: (input: T) => unknown): number {
  const start = performance.now();
  for (let index = 0; index < times; index += 1) ask(inputs[index % inputs.length]!);
  return ((performance.now() - start) * 1_000_000) / times;
}

/** Asks in turn, after all have been seen to say the same. */
function measure(
  what: string,
  decision: Decision,
  policy: Policy,
  inputs: readonly Attributes[],
  target?: number,
): readonly Row[] {
  const ask = load(policy).at(decision.point)!;
  const reference = (known: Attributes) =>
    decide(decision, { attribute: (name) => known[name], parameter: () => undefined })?.effect.kind === 'allow';
  for (const input of inputs) {
    if (allows(ask(input)) !== reference(input)) throw new Error(`they disagree on ${JSON.stringify(input)}`);
  }
  warmUp(300, () => inputs.map(ask));
  warmUp(300, () => inputs.map(reference));
  const [ours = 0, evaluated = 0] = interleaved(7, [
    () => each(200_000, inputs, ask),
    () => each(5000, inputs, reference),
  ]);
  console.log(`${what}: ${Math.round(1e9 / ours).toLocaleString('en-US')} decisions a second`);
  const row = { what, ours, peer: { name: 'reference evaluator', value: evaluated } };
  return [target === undefined ? row : { ...row, target }];
}

const types = ['t3.medium', 't3.large', 'c5.large', 'c5.4xlarge', 'p3.2xlarge', 't4g.small', 'm5.large'];
const regions = ['us-west-2', 'us-east-1', 'eu-west-1', 'ap-northeast-1'];

function launchRows(): readonly Row[] {
  const { class: group, example } = launchRolePolicies;
  const policy = combineLaunches([
    { role: 'profile', policy: group! },
    { role: 'template', policy: example! },
  ]);
  const facts = Array.from({ length: 1000 }, (_, index): LaunchFacts & Record<string, unknown> => ({
    launched: 'python-ml-compiled',
    source: 'institutional',
    signature: index % 17 === 0 ? 'invalid' : 'valid',
    authority: 'University IT',
    owner: '123456789012',
    approved: true,
    lifecycle: 'active',
    instanceType: types[index % types.length]!,
    architecture: 'x86_64',
    region: regions[index % regions.length]!,
    encrypted: true,
    hourlyCost: (index % 13) * 0.017,
    hourlySpend: (index % 13) * 0.017,
    dailySpend: (index % 13) * 0.1,
    monthlySpend: (index % 13) * 2,
    imageAge: 12,
    baseOutdated: false,
    scan: 'passed',
    invitation: 'valid',
    tags: new Map([['Course', 'CS101']]),
  }));
  const inputs = facts.map((launch): Attributes => {
    const known: Record<string, Value> = { 'tag:Course': 'CS101' };
    for (const [name, value] of Object.entries(launch)) {
      if (name !== 'tags') known[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = value as Value;
    }
    return known;
  });
  const decision = decisionAt(policy, 'launch')!;
  const rows = measure(`launch under ${decision.rules.length} rules`, decision, policy, inputs, 1000);
  const compiled = compileLaunch(policy);
  warmUp(300, () => facts.map((launch) => compiled.allows(launch)));
  const javascript = each(300_000, facts, (launch) => compiled.allows(launch));
  return [...rows, { what: '  the same in generated JavaScript', ours: javascript }];
}

function labelRows(): readonly Row[] {
  const label = 'auth.identity.metadata.labels.team';
  const decision: Decision = {
    point: 'request',
    combine: 'first-match',
    rules: [
      {
        id: 'request/0',
        topic: 'label',
        origin,
        when: compare(attribute(label), '==', literal('data-science')),
        effect: { kind: 'allow' },
      },
    ],
    otherwise: { id: 'request/otherwise', topic: 'label', origin, effect: { kind: 'deny' } },
  };
  const inputs = ['data-science', 'research', 'platform', 'data-science'].map((team) => ({ [label]: team }));
  return measure('label', decision, policyOf({ decisions: [decision] }), inputs, 1000 / 12);
}

/** A decision about requests whose one condition asks each of twenty groups; the peers evaluate that condition alone. */
function existsRows(text: string, target?: number): readonly Row[] {
  const decision: Decision = {
    point: 'request',
    combine: 'first-match',
    rules: [
      {
        id: 'request/0',
        topic: 'groups',
        origin,
        when: compare(attribute(`condition:${text}`), '==', literal(true)),
        effect: { kind: 'allow' },
      },
    ],
    otherwise: { id: 'request/otherwise', topic: 'groups', origin, effect: { kind: 'deny' } },
  };
  const ask = load(policyOf({ decisions: [decision] })).at('request')!;
  const decided: CelSubject = { name: 'WebAssembly', make: () => (request) => allows(ask(request)) };
  const times = celNanoseconds(text, text, [decided, celInterpreter, ...celPeers]);
  const ours = times.get(decided.name)!;
  console.log(`${text}: ${Math.round(1e9 / ours).toLocaleString('en-US')} decisions a second`);
  return [...times].slice(1).map(([name, value]) => {
    const row = { what: `exists over 20: ${text.slice(text.indexOf(',') + 2, -1)}`, ours, peer: { name, value } };
    return target === undefined ? row : { ...row, target };
  });
}

function manyRows(): readonly Row[] {
  const count = 1000;
  const decisions = benchmarkPolicies(count, 100)
    .map(compiledGuardrail)
    .map(
      ({ conditions }): Decision => ({
        point: 'cost-event',
        combine: 'union-of-allows',
        rules: conditions.map(({ rule, topic, passes }) => ({
          id: rule,
          topic,
          origin,
          when: passes,
          effect: { kind: 'allow' },
        })),
        otherwise: { id: 'cost-event/otherwise', topic: 'match', origin, effect: { kind: 'deny' } },
      }),
    );
  const policies = decisions.map((decision) => policyOf({ decisions: [decision] }));
  const many = manyDecisions(policies, 'cost-event');
  const { decide: ask, answers } = loadPolicies(many);
  const events = benchmarkEvents(200, 100).map(({ account, amount, causes }) => ({
    source: 'anomaly',
    account,
    amount,
    service: causes[0]!.service!,
  }));
  for (const event of events) {
    ask(event);
    for (const [index, decision] of decisions.entries()) {
      const known: Attributes = event;
      const { effect } = decide(decision, { attribute: (name) => known[name], parameter: () => undefined })!;
      if ((answers[index]! & 15) !== (effect.kind === 'allow' ? 1 : 2)) throw new Error('they disagree');
    }
  }
  warmUp(500, () => events.map(ask));
  const ours = interleaved(7, [() => each(4000, events, ask)])[0]!;
  console.log(
    `1,000 policies: ${Math.round(1e9 / ours).toLocaleString('en-US')} events a second, ${many.bytes.length} B`,
  );
  return [{ what: '1,000 policies at once', ours, target: 5000 }];
}

function compileRows(): readonly Row[] {
  const path = join(root, 'test/fixtures/sandbox/seed-002/policy.yaml');
  const { policy } = compile(path, readFileSync(path, 'utf8'), nodeHost, { maximumMilliseconds: 0 });
  warmUp(500, () => decisionModule(policy!));
  return [{ what: "the seed's policy to a module", ours: timePerCall(500, () => decisionModule(policy!)), target: 2 }];
}

function sizeRows(): readonly Row[] {
  const path = join(root, 'test/fixtures/sandbox/seed-002/policy.yaml');
  const { policy } = compile(path, readFileSync(path, 'utf8'), nodeHost, { maximumMilliseconds: 0 });
  const points: readonly Point[] = policy!.decisions.map(({ point }) => point);
  return [
    { what: `the seed's policy: ${points.join(', ')}`, ours: decisionModule(policy!).bytes.length, target: 10_000 },
  ];
}

printTable('a thousand decisions in WebAssembly, encoding included', 'us', [
  ...launchRows(),
  ...labelRows(),
  ...existsRows(celExpressions['exists over 20'], 1000 / 4),
  ...existsRows("auth.identity.groups.exists(group, group.startsWith('team-19'))"),
  ...manyRows(),
]);
printTable('compile to WebAssembly, warm', 'ms', compileRows());
printTable('size of a module', 'B', sizeRows());
