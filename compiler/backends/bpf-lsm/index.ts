import { decisionAt, enforceables, type Policy } from '../../ir/policy.ts';
import type { Span } from '../../source/span.ts';
import type { Target } from '../../target.ts';
import { validateBpf } from '../../verify/bpf-lsm/index.ts';
import type { Artifact, Emission, PlacedBackend, SourceMapEntry, Surroundings } from '../backend.ts';
import { networkIsolation } from '../network-isolation.ts';
import { type BuiltPrograms, buildPrograms, isServed } from './build.ts';
import { bpfCoverage } from './coverage.ts';
import { instructionBytes } from './instruction.ts';
import { bpfListing, slotsOf } from './listing.ts';
import { bpfManifest } from './manifest.ts';
import { bpfObject, type PolicyLine } from './object.ts';
import { sectionName, socketCalls } from './program-kind.ts';
import { questionsOf } from './socket/plan.ts';

/** The name of the object, and of what lies beside it with other endings. */
const file = 'policy.bpf';

/** Programs at LSM hooks and for a cgroup's IP sockets: one object, as libbpf and bpftool load it. */
export const bpfLsm: PlacedBackend = {
  name: 'bpf-lsm',
  summary:
    'an eBPF object for LSM hooks and for the addresses of a cgroup`s sockets, with a listing and a table of rules',
  byDefault: true,
  applies,
  emit: emitBpf,
  validate: (policy, target, artifacts) =>
    artifacts.length === 0
      ? { status: 'proven', method: 'there is no program', compared: 0 }
      : validateBpf(policy, target, artifacts),
};

function applies(policy: Policy): boolean {
  if (decisionAt(policy, 'hook') !== undefined) return true;
  if (policy.obligations.some(({ kind }) => kind === 'count-calls' || kind === 'audit-calls')) return true;
  const sockets = decisionAt(policy, 'socket');
  if (sockets === undefined || networkIsolation(sockets) !== 'shared') return false;
  return socketCalls.some((call) => questionsOf(sockets, call).length > 0);
}

function emitBpf(policy: Policy, target: Target, surroundings: Surroundings): Emission {
  if (!isServed(target)) return { artifacts: [], coverage: tooOld(policy, target), diagnostics: [], summary: '' };
  const built = buildPrograms(policy, target, (span) => lineOf(surroundings, span));
  const coverage = bpfCoverage(policy, target, built);
  if (built.programs.length === 0) return { artifacts: [], coverage, diagnostics: [], summary: '' };
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
    diagnostics: [],
    summary: `${length} program${length === 1 ? '' : 's'} · ${instructions} insns`,
  };
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
