import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { decisionAt, enforceables, type Policy } from '../../ir/policy.ts';
import type { Span } from '../../source/span.ts';
import type { Target } from '../../target.ts';
import type { Artifact, Emission, SourceMapEntry, Surroundings } from '../backend.ts';
import { type BuiltPrograms, buildPrograms, isServed } from './build.ts';
import { bpfCoverage } from './coverage.ts';
import { instructionBytes } from './instruction.ts';
import { bpfListing, slotsOf } from './listing.ts';
import { bpfManifest } from './manifest.ts';
import { bpfObject, type PolicyLine } from './object.ts';
import { sectionName } from './program-kind.ts';

/** The name of the object, and of what lies beside it with other endings. */
const file = 'policy.bpf';

/** Compiles what a policy decides at hooks and of IP sockets. */
export function emitBpf(policy: Policy, target: Target, surroundings: Surroundings): Emission {
  if (!isServed(target)) return { artifacts: [], coverage: tooOld(policy, target), diagnostics: [], summary: '' };
  const built = buildPrograms(policy, target, (span) => lineOf(surroundings, span));
  const coverage = bpfCoverage(policy, target, built);
  const diagnostics = withoutProgram(policy, built);
  if (built.programs.length === 0) return { artifacts: [], coverage, diagnostics, summary: '' };
  const { text, sourceMap } = bpfListing(built.programs, built.lines, built.rules, built.spans);
  const artifacts: Artifact[] = [
    { path: `${file}.o`, content: bpfObject(built), sourceMap: codeMap(built) },
    { path: `${file}.txt`, content: text, sourceMap },
    { path: `${file}.json`, content: bpfManifest(policy, target, built), sourceMap: [] },
  ];
  const instructions = built.programs.reduce((sum, { code }) => sum + slotsOf(code), 0);
  const { length } = built.programs;
  return {
    artifacts,
    coverage,
    diagnostics,
    summary: `${length} program${length === 1 ? '' : 's'} · ${instructions} insns`,
  };
}

/** Why there is no program, at the first node that it would have served. */
function withoutProgram(policy: Policy, { without }: BuiltPrograms): readonly Diagnostic[] {
  const nodes = enforceables(policy);
  return [...without].flatMap(([at, reason]) => {
    const node =
      nodes.find(({ id }) => id.startsWith(`hook/${at}/`)) ??
      decisionAt(policy, /[46]$/.test(at) ? 'socket' : 'path')?.otherwise ??
      nodes[0];
    return node === undefined ? [] : [report('POL6047', node.origin.span, { at, reason })];
  });
}

function lineOf({ position }: Surroundings, span: Span): PolicyLine | undefined {
  const place = position(span);
  return place === undefined
    ? undefined
    : { file: span.file, line: place.line, column: place.column, text: place.text };
}

/** Where the code of each rule begins: the section and the bytes into it. */
function codeMap({ programs, rules, spans }: BuiltPrograms): readonly SourceMapEntry[] {
  return programs.flatMap(({ attachment, code }) =>
    code.rules.flatMap(({ slot, rule }) => {
      const id = rules[rule];
      const span = spans.get(id ?? '');
      if (id === undefined || span === undefined) return [];
      return [{ at: `${sectionName(attachment)}+0x${(slot * instructionBytes).toString(16)}`, rule: id, span }];
    }),
  );
}

function tooOld(policy: Policy, { kernel }: Target): Emission['coverage'] {
  const lost = `programs are written for Linux 5.15 and later, and the target is ${kernel.major}.${kernel.minor}`;
  const decision = decisionAt(policy, 'hook');
  const nodes = decision === undefined ? [] : [...decision.rules, decision.otherwise];
  const counted = enforceables({ ...policy, decisions: [], limits: [] }).filter(({ id }) =>
    policy.obligations.some((each) => each.id === id && (each.kind === 'count-calls' || each.kind === 'audit-calls')),
  );
  return [...nodes, ...counted].map(({ id }) => ({ rule: id, status: 'none', lost }));
}

export { validateBpf } from '../../verify/bpf-lsm/index.ts';
