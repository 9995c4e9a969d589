import * as assert from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { validateProgram } from '../../compiler/verify/seccomp/validate-program.ts';
import { suite } from '../support/harness.ts';
import { naiveProgram } from '../support/naive-seccomp.ts';
import { Random, randomArchitectures, randomDecision } from '../support/random-decision.ts';
import { mutant } from '../support/seccomp-mutants.ts';
import {
  type Data,
  decode,
  encode,
  type Instruction,
  run,
  seccompData,
  verdictOf,
} from '../support/seccomp-program.ts';
import { referenceVerdict } from '../support/seccomp-reference.ts';
import { Sampler } from '../support/seccomp-samples.ts';

const { test, run: start } = suite('seccomp-proof');

test('random decisions, compiled by the backend, are proven and are what the reference evaluator says', () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = new Random(seed + 100_000);
    const decision = randomDecision(random);
    const served = randomArchitectures(random);
    const { instructions } = compileSyscallDecision(decision, served, {
      weights: random.pick(['uniform', 'frequency']),
    });
    const outcome = validateProgram(encode(instructions), decision, served, served, {});
    assert.is(outcome.status, 'proven', `seed ${seed}: ${outcome.counterexample}`);
    let sample = 0;
    for (const data of new Sampler([instructions], random).inputs(50)) {
      sample += 1;
      if (sample % 4 !== 0) continue;
      assert.is(verdictOf(run(instructions, data)), referenceVerdict(decision, data, served), `seed ${seed}: ${data}`);
    }
  }
});

test('random decisions, naively compiled, are proven and are what the reference evaluator says', () => {
  let samples = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    const decision = randomDecision(random);
    const served = randomArchitectures(random);
    const bytes = naiveProgram(decision, served);
    const outcome = validateProgram(bytes, decision, served, served, {});
    assert.is(outcome.status, 'proven', `seed ${seed}: ${outcome.counterexample}`);
    const program = decode(bytes);
    for (const data of new Sampler([program], random).inputs(50)) {
      samples += 1;
      if (samples % 8 !== 0) continue;
      assert.is(verdictOf(run(program, data)), referenceVerdict(decision, data, served), `seed ${seed}: ${data}`);
    }
  }
  console.log(`300 decisions, ${samples} inputs`);
});

test('of mutated programs every one that differs on a sampled input is refused, and only those that differ', () => {
  const counts = { mutants: 0, unattachable: 0, unfollowed: 0, toldApart: 0, missedBySampling: 0, equal: 0 };
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = new Random(seed * 7919);
    const decision = randomDecision(random);
    const served = randomArchitectures(random);
    const original = programOf(decision, served, seed);
    for (let round = 0; round < 20; round += 1) {
      const program = mutant(original, random);
      const outcome = validateProgram(encode(program), decision, served, served, {});
      const said = outcome.counterexample ?? '';
      counts.mutants += 1;
      if (said.startsWith('the kernel would not attach')) {
        counts.unattachable += 1;
      } else if (said.startsWith('not validated')) {
        counts.unfollowed += 1;
      } else {
        const input = firstDifference(original, program, new Sampler([original, program], random).inputs(300));
        if (outcome.status === 'proven') {
          counts.equal += 1;
          assert.is(input, undefined, `seed ${seed}/${round} is proven but differs on ${input}`);
          continue;
        }
        if (input === undefined) counts.missedBySampling += 1;
        else counts.toldApart += 1;
        const told = readCounterexample(said);
        assert.is(verdictOf(run(program, told.data)), told.program, `seed ${seed}/${round}: ${said}`);
        assert.is(referenceVerdict(decision, told.data, served), told.policy, `seed ${seed}/${round}: ${said}`);
        assert.is.not(told.program, told.policy);
      }
    }
  }
  console.log(JSON.stringify(counts));
  assert.ok(counts.toldApart >= 1000);
});

/** The naive program for odd seeds, the real backend's for even ones. */
function programOf(decision: Decision, served: readonly Architecture[], seed: number): Instruction[] {
  if (seed % 2 === 1) return decode(naiveProgram(decision, served));
  return [...compileSyscallDecision(decision, served, { weights: 'uniform' }).instructions];
}

function firstDifference(
  left: readonly Instruction[],
  right: readonly Instruction[],
  inputs: Iterable<Data>,
): Data | undefined {
  for (const data of inputs) if (verdictOf(run(left, data)) !== verdictOf(run(right, data))) return data;
  return undefined;
}

/** Reads the concrete input and the two verdicts out of a refusal's text. */
function readCounterexample(text: string): { data: Data; program: string; policy: string } {
  const parts =
    /^(?:audit architecture (0x[0-9a-f]{8})|(\w+)) (?:\w+ \((\d+)\)|call number (\d+))(, all arguments 0| with .*): the program says (.*), the policy (.*)$/.exec(
      text,
    );
  if (parts === null) throw new Error(`not a concrete counterexample: ${text}`);
  const audit = parts[1] === undefined ? auditArchitecture[parts[2] as Architecture] : Number(parts[1]);
  const args = Array.from({ length: 6 }, (_, index) => BigInt(new RegExp(`arg${index} (0x\\w+)`).exec(text)?.[1] ?? 0));
  const pointer = BigInt(/instruction pointer (0x\w+)/.exec(text)?.[1] ?? 0);
  const data = seccompData(audit, Number(parts[3] ?? parts[4]), args, pointer);
  return { data, program: parts[6]!, policy: parts[7]! };
}

start();
