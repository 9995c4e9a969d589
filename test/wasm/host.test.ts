import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { celExtension } from '../../compiler/backends/wasm/cel/extension.ts';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionsFile } from '../../compiler/backends/wasm/format.ts';
import { attribute, compare, literal, type Predicate } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Point } from '../../compiler/ir/policy.ts';
import { allows, type Given, loadDecisions, ModuleCache } from '../../runtime/wasm/decisions.ts';
import { encodeRecord } from '../../runtime/wasm/encode-record.ts';
import { anyDecision, anyValues, everyPoint } from '../support/any-decision.ts';
import { environmentOf, type Values } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm host');
const cache = new ModuleCache((bytes) => createHash('sha256').update(bytes).digest('hex'));

/** With each value under its own name and as a parameter. */
function given(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => [
      [name, value],
      [`$${name}`, value],
    ]),
  );
}

test('a loaded module decides and explains as the reference evaluator', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...everyPoint).chain((point) => fc.tuple(anyDecision(point), fc.array(anyValues(point)))),
      ([decision, many]) => {
        const { bytes, decisions } = decisionModule(policyOf({ decisions: [decision] }));
        const loaded = loadDecisions(cache.module(bytes), decisionsFile(decisions));
        for (const values of many) {
          const answer = loaded.decide(decision.point, given(values));
          const verdict = decide(decision, environmentOf(values));
          const { effect, rule } = loaded.explain(decision.point, answer);
          if (effect !== (verdict?.effect.kind ?? 'unknown')) throw new Error(`${effect} by ${rule}`);
          if (verdict !== undefined && rule !== verdict.by.id) throw new Error(`${rule}, not ${verdict.by.id}`);
          if (allows(answer) !== (verdict?.effect.kind === 'allow')) throw new Error(`${answer} passes or not`);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('both encoders write the same record', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...everyPoint).chain((point) => fc.tuple(anyDecision(point), anyValues(point))),
      ([decision, values]) => {
        const { bytes, decisions } = decisionModule(policyOf({ decisions: [decision] }));
        const layout = decisionsFile(decisions);
        const module = cache.module(bytes);
        const instance = new WebAssembly.Instance(module, {});
        const { memory, input } = instance.exports as { memory: WebAssembly.Memory; input: WebAssembly.Global };
        encodeRecord(memory.buffer, input.value, layout.decisions[0]!, given(values));
        const decideFunction = instance.exports[layout.decisions[0]!.function] as (record: number) => number;
        const answer = decideFunction(input.value) >>> 0;
        const generated = loadDecisions(module, layout).decide(decision.point, given(values));
        if (answer !== generated) throw new Error(`${answer} and ${generated}`);
      },
    ),
    { numRuns: 150 },
  );
});

test('values of other types, ill-formed texts and texts without room are unknown', () => {
  const decision = {
    point: 'launch' as const,
    combine: 'first-match' as const,
    rules: [
      {
        id: 'launch/0',
        topic: 'x',
        origin: { span: { file: 'x', start: 0, end: 0 } },
        when: { kind: 'glob' as const, term: { kind: 'attribute' as const, name: 'template' }, pattern: 'a*' },
        effect: { kind: 'allow' as const },
      },
    ],
    otherwise: {
      id: 'launch/otherwise',
      topic: 'x',
      origin: { span: { file: 'x', start: 0, end: 0 } },
      effect: { kind: 'deny' as const },
    },
  };
  const { bytes, decisions } = decisionModule(policyOf({ decisions: [decision] }));
  const { decide: ask, explain } = loadDecisions(cache.module(bytes), decisionsFile(decisions));
  const said = (template: string | boolean) => explain('launch', ask('launch', { template })).effect;
  const answers = [said('abc'), said('b'), said(true), said('a\ud800'), said('a'.repeat(100_000)), said('abc')];
  if (answers.join() !== 'allow,deny,unknown,unknown,unknown,allow') throw new Error(answers.join());
});

