import { decodeInstructions, type Instruction, opcode } from '../../backends/seccomp/instruction.ts';
import { interpret } from '../../backends/seccomp/interpret.ts';
import type { Compilation } from '../../compile.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import { type Contribution, enforceables } from '../../ir/policy.ts';
import type { Span } from '../../source/span.ts';
import { architectures, auditArchitecture } from '../../tables/architectures.ts';
import { syscallNumbers } from '../../tables/syscalls.ts';

/** Where an entry of an artifact's source map comes from. */
export type SpansOf = (entry: number, rule: string, span: Span) => readonly Span[];

/**
 * An optimisation joins the lists of system calls that a policy and its bases allow to one rule. In a seccomp program,
 * what decides some calls comes from those of the joined rules that speak of them, and not from all.
 *
 * @param path the artifact, which shows the program beside it of the same name
 * @returns undefined where nothing was joined
 */
export function spansOfMerged({ policy, outputs }: Compilation, path: string): SpansOf | undefined {
  const merged = new Map<string, readonly Contribution[]>();
  for (const node of policy === undefined ? [] : enforceables(policy)) {
    if (node.merged !== undefined) merged.set(node.id, node.merged);
  }
  const name = path.replace(/\.\w+$/, '.bpf');
  const program = outputs
    .find(({ backend }) => backend === 'seccomp')
    ?.artifacts.find((artifact) => artifact.path === name);
  if (merged.size === 0 || !(program?.content instanceof Uint8Array)) return undefined;
  const decided = decidedCalls(decodeInstructions(program.content));
  return (entry, rule, span) => {
    const calls = decided.get(Number(program.sourceMap[entry]?.at));
    const others = merged.get(rule);
    if (calls === undefined || others === undefined) return [span];
    const found = others.filter((each) => speaksOf(each, calls));
    return found.length === 0 ? [span] : found.map(({ origin }) => origin.span);
  };
}

function speaksOf({ when, overridden }: Contribution, calls: ReadonlySet<string>): boolean {
  if (when === undefined || overridden !== undefined) return false;
  return [...calls].some((call) => {
    const attribute = (name: string) => (name === 'syscall' ? call : undefined);
    return evaluate(when, { attribute, parameter: () => undefined }) !== false;
  });
}

/** By instruction, the calls of which it is the last that looks at the number. */
function decidedCalls(instructions: readonly Instruction[]): ReadonlyMap<number, ReadonlySet<string>> {
  const decided = new Map<number, Set<string>>();
  for (const architecture of architectures) {
    for (const [name, number] of syscallNumbers(architecture)) {
      const data = { number, architecture: auditArchitecture[architecture], arguments: [0n, 0n, 0n, 0n, 0n, 0n] };
      const last = lastTestOfNumber(instructions, interpret(instructions, data)?.executed ?? []);
      if (last === undefined) continue;
      const calls = decided.get(last) ?? new Set();
      decided.set(last, calls.add(name));
    }
  }
  return decided;
}

function lastTestOfNumber(instructions: readonly Instruction[], executed: readonly number[]): number | undefined {
  let isNumber = false;
  let last: number | undefined;
  for (const at of executed) {
    const { code, k } = instructions[at]!;
    if (code === opcode.loadAbsolute) {
      // Once arguments are looked at, the number is known.
      if (isNumber) return last;
      isNumber = k === 0;
    } else if (isNumber && code !== opcode.return && code !== opcode.jump) last = at;
  }
  return last;
}
