import type { Validation } from '../../backends/backend.ts';
import type { Decision } from '../../ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../tables/architectures.ts';
import { syscallNumbers } from '../../tables/syscalls.ts';
import { levelCount, slots } from './bit-order.ts';
import { decisionDiagrams } from './decision-diagram.ts';
import type { Diagrams } from './diagram.ts';
import { type FlowPoint, flowOf } from './flow.ts';
import { describeInput } from './input.ts';
import { decodeProgram } from './instructions.ts';
import { conventionsOf, numberSpace } from './number-space.ts';
import { type NodeRange, numbersDiagram } from './numbers-diagram.ts';
import { prepare } from './prepared.ts';
import { type AuditClass, programDiagram, relatedByProgram, withoutAudits } from './program-diagram.ts';
import { describeReturn, mayPass, passes, permission, question } from './return-values.ts';
import { structuralFault } from './structure.ts';

const method = 'every architecture, number and argument';
/** Under a second of work; a policy of a thousand argument rules takes a tenth of it. */
const usualBudget = 5_000_000;

/** Calls that a program lets pass in addition to those of the decision, where two arguments have the given values. */
export interface Exemption {
  readonly architecture: Architecture;
  readonly syscalls: readonly string[];
  /** Calls about which a listener is asked then, and that do not pass by themselves. */
  readonly asked?: readonly string[];
  readonly arguments: readonly { readonly index: number; readonly value: bigint }[];
}

/**
 * Proves that a seccomp program and a decision agree on every audit architecture, system call number, instruction
 * pointer and on all 64-bit arguments, after the kernel's own structural rules.
 *
 * @param bytes raw `struct sock_filter[]`, little-endian
 * @param decision a decision at the point `syscall`
 * @param architectures those that this program serves; any other audit value must be treated as `other`
 * @param allArchitecturesOfTarget decides whether numbers with x32's bit, on a program for its audit value, are `x32`
 * @param parameters values of the predicates' parameters, as patched into `bytes`
 * @param budget steps of work after which the answer is `refused`
 * @param exemption what passes whatever the decision says
 * @param relation `equal`; or `within`, where the program need only let nothing through that the decision does not
 */
export function validateProgram(
  bytes: Uint8Array,
  decision: Decision,
  architectures: readonly Architecture[],
  allArchitecturesOfTarget: readonly Architecture[],
  parameters: Readonly<Record<string, bigint>>,
  budget: number = usualBudget,
  exemption?: Exemption,
  relation: 'equal' | 'within' = 'equal',
): Validation {
  const program = decodeProgram(bytes);
  if (program === undefined) return refused(`${bytes.byteLength} bytes are not a whole number of instructions`);
  const fault = structuralFault(program);
  if (fault !== undefined) return refused(`the kernel would not attach the program: ${fault}`);
  const flow = flowOf(program);
  if ('unsupported' in flow) return refused(`not validated: ${flow.unsupported}`);

  const audits = [...new Set(architectures.map((architecture) => auditArchitecture[architecture]))];
  const served = new Set(architectures);
  for (const architecture of allArchitecturesOfTarget) {
    if (audits.includes(auditArchitecture[architecture])) served.add(architecture);
  }
  const isUsual = budget === usualBudget && Object.keys(parameters).length === 0;
  const { diagrams, mentioned, nodes } = prepare(decision, relatedByProgram(flow.points), budget, isUsual);
  const { points } = flow;
  const comparison: Comparison = {
    diagrams,
    points,
    decision,
    mentioned,
    nodes,
    served,
    parameters,
    exemption,
    relation,
  };
  const classes: AuditClass[] = audits.map((value) => ({ kind: 'one', value }));
  classes.push({ kind: 'others', than: audits });
  let cells = 0;
  for (const audit of classes) {
    const outcome = compareClass(comparison, audit);
    if (typeof outcome === 'string') return refused(outcome);
    cells += outcome;
  }
  return { status: 'proven', method: `${method} by ${cells} cells`, compared: cells };
}

function refused(counterexample: string): Validation {
  return { status: 'refused', method, compared: 0, counterexample };
}

interface Comparison {
  readonly diagrams: Diagrams;
  readonly points: readonly FlowPoint[];
  readonly decision: Decision;
  readonly mentioned: readonly number[];
  /** What the decision says, by the architectures whose numbers they are. */
  readonly nodes: Map<string, number>;
  readonly served: ReadonlySet<Architecture>;
  readonly parameters: Readonly<Record<string, bigint>>;
  readonly exemption: Exemption | undefined;
  readonly relation: 'equal' | 'within';
}

