import * as assert from 'node:assert';
import { callEffects } from '../../compiler/dialects/sandbox/lower/call-effects.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { architectures } from '../../compiler/tables/architectures.ts';
import { syscallNames } from '../../compiler/tables/syscalls.ts';
import { suite } from '../support/harness.ts';
import { Random, randomDecision } from '../support/random-decision.ts';

const { test, run } = suite('what becomes of a call');

test('is what the decision says of it', () => {
  for (let seed = 0; seed < 400; seed += 1) {
    const decision = randomDecision(new Random(seed));
    const effectOf = callEffects(decision);
    for (const arch of architectures) {
      for (const syscall of syscallNames()) {
        const known: Readonly<Record<string, string | boolean>> = { arch, syscall, newer: false };
        const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
        assert.deepEqual(effectOf(arch, syscall), verdict?.effect, `seed ${seed}: ${syscall} on ${arch}`);
      }
    }
  }
});

run();
