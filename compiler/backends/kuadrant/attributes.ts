import type { Predicate, Term } from '../../expressions/predicate.ts';

/** The attributes that a predicate mentions. */
export function attributesIn(predicate: Predicate, into: Set<string> = new Set()): Set<string> {
  switch (predicate.kind) {
    case 'constant':
      break;
    case 'not':
      attributesIn(predicate.of, into);
      break;
    case 'and':
    case 'or':
      for (const operand of predicate.of) attributesIn(operand, into);
      break;
    case 'compare':
      addTerm(predicate.left, into);
      addTerm(predicate.right, into);
      break;
    case 'in-set':
    case 'in-ranges':
    case 'beneath':
    case 'glob':
    case 'in-network':
      addTerm(predicate.term, into);
      break;
    default:
      predicate satisfies never;
  }
  return into;
}

function addTerm(term: Term, into: Set<string>): void {
  if (term.kind === 'attribute') into.add(term.name);
  else if (term.kind === 'mask') addTerm(term.term, into);
}

/** What the predicate fixes: attributes with the one value that each must have. */
export function fixedIn(predicate: Predicate, into: Map<string, string> = new Map()): Map<string, string> {
  if (predicate.kind === 'and') {
    for (const operand of predicate.of) fixedIn(operand, into);
  } else if (predicate.kind === 'in-set' && predicate.term.kind === 'attribute' && predicate.values.length === 1) {
    into.set(predicate.term.name, predicate.values[0]!);
  } else if (predicate.kind === 'compare' && predicate.operator === '==') {
    const [name, value] =
      predicate.left.kind === 'attribute' ? [predicate.left, predicate.right] : [predicate.right, predicate.left];
    if (name.kind === 'attribute' && value.kind === 'literal' && typeof value.value === 'string') {
      into.set(name.name, value.value);
    }
  }
  return into;
}
