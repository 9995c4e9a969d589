import fc from 'fast-check';
import wabt from 'wabt';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { printModule } from '../../compiler/backends/wasm/text/print.ts';
import { anyDecision, everyPoint } from '../support/any-decision.ts';
import { suite } from '../support/harness.ts';
import { policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm text');
const tools = await wabt();

test('the text form, made binary by wabt, is the module byte for byte', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...everyPoint).chain((point) => anyDecision(point)),
      (decision) => {
        const { bytes, functionNames } = decisionModule(policyOf({ decisions: [decision] }));
        const { text } = printModule(bytes, functionNames, () => undefined);
        const parsed = tools.parseWat('decisions.wat', text);
        const { buffer } = parsed.toBinary({ canonicalize_lebs: true });
        parsed.destroy();
        const same = buffer.length === bytes.length && buffer.every((byte, at) => byte === bytes[at]);
        if (!same) throw new Error(`another module comes of\n${text}`);
      },
    ),
    { numRuns: 100 },
  );
});

run();
