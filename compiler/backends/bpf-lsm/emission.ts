import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { decisionAt, type Enforceable, enforceables, type Policy } from '../../ir/policy.ts';
import type { Span } from '../../source/span.ts';
import type { Target } from '../../target.ts';
import type { Artifact, Emission, SourceMapEntry, Surroundings } from '../backend.ts';
import { type BuiltPart, type BuiltPrograms, buildPrograms, isServed, noProgramFor } from './build.ts';
import { bpfCoverage } from './coverage.ts';
import { isOfHook } from './hook/plan.ts';
import { attachmentOf } from './hook/program.ts';
import { instructionBytes } from './instruction.ts';
import { levelCoverage } from './level-coverage.ts';
import { attachedHooks, levelParts } from './levels.ts';
import { bpfListing, slotsOf } from './listing.ts';
import { bpfManifest } from './manifest.ts';
import { bpfObject, type PolicyLine } from './object.ts';
import { sectionName } from './program-kind.ts';

/** Compiles what a policy decides at hooks and of IP sockets, and its stricter levels to objects of their own. */
export function emitBpf(policy: Policy, target: Target, surroundings: Surroundings): Emission {
  if (!isServed(target)) return { artifacts: [], coverage: tooOld(policy, target), diagnostics: [], summary: '' };
  const attach = attachmentOf(target.kernel, attachedHooks(policy, target).length);
  const parts: BuiltPart[] = [];
  const build = (part: Policy, later: boolean) => {
    const form = { attach, later, before: [...parts] };
    const built = buildPrograms(part, target, (span) => lineOf(surroundings, span), form);
    parts.push({ policy: part, later, built });
    return built;
  };
  const start = build(policy, false);
  const known = new Set(nodesOf(policy).map(({ id }) => id));
  const later = levelParts(policy, target).map((part) => ({ ...part, built: build(part.policy, true) }));
  const programs = [start, ...later.map(({ built }) => built)].flatMap((built) => built.programs);
  const instructions = programs.reduce((sum, { code }) => sum + slotsOf(code), 0);
  return {
    artifacts: [
      ...filesOf('policy', policy, target, start),
      ...later.flatMap((each) => filesOf(`level-${each.level}`, each.policy, target, each.built)),
    ],
    coverage: [
      ...bpfCoverage(policy, target, start),
      ...later
        .flatMap((each) => levelCoverage(policy, each, target, each.built, start))
        .filter(({ rule }) => !known.has(rule)),
    ],
    diagnostics: [
      ...withoutProgram(policy, start, target),
      ...later.flatMap((each) => withoutProgram(each.policy, each.built, target)),
    ],
    summary:
      programs.length === 0
        ? ''
        : `${programs.length} program${programs.length === 1 ? '' : 's'} · ${instructions} insns`,
  };
}

/** The object, its listing and what lies beside it. */
function filesOf(name: string, policy: Policy, target: Target, built: BuiltPrograms): readonly Artifact[] {
  if (built.programs.length === 0) return [];
  const { text, sourceMap } = bpfListing(built.programs, built.lines, built.rules, built.spans);
  return [
    { path: `${name}.bpf.o`, content: bpfObject(built), sourceMap: codeMap(built) },
    { path: `${name}.bpf.txt`, content: text, sourceMap },
    { path: `${name}.bpf.json`, content: bpfManifest(policy, target, built), sourceMap: [] },
  ];
}

/** What the level of the start says. */
function nodesOf(policy: Policy): readonly Enforceable[] {
  const { adaptive: _levels, ...start } = policy;
  return enforceables(start);
}

/** Why there is no program, at the first node that it would have served. */
function withoutProgram(policy: Policy, { without }: BuiltPrograms, target: Target): readonly Diagnostic[] {
  const nodes = enforceables(policy);
  return [...without].flatMap(([at, reason]) => {
    const node =
      nodes.find(({ id }) => isOfHook(id, at)) ??
      decisionAt(policy, /[46]$/.test(at) ? 'socket' : 'path')?.otherwise ??
      nodes[0];
    if (node === undefined) return [];
    const help =
      noProgramFor(at, target) === undefined ? {} : { help: 'choose a newer kernel, or accept what is lost' };
    return [report('POL6047', node.origin.span, { at, reason }, help)];
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
