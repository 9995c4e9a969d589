import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionsFile } from '../../compiler/backends/wasm/format.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { allows, loadDecisions, ModuleCache } from '../../runtime/wasm/decisions.ts';
import { encodeRecord } from '../../runtime/wasm/encode-record.ts';
import { anyDecision, anyValues, everyPoint } from '../support/any-decision.ts';
import { environmentOf, type Values } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';
import { policyOf } from '../support/policies.ts';

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

test('asking makes nothing that has to be collected', () => {
  const { bytes, decisions } = decisionModule(
    policyOf({
      decisions: [
        {
          point: 'path',
          combine: 'union-of-allows',
          rules: [
            {
              id: 'path/0',
              topic: 'x',
              origin: { span: { file: 'x', start: 0, end: 0 } },
              when: { kind: 'beneath', term: { kind: 'attribute', name: 'path' }, pattern: '/usr/lib*' },
              effect: { kind: 'allow' },
            },
          ],
          otherwise: {
            id: 'path/otherwise',
            topic: 'x',
            origin: { span: { file: 'x', start: 0, end: 0 } },
            effect: { kind: 'deny' },
          },
        },
      ],
    }),
  );
  const ask = loadDecisions(cache.module(bytes), decisionsFile(decisions)).at('path')!;
  const attributes = { path: '/usr/lib64/libc.so.6' };
  for (let index = 0; index < 200_000; index += 1) ask(attributes);
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 100_000; index += 1) ask(attributes);
  const grown = process.memoryUsage().heapUsed - before;
  // One object of the smallest size for each would be 1.6 MB.
  if (grown > 400_000) throw new Error(`${grown} bytes for 100,000 decisions`);
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
