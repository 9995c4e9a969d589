import { equal, is } from 'uvu/assert';
import wabt from 'wabt';
import { runGuest } from '../../runtime/wasm/guest.ts';
import { hardened } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { limitOf, policyOf } from '../support/policies.ts';

/** What the names in a guest say to whoever reads its trace. */
const { test, run } = suite('guest traces');

const { parseWat } = await wabt();

/** With a section of names. */
function guest(name: string, body: string): Uint8Array {
  const text = `(module (memory (export "memory") 1) (func $${name} (export "_start") ${body}))`;
  const parsed = parseWat('guest.wat', text);
  try {
    return parsed.toBinary({ write_debug_names: true }).buffer;
  } finally {
    parsed.destroy();
  }
}

const second = policyOf({ limits: [limitOf('timeout', 'milliseconds', 60_000)] });
const start = { args: ['guest'], env: {}, folders: {} };
const end = async (bytes: Uint8Array, fuel?: bigint) => runGuest(hardened(bytes, second, fuel), start);

const loop = '(loop $again (br $again))';

test('names that cannot be read, or are of functions that there are not, are left out', async () => {
  const plain = guest('plain', loop);
  const at = Buffer.from(plain).lastIndexOf('name');
  for (const [place, value] of [
    // The length of the part of functions, how many there are, and the first one's number.
    [at + 5, 0x7f],
    [at + 6, 0x7f],
    [at + 7, 0x7f],
    [at + 7, 1],
    [at + 7, 5],
  ] as const) {
    const bytes = Uint8Array.from(plain);
    bytes[place] = value;
    is(WebAssembly.validate(bytes), true);
    equal(await end(bytes, 5000n), { kind: 'ended', by: 'fuel' }, `${place - at} ${value}`);
  }
});

run();
