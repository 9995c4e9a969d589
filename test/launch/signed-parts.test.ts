// What is known of the signatures of a launch, against a launch decided with each authority by itself.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { decideLaunch } from '../../runtime/launch/decide.ts';
import { type SignedPart, signaturesOf } from '../../runtime/launch/signed-parts.ts';
import type { Verdict } from '../../runtime/signing/verdict.ts';
import { read } from '../support/decided-launches.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('signed-parts');

const absent: Verdict = { signature: 'absent' };
const invalid: Verdict = { signature: 'invalid', why: 'altered', keyId: 'it-2026', problem: 'it is altered' };
const authorities = ['University IT', 'Research Group', 'Somebody Else'];

function institution(trusted: readonly string[]) {
  const list = trusted.length === 0 ? '' : `  trusted_authorities: ${JSON.stringify(trusted)}\n`;
  return read('it.yaml', `institution:\n  name: State University\n  required_signature: true\n${list}`).policy;
}

const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...authorities).map((authority) => signedBy(authority)) },
  { weight: 1, arbitrary: fc.constant(absent) },
  { weight: 1, arbitrary: fc.constant(invalid) },
);

function signedBy(authority: string): Verdict {
  return { signature: 'valid', authority, keyId: 'it-2026', signedAt: 0 };
}

function allows(policy: ReturnType<typeof institution>, facts: object): boolean {
  return decideLaunch(policy, { launched: 'python-ml', tags: new Map(), ...facts }).allowed;
}

test('parts pass together exactly where each of them passes by itself', () => {
  fc.assert(
    fc.property(fc.subarray(authorities), verdicts, verdicts, (trusted, template, image) => {
      const policy = institution(trusted);
      const parts: SignedPart[] = [
        { what: 'template', verdict: template },
        { what: 'image', verdict: image },
      ];
      const alone = [template, image].every((verdict) =>
        allows(policy, {
          signature: verdict.signature,
          ...('authority' in verdict ? { authority: verdict.authority } : {}),
        }),
      );
      assert.is(allows(policy, signaturesOf(policy, parts).facts), alone);
    }),
  );
});

test('what lacks a signature is named, a wrong one first, and nothing is no signature', () => {
  const policy = institution([]);
  const of = (template: Verdict, image: Verdict) =>
    signaturesOf(policy, [
      { what: 'template', verdict: template },
      { what: 'image', verdict: image },
    ]);
  const valid = signedBy('University IT');
  assert.equal(of(absent, valid), { facts: { signature: 'absent' }, lacking: 'template' });
  assert.equal(of(absent, invalid), { facts: { signature: 'invalid' }, lacking: 'image' });
  assert.equal(of(valid, valid), { facts: { signature: 'valid', authority: 'University IT' } });
  assert.equal(signaturesOf(policy, []), { facts: { signature: 'absent' } });
});

run();
