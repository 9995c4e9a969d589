import * as assert from 'uvu/assert';
import { validateProgram } from '../../compiler/verify/seccomp/validate-program.ts';
import { suite } from '../support/harness.ts';
import { naiveProgram } from '../support/naive-seccomp.ts';
import { Random, randomArchitectures, randomDecision } from '../support/random-decision.ts';
import { decode, run, verdictOf } from '../support/seccomp-program.ts';
import { referenceVerdict } from '../support/seccomp-reference.ts';
import { Sampler } from '../support/seccomp-samples.ts';

const { test, run: start } = suite('seccomp-proof');

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

start();
