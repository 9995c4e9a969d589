import type { Artifact, Validation } from '../../backends/backend.ts';
import type { ProgramKind } from '../../backends/bpf-lsm/program-kind.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import { compareHook } from './hooks.ts';
import { type ComparedPart, demandedAlone, laterParts } from './later.ts';
import { decodeObject } from './object.ts';
import { demandsProgram } from './path-questions.ts';
import { compareSocketCall } from './sockets.ts';
import { checkStructure } from './structure.ts';

const method = 'an interpreter of eBPF beside the reference evaluator';

/** Calls that a build tries: so many in all, but for each program no fewer and no more than these. Tests try more. */
const usualCalls = { all: 96, least: 4, most: 24 } as const;

const socketCalls = ['bind4', 'bind6', 'connect4', 'connect6', 'sendmsg4', 'sendmsg6'];

/**
 * Reads the objects again, of the start and of every stricter level, and runs every program on calls that the policy's
 * conditions tell apart.
 *
 * @param callsEach how many for each program; default: fewer for each where there are more programs
 */
export function validateBpf(
  policy: Policy,
  target: Target,
  artifacts: readonly Artifact[],
  callsEach?: number,
): Validation {
  let compared = 0;
  const before: ComparedPart[] = [];
  for (const each of [{ name: 'policy', policy, later: false }, ...laterParts(policy)]) {
    const part = { ...each, before: [...before] };
    before.push(each);
    const own = artifacts.filter(({ path }) => path.startsWith(`${part.name}.bpf.`));
    if (own.length === 0 && !needsObject(part)) continue;
    const outcome = compareObject(part, target, own, callsEach);
    if (typeof outcome === 'string') return refused(part.later ? `${part.name}: ${outcome}` : outcome);
    compared += outcome;
  }
  return compared === 0
    ? refused('there is no object')
    : { status: 'tested', method: `${method}, on ${compared} calls`, compared };
}

/** Whether there is something for programs to hold that every kernel takes programs for, so that there has to be an object. */
function needsObject({ policy, later }: ComparedPart): boolean {
  if (!later) return false;
  return demandedAlone(policy).length > 0 || decisionAt(policy, 'socket')?.otherwise.effect.kind === 'deny';
}

/** @returns how many calls were compared, or on what object and policy differ */
function compareObject(
  part: ComparedPart,
  target: Target,
  artifacts: readonly Artifact[],
  callsEach: number | undefined,
): number | string {
  const { policy, later } = part;
  const content = artifacts.find(({ path }) => path.endsWith('.bpf.o'))?.content;
  if (content === undefined || typeof content === 'string') return 'there is no object';
  const object = decodeObject(content);
  if (typeof object === 'string') return `the object ${object}`;
  if (object.licence !== 'GPL') return 'the object is not under the licence that its helpers demand';
  const rules = ruleTable(artifacts);
  if (rules === undefined) return 'there is no table of rules';
  const share = Math.floor(usualCalls.all / object.programs.length);
  const calls = callsEach ?? Math.max(usualCalls.least, Math.min(usualCalls.most, share));
  let compared = 0;
  const sections = new Set<string>();
  for (const program of object.programs) {
    if (sections.has(program.section)) return `there are two programs in ${program.section}`;
    sections.add(program.section);
    const problem = checkStructure(program.code, kindOf(program.section), target.kernel);
    if (problem !== undefined) return `${program.section}: instruction ${problem.slot} ${problem.reason}`;
    const hook = /^lsm(?:_cgroup)?\/(\w+)$/.exec(program.section)?.[1];
    if (hook === undefined) continue;
    const difference = compareHook(part, object, program, hook, target, rules, calls);
    if (difference !== undefined) return difference;
    compared += calls;
  }
  for (const hook of later
    ? demandedAlone(policy)
    : ['path_chmod', 'path_chown', 'path_truncate'].filter((each) =>
        demandsProgram(decisionAt(policy, 'path'), each, target),
      )) {
    if (![...sections].some((section) => section.endsWith(`/${hook}`))) return `there is no program at ${hook}`;
  }
  if (decisionAt(policy, 'socket') !== undefined) {
    for (const call of socketCalls) {
      const program = object.programs.find(({ section }) => section === `cgroup/${call}`);
      const difference = compareSocketCall({ policy, later }, object, program, call, calls);
      if (difference !== undefined) return difference;
      compared += calls;
    }
  }
  return compared;
}

/** The ids of rules by the indexes that records have. */
function ruleTable(artifacts: readonly Artifact[]): readonly string[] | undefined {
  const content = artifacts.find(({ path }) => path.endsWith('.bpf.json'))?.content;
  if (typeof content !== 'string') return undefined;
  const { rules }: { rules: readonly { readonly id: string }[] } = JSON.parse(content);
  return rules.map(({ id }) => id);
}

function kindOf(section: string): ProgramKind {
  return section.startsWith('lsm_cgroup/') ? 'lsm-cgroup' : section.startsWith('lsm') ? 'lsm' : 'socket-address';
}

function refused(counterexample: string): Validation {
  return { status: 'refused', method, compared: 0, counterexample };
}
