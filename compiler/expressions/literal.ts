import {
  canonicalRanges,
  complementOf,
  complementRanges,
  type Domain,
  firstWithBits,
  integers,
  isSubset,
  LARGEST_INTEGER,
  strings,
  truth,
} from './domain.ts';
import { type Environment, evaluate } from './evaluate.ts';
import { hasWildcard, matchesGlob } from './glob.ts';
import { containsNetwork, type Network, parseNetwork } from './network.ts';
import { mirroredOperator, negatedOperator } from './operators.ts';
import { isBeneath } from './path-pattern.ts';
import {
  type CompareOperator,
  compare,
  literal as literalTerm,
  not,
  type Predicate,
  type Range,
  type Term,
  type Value,
} from './predicate.ts';
import { printPredicate, printTerm } from './print.ts';

/**
 * The smallest part of a condition: that one term lies in one set. Literals of the same key combine exactly; literals
 * of the same attribute and other keys (another mask, another path pattern) are compared as far as `contradict` goes.
 */
export interface Literal {
  readonly key: string;
  /** The attribute that must be known; undefined for a condition on parameters alone. */
  readonly attribute: string | undefined;
  readonly domain: Domain;
  /** The term of a set; for a truth set the predicate whose truth it is. */
  readonly of: Term | Predicate;
  /** The block of a condition on networks, read once for the many comparisons of literals. */
  readonly network?: Network;
}

const NOTHING_KNOWN: Environment = { attribute: () => undefined, parameter: () => undefined };

type IntegerDomain = Extract<Domain, { kind: 'integers' }>;

type Atom = Exclude<Predicate, { kind: 'constant' | 'not' | 'and' | 'or' }>;

/** The literal that a predicate without logic says, or its value where it depends on nothing. */
export function literalOf(atom: Atom): Literal | boolean {
  switch (atom.kind) {
    case 'compare': {
      const { left, right, operator } = atom;
      if (left.kind === 'literal' && right.kind === 'literal') return evaluate(atom, NOTHING_KNOWN) === true;
      if (left.kind === 'literal') return comparison(right, mirroredOperator[operator], left.value);
      if (right.kind === 'literal') return comparison(left, operator, right.value);
      return opaqueComparison(atom.left, operator, atom.right);
    }
    case 'in-set': {
      if (atom.term.kind === 'literal') return atom.values.includes(atom.term.value as string);
      return {
        key: printTerm(atom.term),
        attribute: attributeOf(atom.term),
        domain: strings(atom.values),
        of: atom.term,
      };
    }
    case 'in-ranges':
      return integerLiteral(atom.term, atom.ranges);
    case 'glob':
      return isStars(atom.pattern) ? true : opaque(atom, atom.term, true);
    case 'beneath':
      return opaque(atom, atom.term, true);
    case 'in-network': {
      const network = parseNetwork(atom.network);
      const literal = opaque(atom, atom.term, true);
      return network === undefined ? literal : { ...literal, network };
    }
    default: {
      const unreachable: never = atom;
      return unreachable;
    }
  }
}

/** The literal's shortest predicate, the same for all literals that mean the same. */
export function predicateOf({ domain, of }: Literal): Predicate {
  switch (domain.kind) {
    case 'strings': {
      const set: Predicate = { kind: 'in-set', term: of as Term, values: domain.values };
      return domain.complement ? not(set) : set;
    }
    case 'integers':
      return integerPredicate(of as Term, domain.ranges, domain.mask);
    case 'truth': {
      const atom = of as Predicate;
      if (domain.bits === 2) return atom;
      if (atom.kind !== 'compare') return not(atom);
      const isFlag = atom.right.kind === 'literal' && atom.right.value === true;
      return isFlag ? { ...atom, right: literalTerm(false) } : { ...atom, operator: negatedOperator[atom.operator] };
    }
    default: {
      const unreachable: never = domain;
      return unreachable;
    }
  }
}

export function withDomain(literal: Literal, domain: Domain): Literal {
  return domain === literal.domain ? literal : { ...literal, domain };
}

export function negated(literal: Literal): Literal {
  return { ...literal, domain: complementOf(literal.domain) };
}

