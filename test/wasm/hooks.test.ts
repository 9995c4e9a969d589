import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionArtifacts } from '../../compiler/backends/wasm/emission.ts';
import { decisionsFile } from '../../compiler/backends/wasm/format.ts';
import { compile } from '../../compiler/compile.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import type { Host } from '../../compiler/host.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { validateDecisions } from '../../compiler/verify/wasm/index.ts';
import { Interpreter } from '../../compiler/verify/wasm/interpreter.ts';
import { loadDecisions } from '../../runtime/wasm/decisions.ts';
import { suite } from '../support/harness.ts';
import { asRead, callsOf, naive, program, programText } from '../support/hook-programs.ts';

const { test, run } = suite('wasm hooks');
const host: Host = { read: () => undefined, now: () => 0, sha256: () => '0'.repeat(64) };

function policyOf(text: string): Policy {
  const { policy, diagnostics } = compile('hooks.bpf', text, host, { backends: [], maximumMilliseconds: 0 });
  if (policy === undefined) throw new Error(`${text}: ${diagnostics.map(({ message }) => message).join('; ')}`);
  return policy;
}

/** What the module of a program says of a call. */
function asking(policy: Policy): (known: Readonly<Record<string, Value>>) => string {
  const { bytes, decisions } = decisionModule(policy);
  const loaded = loadDecisions(new WebAssembly.Module(bytes as BufferSource), decisionsFile(decisions));
  return (known) => {
    const { effect, rule, data, audit } = loaded.explain('hook', loaded.decide('hook', known));
    return [effect, rule, data ?? 0, audit ?? false].join(' ');
  };
}

const made = program.chain((each) =>
  fc.tuple(fc.constant(each), callsOf(each.hook), fc.array(fc.constantFrom(0n, 1n, 2n, 3n, 4n), { minLength: 2 })),
);

test('a module decides about calls at hooks as the reference evaluator, and as an interpreter of programs does', () => {
  let refused = 0;
  fc.assert(
    fc.property(made, ([each, calls, counts]) => {
      const policy = policyOf(programText(each));
      const decision = decisionAt(policy, 'hook')!;
      const ask = asking(policy);
      const meant = each.counters.length === 0 ? naive(each, calls) : undefined;
      for (const [index, { hook, fields }] of asRead(calls).entries()) {
        const counted = each.counters.map(({ name }, at) => [`counter:${hook}/${name}`, counts[at] ?? 0n] as const);
        const known: Record<string, Value> = { hook, ...fields, ...Object.fromEntries(counted) };
        const environment = { attribute: (name: string) => known[name], parameter: () => undefined };
        const verdict = decide(decision, environment);
        const said = ask(known);
        if (verdict === undefined) {
          const unknown = decision.rules.find(({ when }) => evaluate(when, environment) === undefined)?.id;
          is(said, `unknown ${unknown} 0 false`);
        } else {
          const { effect, by } = { effect: verdict.effect, by: verdict.by.id };
          const errno = effect.kind === 'errno' ? effect.errno : 0;
          is(said, [effect.kind, by, errno, 'audit' in effect && effect.audit === true].join(' '), programText(each));
        }
        if (meant === undefined || verdict === undefined) continue;
        const errno = said.startsWith('allow') ? 0 : Number(/^errno .* (\d+) /.exec(said)?.[1] ?? 1);
        if (errno !== 0) refused += 1;
        // What had to be refused for want of a field that cannot matter may be decided in an optimised program.
        ok(errno === meant[index]!.errno || meant[index]!.errno === 1, `${programText(each)}: ${errno}`);
      }
    }),
    { numRuns: 300 },
  );
  ok(refused > 100, `only ${refused} were refused`);
});

test('`--emit wasm` makes a module of a hook program beside what it makes anyway', () => {
  const text = 'hook task_alloc\n  audit deny when clone_flags & CLONE_THREAD == 0\n';
  const { outputs, diagnostics } = compile('fork.bpf', text, host, { also: ['wasm'], maximumMilliseconds: 0 });
  equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  equal(outputs.map(({ backend }) => backend).sort(), ['bpf-lsm', 'ir', 'wasm']);
  const script = outputs.flatMap(({ artifacts }) => artifacts).find(({ path }) => path === 'decisions.js')!.content;
  ok(String(script).includes('export const audited = {\n  "hook": [true,false],\n};'), String(script));
});

test('a counter is left to the host, and coverage says so', () => {
  const text = 'hook file_open\n  counter opens by uid per 1s\n  deny when opens > 5\n';
  const { coverage } = compile('count.bpf', text, host, { also: ['wasm'], emit: ['wasm'], maximumMilliseconds: 0 });
  const said = coverage.flatMap((entry) => JSON.stringify(entry)).join();
  ok(said.includes('the host keeps the counter `file_open/opens`'), said);
});

/** Rules that differ in a pattern each, of which none is within another. */
const patterns: readonly (readonly [name: string, rule: (index: number) => string])[] = [
  ['paths', (index) => `path like "/home/*/d${index}/*.k${index}"`],
  ['folders', (index) => `path beneath "/home/*/secret${index}"`],
  ['names', (index) => `name like "a*b${index}*"`],
];

for (const [name, rule] of patterns) {
  test(`300 rules about ${name} are validated by so few instructions that it takes moments`, () => {
    const rules = Array.from({ length: 300 }, (_, index) => `  deny when ${rule(index)}`);
    const policy = policyOf(`hook file_open\n${rules.join('\n')}\n`);
    const { artifacts } = decisionArtifacts(policy);
    const { call } = Interpreter.prototype;
    let instructions = 0;
    Interpreter.prototype.call = function counted(this: Interpreter, ...given) {
      const result = call.apply(this, given);
      instructions += this.ran;
      return result;
    };
    try {
      const { status, counterexample } = validateDecisions(policy, artifacts);
      is(status, 'tested', counterexample);
    } finally {
      Interpreter.prototype.call = call;
    }
    ok(instructions < 60_000_000, `${instructions} instructions`);
  });
}

run();
