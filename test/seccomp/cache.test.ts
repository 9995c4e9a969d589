import fc from 'fast-check';
import { ok } from 'uvu/assert';
import { allowAction } from '../../compiler/backends/seccomp/action.ts';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import type { Instruction } from '../../compiler/backends/seccomp/instruction.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { syscallNumbers } from '../../compiler/tables/syscalls.ts';
import { suite } from '../support/harness.ts';
import { decision, served } from '../support/seccomp-decisions.ts';
import { seccompEnvironment } from '../support/seccomp-environment.ts';

const { test, run } = suite('seccomp-cache');

/**
 * The kernel's own emulator (`seccomp_is_const_allow` in kernel/seccomp.c, Linux 5.11), which decides whether a call is
 * cached as allowed: any other operation than these ends it.
 */
function isConstantAllow(program: readonly Instruction[], number: number, architecture: number): boolean {
  let register = 0;
  for (let at = 0; at < program.length; at += 1) {
    const { code, jt, jf, k } = program[at]!;
    switch (code) {
      case 0x20:
        if (k === 0) register = number;
        else if (k === 4) register = architecture;
        else return false;
        break;
      case 0x06:
        return k === 0x7fff_0000;
      case 0x05:
        at += k;
        break;
      case 0x15:
        at += register === k ? jt : jf;
        break;
      case 0x35:
        at += register >= k ? jt : jf;
        break;
      case 0x25:
        at += register > k ? jt : jf;
        break;
      case 0x45:
        at += (register & k) !== 0 ? jt : jf;
        break;
      case 0x54:
        register = (register & k) >>> 0;
        break;
      default:
        return false;
    }
  }
  return false;
}

test('calls that are allowed whatever their arguments are visible to the kernel’s cache', () => {
  let visible = 0;
  const check = (of: Decision, architectures: readonly Architecture[]) => {
    // A union of allows may be decided while a rule before the one that allows is unknown.
    if (of.combine === 'union-of-allows') return;
    const { instructions } = compileSyscallDecision(of, architectures, { weights: 'uniform' });
    for (const architecture of architectures) {
      const audit = auditArchitecture[architecture];
      for (const number of syscallNumbers(architecture).values()) {
        // Without arguments everything that depends on them is unknown.
        const data = { number, architecture: audit, arguments: [] };
        const verdict = decide(of, seccompEnvironment(data, architectures));
        if (verdict?.effect.kind !== 'allow') continue;
        visible += 1;
        ok(isConstantAllow(instructions, number, audit), `${architecture} ${number}`);
      }
    }
  };
  fc.assert(fc.property(decision, served, check), { numRuns: 100 });
  ok(visible > 1000 && allowAction === 0x7fff_0000);
});

run();