/** Whether the second holds wherever the first does; false where that cannot be told cheaply. */
export function implies(left: Literal, right: Literal): boolean {
  if (left.key === right.key) return isSubset(left.domain, right.domain);
  return left.attribute === right.attribute && left.attribute !== undefined && contradict(left, negated(right));
}

/** Whether two literals of different keys cannot hold together; false where that cannot be told cheaply. */
export function contradict(left: Literal, right: Literal): boolean {
  if (left.attribute === undefined || left.attribute !== right.attribute) return false;
  if (left.domain.kind === 'integers' && right.domain.kind === 'integers') {
    return masksContradict(left.domain, right.domain) || masksContradict(right.domain, left.domain);
  }
  if (left.domain.kind !== 'truth' || right.domain.kind !== 'truth') {
    return textContradicts(left, right) || textContradicts(right, left);
  }
  if (left.domain.bits === 2 && right.domain.bits === 2) return isDisjoint(left, right);
  if (left.domain.bits === 2 && right.domain.bits === 1) return isWithin(left, right);
  return left.domain.bits === 1 && right.domain.bits === 2 && isWithin(right, left);
}

function comparison(term: Term, operator: CompareOperator, value: Value): Literal | boolean {
  switch (typeof value) {
    case 'bigint':
      return integerLiteral(term, rangesOf(operator, value));
    case 'string':
      if (operator !== '==' && operator !== '!=') break;
      return {
        key: printTerm(term),
        attribute: attributeOf(term),
        domain: strings([value], operator === '!='),
        of: term,
      };
    case 'boolean':
      if (operator !== '==' && operator !== '!=') break;
      return opaque(compare(term, '==', literalTerm(true)), term, value === (operator === '=='));
    case 'number':
      break;
  }
  return opaqueComparison(term, operator, literalTerm(value));
}

function opaqueComparison(left: Term, operator: CompareOperator, right: Term): Literal {
  const positive = operator === '==' || operator === '<' || operator === '>';
  const base = compare(left, positive ? operator : negatedOperator[operator], right);
  const one = attributeOf(left);
  const other = attributeOf(right);
  // Two attributes: known only together, so it is compared with nothing else.
  const both = one !== undefined && other !== undefined && one !== other;
  return { key: printPredicate(base), attribute: both ? undefined : (one ?? other), domain: truth(positive), of: base };
}

function opaque(atom: Predicate, term: Term, holds: boolean): Literal {
  return { key: printPredicate(atom), attribute: attributeOf(term), domain: truth(holds), of: atom };
}

function attributeOf(term: Term): string | undefined {
  if (term.kind === 'mask') return attributeOf(term.term);
  return term.kind === 'attribute' ? term.name : undefined;
}

function rangesOf(operator: CompareOperator, value: bigint): readonly Range[] {
  switch (operator) {
    case '==':
      return [{ low: value, high: value }];
    case '!=':
      return [
        { low: 0n, high: value - 1n },
        { low: value + 1n, high: LARGEST_INTEGER },
      ];
    case '<':
      return [{ low: 0n, high: value - 1n }];
    case '<=':
      return [{ low: 0n, high: value }];
    case '>':
      return [{ low: value + 1n, high: LARGEST_INTEGER }];
    case '>=':
      return [{ low: value, high: LARGEST_INTEGER }];
    default: {
      const unreachable: never = operator;
      return unreachable;
    }
  }
}

function integerLiteral(written: Term, ranges: readonly Range[]): Literal | boolean {
  const { term, mask } = unmasked(written);
  if (term.kind === 'literal') {
    if (typeof term.value !== 'bigint') return false;
    const value = term.value & mask;
    return ranges.some(({ low, high }) => low <= value && value <= high);
  }
  const attribute = attributeOf(term);
  const low = ~mask & LARGEST_INTEGER;
  // A mask that keeps high bits only cuts the numbers into equal stretches, so it is a range of the unmasked term.
  if ((low & (low + 1n)) === 0n) {
    const domain = integers(low === 0n ? ranges : stretched(ranges, mask, low));
    return { key: `${printTerm(term)} :`, attribute, domain, of: term };
  }
  const masked: Term = { kind: 'mask', term, mask };
  return { key: `${printTerm(masked)} :`, attribute, domain: integers(ranges, mask), of: masked };
}

