import { type Condition, visitConditions } from '../../../expressions/conditions.ts';
import type { Predicate } from '../../../expressions/predicate.ts';
import type { ModuleBuilder } from '../binary/module.ts';
import { textTable, type Width } from '../library/look-up.ts';

/** The texts that an attribute is compared with, numbered from 1, for one look-up instead of many comparisons. */
export interface Vocabulary {
  readonly numbers: ReadonlyMap<string, number>;
  /** Of its table. */
  readonly address: number;
  readonly mask: number;
  readonly width: Width;
  /** The global that holds the number of the record's text, where several functions ask for it. */
  readonly shared: number | undefined;
}

/** By the attribute's name. */
export type Vocabularies = ReadonlyMap<string, Vocabulary>;

/** As many comparisons of an attribute with texts are made one by one: that is quicker and smaller than a table. */
const few = 8;

/**
 * A vocabulary for each attribute that is compared with more than a few texts.
 *
 * @param shared whether several functions decide about the same record
 */
export function vocabulariesOf(predicates: Iterable<Predicate>, module: ModuleBuilder, shared: boolean): Vocabularies {
  const uses = new Map<string, { texts: Map<string, number>; count: number }>();
  for (const predicate of predicates) visitConditions(predicate, (condition) => collect(condition, uses));
  const result = new Map<string, Vocabulary>();
  for (const [name, { texts, count }] of uses) {
    if (count <= few) continue;
    const table = textTable([...texts.keys()]);
    result.set(name, {
      numbers: texts,
      address: module.data.place(table.bytes, table.width),
      mask: table.mask,
      width: table.width,
      shared: shared ? module.variable('i32') : undefined,
    });
  }
  return result;
}

/** Numbers are given in the order in which sets name texts, so that those of one set often follow each other. */
function collect(condition: Condition, uses: Map<string, { texts: Map<string, number>; count: number }>): void {
  const add = (name: string, values: readonly string[]) => {
    const use = uses.get(name) ?? { texts: new Map<string, number>(), count: 0 };
    uses.set(name, use);
    use.count += values.length;
    for (const value of values) if (!use.texts.has(value)) use.texts.set(value, use.texts.size + 1);
  };
  switch (condition.kind) {
    case 'in-set':
      if (condition.term.kind === 'attribute') add(condition.term.name, condition.values);
      return;
    case 'compare': {
      const { operator, left, right } = condition;
      if (operator !== '==' && operator !== '!=') return;
      if (left.kind === 'attribute' && right.kind === 'literal' && typeof right.value === 'string') {
        add(left.name, [right.value]);
      } else if (right.kind === 'attribute' && left.kind === 'literal' && typeof left.value === 'string') {
        add(right.name, [left.value]);
      }
      return;
    }
    default:
  }
}
