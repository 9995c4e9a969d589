import type { DecodedProgram } from '../../compiler/verify/bpf-lsm/object.ts';

/** Why an object was not loaded or attached. Nothing of it is left in the kernel then. */
export interface LoadRefusal {
  /**
   * `object`: it is none that could be loaded; `kernel`: this kernel or this process may not have such programs; `verifier`:
   * the kernel read a program and refused it.
   */
  readonly by: 'object' | 'kernel' | 'verifier';
  readonly problem: string;
  readonly help: string;
  /** The policy's line that the refused instruction comes from. */
  readonly line?: PolicyLine;
}

export interface PolicyLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Whether a result says why there is none. */
export function isRefusal(result: object): result is LoadRefusal {
  return 'problem' in result;
}

/** What the kernel's verifier says, in our words, by how its sentences begin (kernel/bpf/verifier.c). */
const sayings: readonly (readonly [pattern: RegExp, words: string])[] = [
  [
    /BPF program is too large|Processed \d+ insn|too many states|The sequence of .* jumps is too complex/,
    'it has more ways through it than the verifier follows',
  ],
  [/infinite loop detected|back-edge/, 'it has a loop whose end the verifier does not see'],
  [/combined stack size|stack depth/, 'it needs more stack than programs have'],
  [
    /unknown func|helper call is not allowed|program of this type cannot use helper/,
    'it calls what this kernel does not lend to such a program',
  ],
  [
    /invalid access to map value|invalid mem access|invalid access to packet|min value is (negative|outside)/,
    'it may read or write outside of what it was given',
  ],
  [
    /invalid bpf_context access|func '.*' doesn't have \d+-th argument/,
    'it reads an argument that the hook does not have on this kernel',
  ],
  [/Unreleased reference/, 'it may end while it holds what it has to give back'],
  [/At program exit the register R0/, 'it may answer what the hook does not take'],
  [
    /not found in kernel BTF|attach_btf_id \d+ is not a function|LSM attach|attach btf_id .* does not point/,
    'this kernel lets no program at that hook',
  ],
];

/** The last instruction that the log names: `12: (79) r1 = *(u64 *)(r0 +0)`. */
const instructionLine = /^(\d+): \([0-9a-f]{2}\)/;

/**
 * What a refusal by the verifier means, from its log.
 *
 * @param log without the NUL at its end
 */
export function verifierRefusal(program: DecodedProgram, code: string, log: string): LoadRefusal {
  const said = log.split('\n').filter((line) => line !== '');
  // The last lines are statistics: `processed 12 insns …`, `verification time …`, `stack depth …`.
  const ends = said.filter((line) => !/^(processed \d|verification time|stack depth \d|max_states)/.test(line));
  const last = ends.at(-1) ?? code;
  const words = sayings.find(([pattern]) => pattern.test(last))?.[1];
  const slot = said.reduce((found, line) => Number(instructionLine.exec(line)?.[1] ?? found), -1);
  const line = lineOf(program, slot);
  return {
    by: 'verifier',
    problem: `the kernel's verifier refuses the program in \`${program.section}\`: ${words === undefined ? last : `${words} (${last})`}`,
    help:
      line === undefined
        ? 'this is a mistake of polc, unless the object was changed; report it with the policy'
        : `make the rule at ${line.file}:${line.line} simpler; where it is simple, report this with the policy`,
    ...(line === undefined ? {} : { line }),
  };
}

/** The policy's line that an instruction comes from: that of the last record at or before it that has one. */
function lineOf({ lines }: DecodedProgram, slot: number): PolicyLine | undefined {
  const found = lines.filter(({ offset, line }) => offset / 8 <= slot && line > 0).at(-1);
  return found === undefined ? undefined : { file: found.file, line: found.line, text: found.text };
}
