import { quoted } from '../../expressions/cel/quote.ts';
import { negatedOperator } from '../../expressions/operators.ts';
import type { CompareOperator, Predicate, Term } from '../../expressions/predicate.ts';

/** How a component of Kuadrant reads the attributes of a request. */
export interface Sources {
  /** An expression in CEL that is the text of the attribute, and no other text than '' where it is unknown. */
  readonly text: (attribute: string) => string;
  /** What an attribute is there where it is unknown: a value, or a list of values that are no texts. */
  readonly unknown: (attribute: string) => readonly string[];
  /** True of what a client writes as it likes: a number is then taken for its digits. */
  readonly isLoose?: (attribute: string) => boolean;
}

/** Attributes that are numbers, written as texts. */
export const numbers: ReadonlySet<string> = new Set(['spent', 'budget']);

/** Attributes that are one number divided by another. */
const quotients: ReadonlyMap<string, readonly [dividend: string, divisor: string]> = new Map([
  ['spent_share', ['spent', 'budget']],
]);

/** A condition that CEL can say. `of` holds at least two that are neither truth values nor of the same kind. */
export type Cel =
  | boolean
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Cel[] };

/**
 * Where the predicate is known to be `wanted`, as a condition in CEL: it does not hold where the predicate is unknown,
 * since a negation is pushed to the leaves and each leaf asks whether what it compares is known.
 *
 * @param assumed attributes that the component does not see: what is said of them is taken to be so
 * @returns undefined where CEL has no such condition
 */
