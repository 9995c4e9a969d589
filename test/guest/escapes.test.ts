import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { equal, is, ok } from 'uvu/assert';
import { hardened, moduleOf, programText, type Ran, runCalls, runNaively } from '../support/guest.ts';
import { allowedCalls, attacks, tookSomething } from '../support/guest-attacks.ts';
import { inWorld, policyIn } from '../support/guest-world.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guest escapes');

for (const attack of attacks) {
  const { name, calls: callsIn, preopens, meanwhile, naive } = attack;
  for (const how of ['directly', 'indirectly'] as const) {
    const attempt = (guarded: boolean, judge: (took: boolean, ran: Ran) => void) =>
      inWorld(async (world) => {
        const calls = callsIn(world.root);
        const plain = await moduleOf(programText(calls, how));
        const module = guarded ? hardened(plain, policyIn(world.root)) : plain;
        const given = preopens?.(world.root) ?? world.preopens;
        const ran = naive
          ? runNaively(module, calls, Object.values(given))
          : runCalls(module, calls, given, () => meanwhile?.(world.root));
        judge(tookSomething(attack, ran, world.root), ran);
      });
    test(`${name}, ${how}`, async () => {
      await attempt(true, (taken, { errors }) => is(taken, false, `the hardened guest was not held: ${errors}`));
      await attempt(false, (taken, { errors }) => ok(taken, `the attack is none: ${errors}`));
    });
  }
}

test('what the policy allows is done as without the guard', () =>
  inWorld(async ({ root, preopens }) => {
    const calls = allowedCalls;
    const module = await moduleOf(programText(calls));
    const plain = runCalls(module, calls, preopens);
    const safe = runCalls(hardened(module, policyIn(root)), calls, preopens);
    equal(safe.errors, plain.errors);
    equal(plain.errors.slice(0, -1), Array(calls.length - 1).fill(0));
    is(safe.text, plain.text);
    is(existsSync(join(root, 'rw/newer')), false);
  }));

run();