/** A decision of one rule, what is asked, and what a wrong question is. */
const questions: readonly (readonly [name: string, point: Point, when: Predicate, known: Given])[] = [
  [
    'a path',
    'path',
    { kind: 'beneath', term: attribute('path'), pattern: '/usr/lib*' },
    { path: '/usr/lib64/libc.so.6' },
  ],
  ['a text', 'request', compare(attribute('team'), '==', literal('physics')), { team: 'physics' }],
  ['a text that is missing', 'request', compare(attribute('team'), '==', literal('physics')), { user: 'ada' }],
  ['a value of another type', 'request', compare(attribute('team'), '==', literal('physics')), { team: 7 }],
  ['a number', 'launch', compare(attribute('hourly_cost'), '<', literal(2)), { hourly_cost: 0.5 }],
  ['an integer', 'syscall', compare(attribute('arg0'), '==', literal(3n)), { arg0: 3 }],
  ['a bigint', 'syscall', compare(attribute('arg0'), '==', literal(3n)), { arg0: 1n << 40n }],
  ['a boolean', 'launch', compare(attribute('encrypted'), '==', literal(true)), { encrypted: true }],
  [
    'an address',
    'request',
    { kind: 'in-network', term: attribute('client'), network: '10.0.0.0/8' },
    { client: '10.1.2.3' },
  ],
  ...[
    "auth.identity.groups.exists(group, group == 'c')",
    "auth.identity.groups.exists(group, group.startsWith('c'))",
    'size(auth.identity.name) * 2 > 10',
    "request.headers['x-model'].matches('^(small|medium)-[0-9]+b$')",
  ].map(
    (text) =>
      [
        text,
        'request',
        compare(attribute(`condition:${text}`), '==', literal(true)),
        {
          auth: { identity: { groups: ['a', 'b', 'c'], name: 'ada' } },
          request: { headers: { 'x-model': 'small-7b' } },
        },
      ] as const,
  ),
];

for (const [name, point, when, known] of questions) {
  test(`asking about ${name} makes nothing that has to be collected`, () => {
    const policy = policyOf({ decisions: [decisionOf(point, 'first-match', [[when, allow]], deny)] });
    const { bytes, decisions } = decisionModule(policy, celExtension());
    const ask = loadDecisions(cache.module(bytes), decisionsFile(decisions)).at(point)!;
    for (let index = 0; index < 100_000; index += 1) ask(known);
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 100_000; index += 1) ask(known);
    const grown = process.memoryUsage().heapUsed - before;
    // One object of the smallest size for each would be 1.6 MB.
    if (grown > 400_000) throw new Error(`${grown} bytes for 100,000 decisions`);
  });
}

test('a cache keeps the modules that were asked for last, and no more than it may', () => {
  const small = new ModuleCache((bytes) => createHash('sha256').update(bytes).digest('hex'), 2);
  const of = (name: string) => {
    const when = compare(attribute('team'), '==', literal(name));
    return decisionModule(policyOf({ decisions: [decisionOf('request', 'first-match', [[when, allow]], deny)] })).bytes;
  };
  const [a, b] = [small.module(of('a')), small.module(of('b'))];
  if (small.module(of('a')) !== a) throw new Error('a was compiled again');
  small.module(of('c'));
  if (small.module(of('a')) !== a) throw new Error('a, asked for since b, was given up');
  if (small.module(of('b')) === b) throw new Error('three are kept');
});

test('a layout of another build is refused', () => {
  const [one, other] = ['a', 'b'].map((name) => {
    const when = compare(attribute('team'), '==', literal('x'));
    const { rules, ...decision } = decisionOf('request', 'first-match', [[when, allow]], deny);
    return decisionModule(
      policyOf({ decisions: [{ ...decision, rules: rules.map((rule) => ({ ...rule, id: name })) }] }),
    );
  });
  loadDecisions(cache.module(one!.bytes), decisionsFile(one!.decisions));
  try {
    loadDecisions(cache.module(one!.bytes), decisionsFile(other!.decisions));
  } catch (error) {
    if (error instanceof TypeError && error.message.endsWith('are of different builds')) return;
    throw error;
  }
  throw new Error('it was loaded');
});

test('modules are compiled once, and what is no decision module is refused', () => {
  const { bytes, decisions } = decisionModule(policyOf({ decisions: [] }));
  if (cache.module(bytes) !== cache.module(bytes.slice())) throw new Error('compiled twice');
  const other = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const refused = (act: () => unknown) => {
    try {
      act();
      return false;
    } catch (error) {
      return error instanceof TypeError || error instanceof RangeError || error instanceof WebAssembly.CompileError;
    }
  };
  if (!refused(() => loadDecisions(other, decisionsFile(decisions)))) throw new Error('an empty module was loaded');
  if (!refused(() => cache.module(Uint8Array.of(1, 2, 3)))) throw new Error('no module was compiled');
  const missing = decisionsFile(
    decisionModule(policyOf({ decisions: [fc.sample(anyDecision('path'), 1)[0]!] })).decisions,
  );
  if (!refused(() => loadDecisions(cache.module(bytes), missing))) throw new Error('a missing function was not seen');
  const loaded = loadDecisions(cache.module(bytes), decisionsFile(decisions));
  if (!refused(() => loaded.decide('launch', {}))) throw new Error('decided where it has no decision');
});

run();
