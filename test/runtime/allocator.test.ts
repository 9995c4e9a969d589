import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Obligation } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { allocatorHere } from '../../runtime/sandbox/allocator.ts';
import { sharedObjectFault } from '../../runtime/sandbox/shared-object.ts';
import { suite } from '../support/harness.ts';
import { policyOf } from '../support/policies.ts';

const { test, run } = suite('allocators of a machine');

/** The header of a shared object for x86_64, with some bytes changed. */
function header(changes: readonly (readonly [at: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x7fELF', 'latin1');
  for (const [at, value] of [[4, 2], [5, 1], [16, 3], [18, 62], ...changes] as const) bytes[at] = value;
  return bytes;
}

const asking = (value: string): Obligation => ({
  id: 'run-with/memory-allocator',
  topic: 'performance.memory_allocator',
  origin: { span: { file: 'policy.yaml', start: 0, end: 0 } },
  kind: 'run-with',
  setting: 'memory-allocator',
  value,
});

test('a file that is no library of the machine is told from one that is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polc-allocator-'));
  try {
    const fault = (content: Uint8Array | string) => {
      writeFileSync(join(folder, 'library'), content);
      return sharedObjectFault(join(folder, 'library'), 'x86_64');
    };
    assert.is(fault(header([])), undefined);
    assert.is(fault('INPUT(libjemalloc.so.2)'), 'is no ELF file');
    assert.is(fault(header([]).subarray(0, 40)), 'is no ELF file');
    assert.is(fault(header([[4, 1]])), 'is of 32 bits');
    assert.is(fault(header([[5, 2]])), 'is big-endian');
    assert.is(fault(header([[18, 183]])), 'is not for x86_64');
    assert.is(fault(header([[16, 1]])), 'is no shared object');
    assert.match(sharedObjectFault(join(folder, 'absent'), 'x86_64') ?? '', 'cannot be read: ENOENT');
    assert.match(sharedObjectFault(folder, 'x86_64') ?? '', 'cannot be read: EISDIR');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a wrong library is named where there is no right one, and one that cannot be loaded is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polc-allocator-'));
  try {
    const local = { machine: 'x86_64', target: defaultTarget } as const;
    const found = () => allocatorHere(policyOf({ obligations: [asking('mimalloc')] }), local, new Map(), [folder]);
    writeFileSync(join(folder, 'libmimalloc.so.2'), header([[4, 1]]));
    // Where the machine has one of its own, that is found in place of the wrong one.
    if (found().library === undefined) {
      assert.is(
        found().problem,
        `${folder}/libmimalloc.so.2 is of 32 bits: install it (on Debian libmimalloc2.0), or leave performance.memory_allocator out`,
      );
    }
    if (process.platform === 'linux' && process.arch === 'x64') {
      writeFileSync(join(folder, 'libmimalloc.so.3'), header([]));
      assert.match(found().problem ?? '', `${folder}/libmimalloc.so.3 cannot be loaded: `);
      const real = readFileSync('/proc/self/maps', 'utf8').match(/\/\S*\/libm\.so\.6$/m)?.[0];
      if (real !== undefined) {
        writeFileSync(join(folder, 'libmimalloc.so.3'), readFileSync(real));
        assert.equal(found(), { library: join(folder, 'libmimalloc.so.3') });
      }
    }
    assert.equal(allocatorHere(policyOf({}), local, new Map(), [folder]), {});
  } finally {
    rmSync(folder, { recursive: true });
  }
});

run();