export function celWhere(
  predicate: Predicate,
  wanted: boolean,
  sources: Sources,
  assumed?: ReadonlySet<string>,
): Cel | undefined {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value === wanted;
    case 'not':
      return celWhere(predicate.of, !wanted, sources, assumed);
    case 'and':
    case 'or': {
      const of: Cel[] = [];
      for (const operand of predicate.of) {
        const condition = celWhere(operand, wanted, sources, assumed);
        if (condition === undefined) return undefined;
        of.push(condition);
      }
      return (predicate.kind === 'and') === wanted ? allOf(of) : anyOf(of);
    }
    case 'compare': {
      const operator = wanted ? predicate.operator : negatedOperator[predicate.operator];
      if (isAssumed(predicate.left, assumed) || isAssumed(predicate.right, assumed)) return true;
      return comparison(predicate.left, operator, predicate.right, sources);
    }
    case 'in-set': {
      const { term, values } = predicate;
      if (isAssumed(term, assumed)) return true;
      const text = textOf(term, sources);
      if (text === undefined) return undefined;
      const [only, second] = values;
      const list = `${text} in [${values.map(quoted).join(', ')}]`;
      if (only === undefined) return wanted ? false : knownTerms([term], sources);
      const written = second === undefined ? `${text} ${wanted ? '==' : '!='} ${quoted(only)}` : list;
      if (wanted) return leaf(written);
      return allOf([knownTerms([term], sources), leaf(second === undefined ? written : `!(${list})`)]);
    }
    case 'glob': {
      if (isAssumed(predicate.term, assumed)) return true;
      const text = textOf(predicate.term, sources);
      if (text === undefined) return undefined;
      const isLoose = predicate.term.kind === 'attribute' && sources.isLoose?.(predicate.term.name) === true;
      // Matching what is no text would be an error, which lets a request through in the filter.
      const matched = isLoose ? `string(${text})` : text;
      const matches = `${matched}.matches(${quoted(expressionOf(predicate.pattern))})`;
      return allOf([knownTerms([predicate.term], sources), leaf(wanted ? matches : `!${matches}`)]);
    }
    case 'in-ranges':
    case 'beneath':
    case 'in-network':
      return undefined;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

/** That these attributes are known. */
export function celKnown(attributes: Iterable<string>, sources: Sources): Cel {
  return knownTerms(
    [...attributes].map((name) => ({ kind: 'attribute', name })),
    sources,
  );
}

export function allOf(of: readonly Cel[]): Cel {
  return junction('and', of);
}

export function anyOf(of: readonly Cel[]): Cel {
  return junction('or', of);
}

/** As one expression. */
export function celText(condition: Cel): string {
  if (typeof condition === 'boolean') return String(condition);
  if (condition.kind === 'text') return condition.text;
  const operator = condition.kind === 'and' ? ' && ' : ' || ';
  return condition.of.map((each) => inner(each, condition.kind)).join(operator);
}

/** As expressions that must all hold, each by itself; `write` gives the text of one. */
export function celConjuncts(condition: Cel, write: (condition: Cel) => string = celText): readonly string[] {
  if (condition === true) return [];
  if (typeof condition !== 'boolean' && condition.kind === 'and') return condition.of.map((each) => write(each));
  return [write(condition)];
}

/** As one expression; where it is long, each alternative on a line of its own. */
export function celLines(condition: Cel): string {
  const whole = celText(condition);
  if (whole.length <= 100 || typeof condition === 'boolean' || condition.kind !== 'or') return whole;
  return condition.of.map((each) => inner(each, 'or')).join('\n|| ');
}

function inner(condition: Cel, outer: 'and' | 'or'): string {
  const text = celText(condition);
  if (typeof condition === 'boolean' || condition.kind === 'text') return text;
  return condition.kind === 'or' && outer === 'and' ? `(${text})` : text;
}

function junction(kind: 'and' | 'or', of: readonly Cel[]): Cel {
  const decisive = kind === 'or';
  const seen = new Set<string>();
  const kept: Cel[] = [];
  for (const condition of of) {
    if (condition === decisive) return decisive;
    if (typeof condition === 'boolean') continue;
    const parts = condition.kind === kind ? condition.of : [condition];
    for (const part of parts) {
      const text = celText(part);
      if (seen.has(text)) continue;
      seen.add(text);
      kept.push(part);
    }
  }
  if (kept.length === 0) return !decisive;
  return kept.length === 1 ? kept[0]! : { kind, of: kept };
}

function leaf(text: string): Cel {
  return { kind: 'text', text };
}

function comparison(left: Term, operator: CompareOperator, right: Term, sources: Sources): Cel | undefined {
  const ordered = operator !== '==' && operator !== '!=';
  const numeric = isNumeric(left) || isNumeric(right);
  // CEL orders texts by code points and the IR by code units.
  if (ordered && !numeric) return undefined;
  const first = numeric ? numberOf(left, sources) : textOf(left, sources);
  const second = numeric ? numberOf(right, sources) : textOf(right, sources);
  if (first === undefined || second === undefined) return undefined;
  const written = leaf(`${first} ${operator} ${second}`);
  const other = right.kind === 'literal' ? right : left;
  // One expression, since an error in a condition that stands by itself would drop the limit.
  if (isQuotient(left) || isQuotient(right)) return leaf(celText(allOf([knownTerms([left, right], sources), written])));
  // What equals a text that is not the unknown one is known.
  if (!numeric && operator === '==' && other.kind === 'literal' && other.value !== '') return written;
  return allOf([knownTerms([left, right], sources), written]);
}

function knownTerms(terms: readonly Term[], { text, unknown }: Sources): Cel {
  return allOf(
    terms.flatMap((term): readonly Cel[] => {
      if (term.kind !== 'attribute') return [];
      return (quotients.get(term.name) ?? [term.name]).flatMap((name) =>
        unknown(name).map((absent) =>
          leaf(absent.startsWith('[') ? `!(${text(name)} in ${absent})` : `${text(name)} != ${absent}`),
        ),
      );
    }),
  );
}

function isAssumed(term: Term, assumed: ReadonlySet<string> | undefined): boolean {
  return term.kind === 'attribute' && assumed?.has(term.name) === true;
}

function isQuotient(term: Term): boolean {
  return term.kind === 'attribute' && quotients.has(term.name);
}

function isNumeric(term: Term): boolean {
  if (isQuotient(term)) return true;
  return term.kind === 'attribute' ? numbers.has(term.name) : term.kind === 'literal' && typeof term.value === 'number';
}

function textOf(term: Term, { text }: Sources): string | undefined {
  if (term.kind === 'attribute') return isNumeric(term) ? undefined : text(term.name);
  return term.kind === 'literal' && typeof term.value === 'string' ? quoted(term.value) : undefined;
}

function numberOf(term: Term, { text }: Sources): string | undefined {
  if (term.kind === 'attribute') {
    const names = quotients.get(term.name) ?? (numbers.has(term.name) ? [term.name] : undefined);
    return names?.map((name) => `double(${text(name)})`).join(' / ');
  }
  if (term.kind !== 'literal' || typeof term.value !== 'number' || !Number.isFinite(term.value)) return undefined;
  const written = String(term.value);
  return /[.e]/.test(written) ? written : `${written}.0`;
}

/** The pattern as a regular expression that the whole text must match. */
function expressionOf(pattern: string): string {
  const body = pattern.replace(/[\\^$.|+()[\]{}*?]/g, (character) => {
    if (character === '*') return '.*';
    return character === '?' ? '.' : `\\${character}`;
  });
  return `(?s)^${body}$`;
}
