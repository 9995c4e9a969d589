import { slots } from './bit-order.ts';
import type { Diagrams } from './diagram.ts';
import { type FlowPoint, holds, type MaskedWord } from './flow.ts';
import { type Operand, Relation } from './relation.ts';
import { canonicalReturn } from './return-values.ts';

/** One audit value, or every value but the listed ones. */
export type AuditClass =
  | { readonly kind: 'one'; readonly value: number }
  | { readonly kind: 'others'; readonly than: readonly number[] };

/** Word 1 of seccomp_data: the audit architecture. */
const architectureWord = 1;

/**
 * The diagram of what the program returns for a class of audit values. Where the class is one value, the diagram does
 * not test the architecture; where it is the rest, what the diagram says of the excluded values is meaningless.
 */
export function programDiagram(diagrams: Diagrams, points: readonly FlowPoint[], audit: AuditClass): number {
  const reached = new Uint8Array(points.length);
  reached[0] = 1;
  for (let at = 0; at < points.length; at += 1) {
    if (reached[at] === 0) continue;
    const point = points[at]!;
    if (point.kind === 'step') reached[point.to] = 1;
    if (point.kind === 'step' || point.kind === 'return') continue;
    const decided = point.kind === 'test' ? decide(point, audit) : undefined;
    if (decided !== false) reached[point.whenTrue] = 1;
    if (decided !== true) reached[point.whenFalse] = 1;
  }
  const nodes = new Int32Array(points.length);
  for (let at = points.length - 1; at >= 0; at -= 1) {
    if (reached[at] === 0) continue;
    const point = points[at]!;
    switch (point.kind) {
      case 'step':
        nodes[at] = nodes[point.to]!;
        break;
      case 'return':
        nodes[at] = diagrams.terminal(canonicalReturn(point.value));
        break;
      case 'test': {
        const decided = decide(point, audit);
        if (decided === undefined)
          nodes[at] = testDiagram(diagrams, point, nodes[point.whenTrue]!, nodes[point.whenFalse]!);
        else nodes[at] = nodes[decided ? point.whenTrue : point.whenFalse]!;
        break;
      }
      case 'relation':
        nodes[at] = relationDiagram(diagrams, point, nodes[point.whenTrue]!, nodes[point.whenFalse]!);
        break;
      default: {
        const unreachable: never = point;
        return unreachable;
      }
    }
  }
  return nodes[0]!;
}

type TestPoint = Extract<FlowPoint, { kind: 'test' }>;

/** What a test of the architecture says for the whole class; undefined where it depends on the input. */
function decide(point: TestPoint, audit: AuditClass): boolean | undefined {
  if (point.word !== architectureWord) return undefined;
  if (audit.kind === 'one') return holds(point.test, (audit.value & point.mask) >>> 0, point.constant);
  const isExcluded = point.mask === 0xffff_ffff && point.test === 'equal' && audit.than.includes(point.constant);
  return isExcluded ? false : undefined;
}

function testDiagram(diagrams: Diagrams, point: TestPoint, whenTrue: number, whenFalse: number): number {
  // Words are little-endian halves; the diagram puts the architecture and each high half first.
  const slot = point.word ^ 1;
  const { mask, constant } = point;
  switch (point.test) {
    case 'equal':
      return diagrams.branch('equal', slot, mask, constant, whenTrue, whenFalse);
    case 'greater':
      return diagrams.branch('greater', slot, mask, constant, whenTrue, whenFalse);
    case 'greater-or-equal':
      if (constant === 0) return whenTrue;
      return diagrams.branch('greater', slot, mask, constant - 1, whenTrue, whenFalse);
    case 'any-bit':
      return diagrams.branch('equal', slot, (mask & constant) >>> 0, 0, whenFalse, whenTrue);
    default: {
      const unreachable: never = point.test;
      return unreachable;
    }
  }
}

function relationDiagram(
  diagrams: Diagrams,
  point: Extract<FlowPoint, { kind: 'relation' }>,
  whenTrue: number,
  whenFalse: number,
): number {
  const [left, right] = [operandOf(point.left), operandOf(point.right)];
  switch (point.test) {
    case 'equal':
    case 'greater':
    case 'any-bit':
      return new Relation(diagrams, point.test, left, right, 32).build(whenTrue, whenFalse);
    case 'greater-or-equal':
      return new Relation(diagrams, 'greater', right, left, 32).build(whenFalse, whenTrue);
    default: {
      const unreachable: never = point.test;
      return unreachable;
    }
  }
}

function operandOf({ word, mask }: MaskedWord): Operand {
  return { slot: word ^ 1, mask: { high: mask, low: 0 } };
}

/** The slots of the high words of arguments that the program compares with each other. */
export function relatedByProgram(points: readonly FlowPoint[]): readonly number[] {
  return points.flatMap((point) => (point.kind === 'relation' ? [point.left.word & ~1, point.right.word & ~1] : []));
}

/** The function with its answers for `audits` replaced by one and the same terminal, so that they do not count. */
export function withoutAudits(diagrams: Diagrams, node: number, audits: readonly number[]): number {
  const ignored = diagrams.terminal(0xdead_0000);
  let left = node;
  for (const audit of audits) left = diagrams.branch('equal', slots.architecture, 0xffff_ffff, audit, ignored, left);
  return left;
}