/** The values whose high bits lie in the ranges, whatever their `low` bits are. */
function stretched(ranges: readonly Range[], mask: bigint, low: bigint): readonly Range[] {
  return canonicalRanges(ranges, mask).map((range) => ({ low: range.low, high: range.high | low }));
}

function unmasked(term: Term): { readonly term: Term; readonly mask: bigint } {
  let mask = LARGEST_INTEGER;
  let inner = term;
  while (inner.kind === 'mask') {
    mask &= inner.mask;
    inner = inner.term;
  }
  return { term: inner, mask };
}

function integerPredicate(term: Term, ranges: readonly Range[], mask: bigint): Predicate {
  const others = complementRanges(ranges, mask);
  const [only] = ranges;
  const [left] = others;
  if (others.length === 1 && left!.low === left!.high) return compare(term, '!=', literalTerm(left!.low));
  if (ranges.length === 1) {
    if (only!.low === only!.high) return compare(term, '==', literalTerm(only!.low));
    if (only!.low === 0n) return compare(term, '<=', literalTerm(only!.high));
    if (only!.high === mask) return compare(term, '>=', literalTerm(only!.low));
  }
  return { kind: 'in-ranges', term, ranges };
}

/** Whether the first set is one value of some bits and the second has no value with these bits. */
function masksContradict(fixed: IntegerDomain, other: IntegerDomain): boolean {
  if (fixed.ranges.length !== 1 || fixed.ranges[0]!.low !== fixed.ranges[0]!.high) return false;
  const bits = fixed.ranges[0]!.low;
  // Of the other term, the bits that it masks away are 0, those of the first set are as that says, the rest are free.
  const shared = fixed.mask & other.mask;
  const certain = shared | (~other.mask & LARGEST_INTEGER);
  return other.ranges.every(({ low, high }) => {
    const first = firstWithBits(low, certain, bits & shared);
    return first === undefined || first > high;
  });
}

/** Whether no string of the finite set makes the other literal true. */
function textContradicts(left: Literal, right: Literal): boolean {
  if (left.domain.kind !== 'strings' || left.domain.complement || right.domain.kind !== 'truth') return false;
  const atom = right.of as Predicate;
  if (atom.kind !== 'glob' && atom.kind !== 'beneath') return false;
  const wanted = right.domain.bits === 2;
  const matches = atom.kind === 'glob' ? matchesGlob : isBeneath;
  return left.domain.values.every((value) => matches(value, atom.pattern) !== wanted);
}

/** Whether nothing satisfies both truth sets' predicates. */
function isDisjoint(left: Literal, right: Literal): boolean {
  if (left.network !== undefined && right.network !== undefined) {
    return !containsNetwork(left.network, right.network) && !containsNetwork(right.network, left.network);
  }
  const one = left.of as Predicate;
  const other = right.of as Predicate;
  if (one.kind !== 'beneath' || other.kind !== 'beneath') return false;
  if (hasWildcard(one.pattern) || hasWildcard(other.pattern)) return false;
  return !isBeneath(one.pattern, other.pattern) && !isBeneath(other.pattern, one.pattern);
}
/** Whether whatever satisfies the first's predicate satisfies the second's. */
function isWithin(innerLiteral: Literal, outerLiteral: Literal): boolean {
  if (innerLiteral.network !== undefined && outerLiteral.network !== undefined) {
    return containsNetwork(outerLiteral.network, innerLiteral.network);
  }
  const inner = innerLiteral.of as Predicate;
  const outer = outerLiteral.of as Predicate;
  if (inner.kind === 'beneath' && outer.kind === 'beneath') return isPatternBeneath(inner.pattern, outer.pattern);
  return inner.kind === 'glob' && outer.kind === 'glob' && isGlobWithin(inner.pattern, outer.pattern);
}

function isPatternBeneath(inner: string, outer: string): boolean {
  if (!hasWildcard(inner)) return isBeneath(inner, outer);
  if (outer === '/') return true;
  const parts = inner.split('/');
  return outer.split('/').every((part, index) => index < parts.length && isGlobWithin(parts[index]!, part));
}

function isGlobWithin(inner: string, outer: string): boolean {
  return inner === outer || isStars(outer) || (!hasWildcard(inner) && matchesGlob(inner, outer));
}

function isStars(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}
