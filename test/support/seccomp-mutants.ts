import type { Random } from './random-decision.ts';
import type { Instruction } from './seccomp-program.ts';

const jumps = [0x15, 0x25, 0x35, 0x45, 0x05];
const returns = [
  0x7fff_0000, 0x8000_0000, 0, 0x0005_0001, 0x0005_0026, 0x7ffc_0000, 0x7fc0_0000, 0x7ff0_0001, 0x1234_0000,
];

/** A program with one small change, of a kind that a wrong compiler could make. */
export function mutant(program: readonly Instruction[], random: Random): Instruction[] {
  const changed = [...program];
  const at = random.below(program.length);
  const old = program[at]!;
  const isJump = (old.code & 7) === 5;
  switch (random.below(10)) {
    case 0:
      changed[at] = { ...old, k: (old.k + 1) >>> 0 };
      break;
    case 1:
      changed[at] = { ...old, k: (old.k - 1) >>> 0 };
      break;
    case 2:
      changed[at] = { ...old, k: (old.k ^ (1 << random.below(32))) >>> 0 };
      break;
    case 3:
      changed[at] = { ...old, jt: old.jf, jf: old.jt };
      break;
    case 4:
      changed[at] = isJump && old.code !== 5 ? { ...old, jt: random.below(4) } : { ...old, k: random.below(8) };
      break;
    case 5:
      changed[at] = isJump
        ? { ...old, code: random.pick(jumps) }
        : { ...old, k: old.code === 6 ? random.pick(returns) : old.k ^ 4 };
      break;
    case 6:
      changed.splice(at, 1);
      break;
    case 7: {
      const other = random.below(program.length);
      changed[at] = program[other]!;
      changed[other] = old;
      break;
    }
    case 8:
      changed.splice(at, 0, random.pick(program));
      break;
    default:
      changed[at] = { ...old, jf: isJump ? random.below(6) : old.jf, code: old.code === 6 ? 0x54 : old.code };
  }
  return changed;
}
