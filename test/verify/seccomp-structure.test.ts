import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { decodeProgram } from '../../compiler/verify/seccomp/instructions.ts';
import { structuralFault } from '../../compiler/verify/seccomp/structure.ts';
import { suite } from '../support/harness.ts';
import { Random } from '../support/random-decision.ts';
import { encode, type Instruction } from '../support/seccomp-program.ts';

const { test, skip, run } = suite('seccomp-structure');
const name = 'accepts exactly the programs that the kernel attaches';

const root = process.env.POLC_ROOT ?? '.';

/** The kernel's answers, by the helper in test/support; undefined where it cannot be built or seccomp is not there. */
function kernelAccepts(programs: readonly Uint8Array[]): boolean[] | string {
  const folder = mkdtempSync(join(tmpdir(), 'polc-seccomp-'));
  try {
    const helper = join(folder, 'attach');
    const built = spawnSync('gcc', ['-O1', '-o', helper, join(root, 'test/support/seccomp-attach.c')]);
    if (built.status !== 0) return `no working gcc: ${built.error?.message ?? built.stderr}`;
    const input = Buffer.concat(
      programs.flatMap((bytes) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length / 8);
        return [length, bytes];
      }),
    );
    const output = execFileSync(helper, { input, encoding: 'utf8', maxBuffer: 1 << 24 });
    const answers = output.trim().split('\n').map(Number);
    const unexpected = answers.find((answer) => answer !== 0 && answer !== 22);
    return unexpected === undefined ? answers.map((answer) => answer === 0) : `the kernel answers errno ${unexpected}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const returnAllow: Instruction = { code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000 };

/** Every opcode below 0x100 and some above, once with a harmless and once with a large constant. */
function everyOpcode(): Instruction[][] {
  const programs: Instruction[][] = [];
  for (let code = 0; code < 0x110; code += 1) {
    for (const k of [0, 4])
      programs.push([{ code, jt: 0, jf: 0, k }, returnAllow, returnAllow, returnAllow, returnAllow, returnAllow]);
  }
  return programs;
}

const usual = [0x20, 0x20, 0x00, 0x60, 0x80, 0x01, 0x61, 0x81, 0x02, 0x02, 0x03, 0x05, 0x15, 0x25, 0x35, 0x45, 0x1d];
const rare = [
  0x04, 0x14, 0x24, 0x34, 0x3c, 0x44, 0x54, 0x64, 0x6c, 0x74, 0x84, 0x94, 0xa4, 0x07, 0x87, 0x06, 0x16, 0x0e,
];

function randomProgram(random: Random): Instruction[] {
  const length = 1 + random.below(9);
  const program = Array.from({ length }, () => {
    const roll = random.below(20);
    const code = roll === 0 ? random.below(0x100) : roll < 14 ? random.pick(usual) : random.pick(rare);
    const k = code === 0x20 ? random.pick([0, 4, 16, 60, 60, 64, 2]) : random.pick([0, 1, 2, 2, 3, 15, 16, 31, 32]);
    const far = random.below(8) === 0 ? 9 : 3;
    return { code, jt: random.below(far), jf: random.below(far), k: random.below(60) === 0 ? 0xffff_ffff : k };
  });
  if (random.below(10) !== 0) program.push(returnAllow, returnAllow, returnAllow);
  return program;
}

function programs(): Uint8Array[] {
  const random = new Random(20_240_606);
  const found = [...everyOpcode(), ...Array.from({ length: 4000 }, () => randomProgram(random))].map(encode);
  for (const length of [0, 1, 4095, 4096, 4097]) found.push(encode(Array.from({ length }, () => returnAllow)));
  return found;
}

const all = programs();
const answers = process.platform === 'linux' ? kernelAccepts(all) : 'seccomp is Linux';

if (typeof answers === 'string') {
  skip(name, answers);
} else {
  test(name, () => {
    assert.is(answers.length, all.length);
    const accepted = answers.filter((answer) => answer).length;
    assert.ok(accepted > all.length / 10 && accepted < (all.length * 9) / 10, `${accepted} of ${all.length} accepted`);
    all.forEach((bytes, at) => {
      const fault = structuralFault(decodeProgram(bytes)!);
      assert.is(
        fault === undefined,
        answers[at],
        `${Buffer.from(bytes).toString('hex')}: ${fault ?? 'no fault found'}`,
      );
    });
    console.log(`${all.length} programs, ${accepted} of them attach`);
  });
}

test('bytes that are not whole instructions are no program', () => {
  assert.is(decodeProgram(new Uint8Array(12)), undefined);
});

run();
