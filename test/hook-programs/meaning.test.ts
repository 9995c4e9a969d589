import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { evaluateHookCalls } from '../../compiler/hook-programs/evaluate.ts';
import type { Host } from '../../compiler/host.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { verifyPolicy } from '../../compiler/ir/verify.ts';
import { suite } from '../support/harness.ts';
import { asRead, callsOf, naive, type Program, program, programText } from '../support/hook-programs.ts';

const { test, run } = suite('meaning');
const host: Host = { read: () => undefined, now: () => 0, sha256: () => '0'.repeat(64) };
const random = program.chain((made) => fc.tuple(fc.constant(made), callsOf(made.hook)));

function compiled(made: Program) {
  const text = programText(made);
  const result = compile('random.bpf', text, host, { emit: [], maximumMilliseconds: 0 });
  // No backend is asked, so that nothing is enforced.
  const errors = result.diagnostics.filter(({ severity, code }) => severity === 'error' && code !== 'POL6001');
  assert.equal(
    errors.map(({ code, message }) => `${code} ${message}`),
    [],
    text,
  );
  return result;
}

function answers(policy: Policy, calls: Parameters<typeof naive>[1]) {
  return evaluateHookCalls(policy, asRead(calls)).map(({ errno, recorded }) => ({ errno, recorded: recorded.length }));
}

test('a program means what an interpreter of its own makes of it', () => {
  fc.assert(
    fc.property(random, ([made, calls]) => {
      const { lowered, diagnostics } = compiled(made);
      // Of what always or never holds the compiler asks nothing, and so needs to know nothing.
      fc.pre(diagnostics.every(({ code }) => code !== 'POL4020' && code !== 'POL4021'));
      assert.equal(verifyPolicy(lowered!), []);
      assert.equal(answers(lowered!, calls), naive(made, calls), programText(made));
    }),
    { numRuns: 400 },
  );
});

test('an optimised program decides as it did', () => {
  fc.assert(
    fc.property(random, ([made, calls]) => {
      const { lowered, policy } = compiled(made);
      const before = evaluateHookCalls(lowered!, asRead(calls));
      const after = evaluateHookCalls(policy!, asRead(calls));
      // What had to be refused for want of an attribute that cannot matter may be decided now.
      before.forEach(({ verdict, errno, recorded }, at) => {
        if (verdict === undefined) return;
        assert.equal(after[at]!.errno, errno, programText(made));
        assert.equal(after[at]!.recorded.length, recorded.length, programText(made));
      });
    }),
    { numRuns: 200 },
  );
});

run();
