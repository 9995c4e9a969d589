import { type Condition, visitConditions } from '../../expressions/conditions.ts';
import type { Term } from '../../expressions/predicate.ts';
import { type AttributeType, attributeAt, points } from '../../ir/points.ts';
import type { Decision, Point } from '../../ir/policy.ts';
import type { ExpressionLowering } from './extension.ts';

/** How a slot of the record holds its value; docs/webassembly.md says it byte by byte. */
export type SlotType = 'text' | 'integer' | 'number' | 'boolean' | 'address' | 'value';

export interface SlotName {
  /** The attribute; `$name` is a parameter, which whoever uses the module knows. */
  readonly name: string;
  readonly type: SlotType;
  /** Of a value: the variable that it is read from, and the keys that lead to it. */
  readonly path?: readonly string[];
  /** Of a value: what is compared with the text that it may be, so that nothing else need be known of such a text. */
  readonly texts?: ComparedTexts;
}

/** The texts that all who read a value compare it with, or the elements of it; undefined where somebody does more. */
export interface ComparedTexts {
  readonly own?: readonly string[] | undefined;
  readonly elements?: readonly string[] | undefined;
}

export interface Slot extends SlotName {
  /** In bytes from the beginning of the record. */
  readonly offset: number;
  /** The bit of the record that says whether the value is known: bit `present & 31` of word `present >> 5`. */
  readonly present: number;
}

/** What a decision is asked about: the bits of what is known, then a slot for each attribute that it speaks of. */
export interface RecordLayout {
  readonly point: Point;
  readonly slots: readonly Slot[];
  /** In bytes, a multiple of 8. */
  readonly size: number;
}

const sizes: Readonly<Record<SlotType, number>> = {
  text: 8,
  integer: 8,
  number: 8,
  boolean: 8,
  address: 16,
  value: 16,
};

const slotTypes: Readonly<Record<AttributeType, SlotType>> = {
  string: 'text',
  path: 'text',
  address: 'text',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
};

/**
 * The record for decisions at one point: of one policy, or of all that are decided together. The slots are in the order in
 * which the point declares its attributes, the others by name, parameters last.
 */
export function layoutOf(point: Point, decisions: readonly Decision[], extension?: ExpressionLowering): RecordLayout {
  const found = new Map<string, SlotName>();
  const add = (slot: SlotName) => {
    const key = `${slot.name} ${slot.type}`;
    const before = found.get(key);
    found.set(key, before === undefined ? slot : { ...slot, ...joinedTexts(before, slot) });
  };
  for (const { rules } of decisions) {
    for (const { when } of rules) visitConditions(when, (condition) => collect(condition, point, extension, add));
  }
  const declared = new Map(Object.keys(points[point]).map((name, index) => [name, index]));
  const rank = ({ name }: SlotName) => declared.get(name) ?? declared.size + (name.startsWith('$') ? 1 : 0);
  const sorted = [...found.values()].sort(
    (left, right) =>
      rank(left) - rank(right) || compareText(left.name, right.name) || compareText(left.type, right.type),
  );
  let offset = 8 * Math.ceil(sorted.length / 64);
  const slots = sorted.map((slot, present) => {
    const placed = { ...slot, offset, present };
    offset += sizes[slot.type];
    return placed;
  });
  return { point, slots, size: offset };
}

/** What two readers of a value compare it with. */
function joinedTexts({ texts: one }: SlotName, { texts: other }: SlotName): Pick<SlotName, 'texts'> {
  const all = (left: readonly string[] | undefined, right: readonly string[] | undefined) =>
    left && right && [...new Set([...left, ...right])];
  return one && other ? { texts: { own: all(one.own, other.own), elements: all(one.elements, other.elements) } } : {};
}

export function slotOf(layout: RecordLayout, name: string, type: SlotType): Slot | undefined {
  return layout.slots.find((slot) => slot.name === name && slot.type === type);
}

/** What a term is; a parameter is what it is compared with. */
export function typeOf(term: Term, point: Point, beside?: Term): SlotType {
  switch (term.kind) {
    case 'literal':
      return literalTypes[typeof term.value as keyof typeof literalTypes];
    case 'attribute':
      return slotTypes[attributeAt(point, term.name)?.type ?? 'string'];
    case 'mask':
      return 'integer';
    case 'parameter':
      return beside === undefined ? 'text' : typeOf(beside, point);
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}

const literalTypes = { bigint: 'integer', number: 'number', string: 'text', boolean: 'boolean' } as const;

function collect(
  condition: Condition,
  point: Point,
  extension: ExpressionLowering | undefined,
  add: (slot: SlotName) => void,
): void {
  const term = (each: Term, type: SlotType): void => {
    if (each.kind === 'mask') term(each.term, type);
    else if (each.kind === 'parameter') add({ name: `$${each.name}`, type });
    else if (each.kind === 'attribute') {
      const lowered = extension?.of(each.name, point);
      if (lowered === undefined) add({ name: each.name, type });
      else for (const slot of lowered.slots) add(slot);
    }
  };
  switch (condition.kind) {
    case 'compare':
      term(condition.left, typeOf(condition.left, point, condition.right));
      term(condition.right, typeOf(condition.right, point, condition.left));
      return;
    case 'in-set':
    case 'glob':
    case 'beneath':
      term(condition.term, 'text');
      return;
    case 'in-ranges':
      term(condition.term, 'integer');
      return;
    case 'in-network':
      term(condition.term, 'address');
      return;
    default:
      condition satisfies never;
  }
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