/** Compares over one class of audit values; the number of cells, or why the program is refused. */
function compareClass(comparison: Comparison, audit: AuditClass): number | string {
  const { diagrams, served } = comparison;
  const wanted = policyDiagram(comparison, audit);
  if (typeof wanted === 'string') return wanted;
  let expected = exempted(comparison, audit, wanted);
  let actual = programDiagram(diagrams, comparison.points, audit);
  const testsArchitecture = diagrams.levelOf(actual) < diagrams.levelAt(slots.number, 0);
  if (audit.kind === 'others' && testsArchitecture) {
    expected = withoutAudits(diagrams, expected, audit.than);
    actual = withoutAudits(diagrams, actual, audit.than);
  }
  if (comparison.relation === 'within') expected = heldBack(diagrams, actual, expected);
  if (diagrams.exhausted) return `not provable within ${diagrams.budget} steps`;
  if (actual === expected) return diagrams.cells(expected);
  const words = diagrams.difference(actual, expected);
  if (audit.kind === 'one') words[slots.architecture] = audit.value;
  else if (!testsArchitecture) words[slots.architecture] = unlike(audit.than);
  const input = describeInput(words, served);
  const program = describeReturn(diagrams.evaluate(actual, words));
  return `${input}: the program says ${program}, the policy ${describeReturn(diagrams.evaluate(expected, words))}`;
}

/** What the policy says of a class of audit values, or why that cannot be put into a diagram. */
function policyDiagram(comparison: Comparison, audit: AuditClass): number | string {
  const { diagrams, decision, mentioned, nodes, served, parameters } = comparison;
  const conventions = conventionsOf(audit.kind === 'one' ? audit.value : undefined, served);
  const key = conventions.map(({ architecture }) => architecture).join();
  const known = nodes.get(key);
  if (known !== undefined) return known;
  const ranges: NodeRange[] = [];
  for (const { architecture, numbers } of conventions) {
    const space = numberSpace(architecture, numbers, mentioned);
    const built = decisionDiagrams(diagrams, decision, space, parameters);
    if ('unsupported' in built) return `not validated: ${built.unsupported}`;
    for (const { low, high, point } of space.segments) ranges.push({ low, high, node: built.nodes[point]! });
  }
  ranges.sort((left, right) => left.low - right.low);
  const node = numbersDiagram(diagrams, ranges);
  nodes.set(key, node);
  return node;
}

/** The function with the exemption in place of what it says of those calls. */
function exempted({ diagrams, exemption }: Comparison, audit: AuditClass, node: number): number {
  if (exemption === undefined || audit.kind !== 'one') return node;
  if (auditArchitecture[exemption.architecture] !== audit.value) return node;
  const every = { high: 0xffff_ffff, low: 0xffff_ffff };
  let left = node;
  const asked = exemption.asked ?? [];
  for (const name of [...exemption.syscalls, ...asked]) {
    const number = syscallNumbers(exemption.architecture).get(name);
    if (number === undefined) continue;
    const otherwise = diagrams.restrict(node, slots.number, number);
    let passing = diagrams.terminal(asked.includes(name) ? question : permission);
    for (const { index, value } of exemption.arguments) {
      const constant = { high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) };
      passing = diagrams.branchLong('equal', slots.argumentHigh + index * 2, every, constant, passing, otherwise);
    }
    left = diagrams.branch('equal', slots.number, every.low, number, passing, left);
  }
  return left;
}

/** What `actual` answers, except that what passes there passes only where it passes in `allowed` too. */
function heldBack(diagrams: Diagrams, actual: number, allowed: number): number {
  const known = new Map<number, number>();
  const held = (left: number, right: number): number => {
    const level = Math.min(diagrams.levelOf(left), diagrams.levelOf(right));
    if (level === levelCount) {
      const [answer, most] = [diagrams.valueOf(left), diagrams.valueOf(right)];
      return answer === most || !mayPass(answer) || passes(most) ? left : right;
    }
    const key = left * 2 ** 24 + right;
    const found = known.get(key);
    if (found !== undefined || !diagrams.step()) return found ?? left;
    const clear = held(diagrams.whenClear(left, level), diagrams.whenClear(right, level));
    const set = held(diagrams.whenSet(left, level), diagrams.whenSet(right, level));
    const node = diagrams.make(level, clear, set);
    known.set(key, node);
    return node;
  };
  return held(actual, allowed);
}

/** An audit value that is none of those given. */
function unlike(audits: readonly number[]): number {
  let value = 0;
  while (audits.includes(value)) value += 1;
  return value;
}
