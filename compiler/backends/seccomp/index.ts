import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { type Decision, decisionAt, type Enforceable } from '../../ir/policy.ts';
import { validateSeccomp } from '../../verify/seccomp/index.ts';
import type { Artifact, Backend, SourceMapEntry } from '../backend.ts';
import { partOf } from '../part.ts';
import { cHeader, headerHead } from './c-header.ts';
import { compileSyscallDecision, type SyscallProgram } from './compile.ts';
import { seccompCoverage } from './coverage.ts';
import { encodeInstructions, instructionLimit } from './instruction.ts';
import { listing, listingHead } from './listing.ts';
import { type ProgramPlan, programsOf } from './programs.ts';

/** System call filters: classic BPF programs for seccomp(2), with a listing and a C header for each. */
export const seccomp: Backend = {
  name: 'seccomp',
  summary: 'system call filters as raw `struct sock_filter[]`, with a listing and a C header for each',
  byDefault: true,
  applies: (policy) => decisionAt(policy, 'syscall') !== undefined,
  part: (policy) => partOf(policy, { points: ['syscall'] }),
  emit(policy, target) {
    const decision = decisionAt(policy, 'syscall');
    if (decision === undefined) return { artifacts: [], coverage: [], diagnostics: [], summary: '' };
    const nodes = new Map([...decision.rules, decision.otherwise].map((node) => [node.id, node]));
    const artifacts: Artifact[] = [];
    const diagnostics: Diagnostic[] = [];
    const lengths: number[] = [];
    for (const plan of programsOf(target)) {
      const program = compileSyscallDecision(decision, plan.architectures, { weights: target.weights });
      lengths.push(program.instructions.length);
      const problems = problemsOf(program, plan, decision, nodes);
      if (problems.length === 0) artifacts.push(...artifactsOf(program, plan, nodes));
      else diagnostics.push(...problems);
      // What one program cannot express, none can.
      if (program.inexpressible.length > 0) break;
    }
    const coverage = seccompCoverage(decision, target);
    return { artifacts, coverage, diagnostics, summary: summaryOf(lengths) };
  },
  validate: validateSeccomp,
};

/** `76 insns`, `31 insns ×2` where programs have one length, `31 + 33 insns` otherwise. */
function summaryOf(lengths: readonly number[]): string {
  const same = lengths.every((length) => length === lengths[0]);
  if (!same) return `${lengths.join(' + ')} insns`;
  return lengths.length > 1 ? `${lengths[0]} insns ×${lengths.length}` : `${lengths[0] ?? 0} insns`;
}

function artifactsOf(
  program: SyscallProgram,
  { name, architectures }: ProgramPlan,
  nodes: ReadonlyMap<string, Enforceable>,
): readonly Artifact[] {
  const bytes = encodeInstructions(program.instructions);
  const map = sourceMapOf(program, nodes);
  const shifted = (head: number) => map.map(({ at, rule, span }) => ({ at: at + head + 1, rule, span }));
  const text = listing(bytes, {
    title: `${name}.bpf for ${architectures.join(', ')}`,
    rulesOf: program.rulesOf,
    describe: (rule) => describe(nodes.get(rule)),
  });
  return [
    { path: `${name}.bpf`, content: bytes, sourceMap: map },
    { path: `${name}.txt`, content: text, sourceMap: shifted(listingHead) },
    { path: `${name}.h`, content: cHeader(bytes, name), sourceMap: shifted(headerHead) },
  ];
}

/** The topic of a rule, and what put it there when the author did not write it. */
function describe(node: Enforceable | undefined): string | undefined {
  if (node === undefined) return undefined;
  return node.origin.by === undefined ? node.topic : `${node.topic} (${node.origin.by})`;
}

function sourceMapOf(
  { instructions, rulesOf }: SyscallProgram,
  nodes: ReadonlyMap<string, Enforceable>,
): readonly (SourceMapEntry & { readonly at: number })[] {
  const entries: (SourceMapEntry & { readonly at: number })[] = [];
  for (let at = 0; at < instructions.length; at += 1) {
    for (const rule of rulesOf(at)) entries.push({ at, rule, span: nodes.get(rule)!.origin.span });
  }
  return entries;
}

function problemsOf(
  program: SyscallProgram,
  { name }: ProgramPlan,
  decision: Decision,
  nodes: ReadonlyMap<string, Enforceable>,
): readonly Diagnostic[] {
  if (program.inexpressible.length > 0) {
    return program.inexpressible.map(({ rule, reason }) =>
      report('POL6010', rule.origin.span, { topic: rule.topic, reason }),
    );
  }
  const { length } = program.instructions;
  if (length <= instructionLimit) return [];
  const [dearest, ...others] = dearestRules(program)
    .slice(0, 3)
    .map(({ rule, instructions }) => ({ node: nodes.get(rule)!, instructions }));
  const label = (instructions: number) => `takes part in ${instructions} instructions`;
  return [
    report(
      'POL7001',
      dearest?.node.origin.span ?? decision.otherwise.origin.span,
      { program: name, length, limit: instructionLimit, topic: dearest?.node.topic ?? decision.otherwise.topic },
      {
        ...(dearest === undefined ? {} : { label: label(dearest.instructions) }),
        related: others.map(({ node, instructions }) => ({ span: node.origin.span, label: label(instructions) })),
      },
    ),
  ];
}

/** The rules by how many instructions they take part in, the most first. */
function dearestRules(program: SyscallProgram): { readonly rule: string; readonly instructions: number }[] {
  const counts = new Map<string, number>();
  program.instructions.forEach((_, at) => {
    for (const rule of program.rulesOf(at)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  });
  return [...counts]
    .map(([rule, instructions]) => ({ rule, instructions }))
    .sort((left, right) => right.instructions - left.instructions || (left.rule < right.rule ? -1 : 1));
}
