import type { Artifact, Validation } from '../../backends/backend.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import { type Architecture, architectures } from '../../tables/architectures.ts';
import type { Target } from '../../target.ts';
import { headerBytes } from './header.ts';
import { validateProgram } from './validate-program.ts';

const method = 'every architecture, number and argument';
const combined = 'combined';

/**
 * Proves the seccomp backend's programs, `<architecture>.bpf` or `combined.bpf`, equal to the policy's syscall decision
 * and each `.h` beside them equal to its program. All architectures of the target must be served.
 */
export function validateSeccomp(policy: Policy, target: Target, artifacts: readonly Artifact[]): Validation {
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return refused('the policy does not decide system calls');
  const programs = new Map<string, Uint8Array>();
  for (const { path, content } of artifacts) {
    if (path.endsWith('.bpf') && typeof content !== 'string') programs.set(path.slice(0, -'.bpf'.length), content);
  }
  const difference = unserved(programs, target) ?? differingHeader(programs, artifacts);
  if (difference !== undefined) return refused(difference);
  return proven(programs, decision, target);
}

function proven(programs: ReadonlyMap<string, Uint8Array>, decision: Decision, target: Target): Validation {
  let cells = 0;
  for (const [name, bytes] of programs) {
    const served = servedBy(name, target);
    const outcome = validateProgram(bytes, decision, served, target.architectures, {});
    if (outcome.status !== 'proven')
      return { ...outcome, counterexample: `${name}.bpf: ${outcome.counterexample ?? ''}` };
    cells += outcome.compared;
  }
  return { status: 'proven', method: `${method} by ${cells} cells`, compared: cells };
}

function refused(counterexample: string): Validation {
  return { status: 'refused', method, compared: 0, counterexample };
}

/** The target's architectures that a program is for; x32's calls come to the program of x86_64. */
function servedBy(name: string, target: Target): readonly Architecture[] {
  if (name === combined) return target.architectures;
  return target.architectures.filter((architecture) => programOf(architecture, target) === name);
}

function programOf(architecture: Architecture, target: Target): Architecture {
  return architecture === 'x32' && target.architectures.includes('x86_64') ? 'x86_64' : architecture;
}

/** An architecture without a program, or a program that the target has no use for. */
function unserved(programs: ReadonlyMap<string, Uint8Array>, target: Target): string | undefined {
  const names =
    target.seccomp === 'combined'
      ? [combined]
      : architectures
          .filter((architecture) => target.architectures.includes(architecture))
          .map((architecture) => programOf(architecture, target));
  for (const name of names) if (!programs.has(name)) return `${name}.bpf is missing`;
  for (const name of programs.keys()) {
    if (!names.some((wanted) => wanted === name)) return `${name}.bpf serves no architecture of the target`;
  }
  return undefined;
}

function differingHeader(
  programs: ReadonlyMap<string, Uint8Array>,
  artifacts: readonly Artifact[],
): string | undefined {
  for (const { path, content } of artifacts) {
    if (!path.endsWith('.h') || typeof content !== 'string') continue;
    const program = programs.get(path.slice(0, -'.h'.length));
    if (program === undefined) return `${path} belongs to no program`;
    const written = headerBytes(content);
    if (written === undefined) return `${path} is not one array of instructions of four plain numbers`;
    if (written.length !== program.length) {
      return `${path} holds ${written.length / 8} instructions, the program ${program.length / 8}`;
    }
    for (let at = 0; at < written.length; at += 1) {
      if (written[at] !== program[at]) return `${path}: instruction ${Math.floor(at / 8)} is not the program's`;
    }
  }
  return undefined;
}
