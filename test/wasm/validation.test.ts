import fc from 'fast-check';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { plainOperations } from '../../compiler/backends/wasm/binary/operations.ts';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionArtifacts } from '../../compiler/backends/wasm/emission.ts';
import { encoderBody } from '../../compiler/backends/wasm/encoder/javascript.ts';
import { attribute, compare, inSet, literal, not } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { validateDecisions } from '../../compiler/verify/wasm/index.ts';
import { decodeModule } from '../../compiler/verify/wasm/module.ts';
import { anyDecision, everyPoint } from '../support/any-decision.ts';
import type { Values } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';
import { decisionOf, policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm validation');
const samplePolicy = policyOf({
  decisions: [
    decisionOf(
      'launch',
      'deny-overrides',
      [
        [
          not(
            inSet(attribute('region'), [
              'us-east-1',
              'us-west-2',
              'eu-west-1',
              'eu-west-3',
              'us-gov-1',
              'a',
              'b',
              'c',
              'd',
            ]),
          ),
          { kind: 'deny' },
        ],
        [compare(attribute('hourly_cost'), '>', literal(2.5)), { kind: 'deny' }],
        [compare(attribute('classification'), '>', attribute('clearance')), { kind: 'deny' }],
        [{ kind: 'glob', term: attribute('instance_type'), pattern: 'p?.*' }, { kind: 'deny' }],
        [compare(attribute('template'), '==', literal('python-ml-compiled')), { kind: 'allow' }],
        [
          {
            kind: 'in-ranges',
            term: attribute('classification'),
            ranges: [
              { low: 1n, high: 2n },
              { low: 7n, high: 7n },
            ],
          },
          { kind: 'allow' },
        ],
      ],
      { kind: 'deny' },
    ),
  ],
});

/** What a module answers to many inputs that do not come from its validation, as one text. */
function runEverywhere(bytes: Uint8Array): string {
  const { decisions } = decisionModule(samplePolicy);
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {});
    const { launch } = new Function('instance', encoderBody(decisions))(instance) as {
      launch(attributes: Values): number;
    };
    return fc
      .sample(anyLaunch, { numRuns: 400, seed: 1 })
      .map((values) => launch(values))
      .join();
  } catch (problem) {
    return String(problem);
  }
}

const anyLaunch = fc.record(
  {
    region: fc.constantFrom('us-east-1', 'us-west-2', 'eu-west-3', 'us-gov-1', 'a', 'd', 'e', ''),
    hourly_cost: fc.constantFrom(0, 2.4, 2.5, 2.6, Number.NaN),
    classification: fc.constantFrom(0n, 1n, 2n, 3n, 6n, 7n, 8n, 0xffff_ffff_ffff_ffffn),
    clearance: fc.constantFrom(0n, 2n, 3n, 9n, 0xffff_ffff_ffff_ffffn),
    instance_type: fc.constantFrom('p3.2xlarge', 'p.', 'p3', 't3.medium', 'pé.x'),
    template: fc.constantFrom('python-ml-compiled', 'python-ml-compilex', 'python', 'xython-ml-compiled'),
  },
  { requiredKeys: [] },
);

const anyPolicy = fc
  .constantFrom(...everyPoint)
  .chain((point) => anyDecision(point))
  .map((decision) => policyOf({ decisions: [decision] }));

test('what is emitted is accepted', () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      const { status, counterexample } = validateDecisions(policy, decisionArtifacts(policy).artifacts);
      if (status !== 'tested') throw new Error(counterexample);
    }),
    { numRuns: 150 },
  );
});

/** The same artifacts with other bytes in the module. */
function withBytes(artifacts: readonly Artifact[], content: Uint8Array): readonly Artifact[] {
  return artifacts.map((artifact) => (artifact.path === 'decisions.wasm' ? { ...artifact, content } : artifact));
}

function isSame(policy: Policy, artifacts: readonly Artifact[]): boolean {
  return validateDecisions(policy, artifacts).status !== 'refused';
}

/** Instructions in place of which another one may stand, so that the module is still sound. */
const swaps: Readonly<Record<string, string>> = {
  'i32.eq': 'i32.ne',
  'i32.ne': 'i32.eq',
  'i64.eq': 'i64.ne',
  'i64.ne': 'i64.eq',
  'i64.lt_u': 'i64.le_u',
  'i64.le_u': 'i64.lt_u',
  'i64.gt_u': 'i64.gt_s',
  'i64.ge_u': 'i64.gt_u',
  'i64.and': 'i64.or',
  'f64.lt': 'f64.le',
  'f64.le': 'f64.lt',
  'f64.gt': 'f64.ge',
  'f64.ge': 'f64.gt',
  'f64.eq': 'f64.le',
  'i32.and': 'i32.or',
};
const opcodes: Readonly<Record<string, number>> = plainOperations;
const swapped = new Map(Object.entries(swaps).map(([from, to]) => [opcodes[from]!, opcodes[to]!]));

test('a changed module is refused, unless the change changes no answer', () => {
  const policy = samplePolicy;
  const { artifacts } = decisionArtifacts(policy);
  const bytes = artifacts[0]!.content as Uint8Array;
  const reference = runEverywhere(bytes);
  const { functions } = decodeModule(bytes);
  const missed: string[] = [];
  let mutants = 0;
  for (const { start, end } of functions) {
    for (let at = start; at < end; at += 1) {
      const other = swapped.get(bytes[at]!);
      if (other === undefined) continue;
      const changed = Uint8Array.from(bytes);
      changed[at] = other;
      if (!WebAssembly.validate(changed as BufferSource)) continue;
      mutants += 1;
      if (!isSame(policy, withBytes(artifacts, changed))) continue;
      // What it accepts must answer as the module does, on inputs that it has never seen.
      if (runEverywhere(changed) !== reference) missed.push(`0x${bytes[at]!.toString(16)} at ${at}`);
    }
  }
  if (mutants < 25) throw new Error(`only ${mutants} mutants`);
  if (missed.length > 0) throw new Error(`${missed.length} of ${mutants} were not seen: ${missed.join(', ')}`);
});

test('a rule, an effect or a slot that decisions.json names wrongly is refused', () => {
  const { artifacts } = decisionArtifacts(samplePolicy);
  const text = String(artifacts.find(({ path }) => path === 'decisions.json')!.content);
  const wrong = [
    text.replace('"launch/0"', '"launch/1"'),
    text.replace('"deny"', '"allow"'),
    text.replace('"offset": 8', '"offset": 16'),
    text.replace('"known": 0', '"known": 1'),
    text.replace('"abi": 1', '"abi": 2'),
    text.replace(/"fingerprint": (\d)/, '"fingerprint": 1$1'),
    text.replace('"size": ', '"size": 1'),
    text.slice(0, -4),
  ];
  for (const content of wrong) {
    if (content === text) throw new Error('nothing was changed');
    const changed = artifacts.map((each) => (each.path === 'decisions.json' ? { ...each, content } : each));
    if (isSame(samplePolicy, changed)) throw new Error(`accepted: ${content}`);
  }
});

test('bytes that are no module are refused and never throw', () => {
  const { artifacts } = decisionArtifacts(samplePolicy);
  const bytes = artifacts[0]!.content as Uint8Array;
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
      const changed = cut ? bytes.slice(0, at) : Uint8Array.from(bytes);
      if (!cut) changed[at] = value;
      validateDecisions(samplePolicy, withBytes(artifacts, changed));
    }),
    { numRuns: 300 },
  );
});

run();
