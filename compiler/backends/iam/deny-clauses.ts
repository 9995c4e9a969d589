import { hasWildcard } from '../../expressions/glob.ts';
import type { Predicate, Term } from '../../expressions/predicate.ts';
import type { Decision, Rule } from '../../ir/policy.ts';

/** What one statement can say: any of the actions, in any of the regions, on any of the resources. */
export interface DenyClause {
  /** Action patterns in lower case; `*` and `?` are wildcards. */
  readonly actions: readonly string[];
  /** Undefined where every region is meant. */
  readonly regions?: readonly string[];
  /** ARN patterns; undefined where every resource is meant. */
  readonly resources?: readonly string[];
}

export interface DeniedRule {
  readonly rule: Rule;
  /** Undefined where the rule has no form in an IAM policy. */
  readonly clauses: readonly DenyClause[] | undefined;
}

type Part = Partial<DenyClause>;

/** More alternatives than this in one rule are not written out. */
const MOST_CLAUSES = 64;

/**
 * The denying rules of a decision at `aws-request` as clauses. Allowing rules have none: they change nothing where a
 * deny overrides and everything else is allowed.
 */
export function deniedRules({ rules }: Pick<Decision, 'rules'>): readonly DeniedRule[] {
  return rules
    .filter(({ effect }) => effect.kind === 'deny')
    .map((rule) => ({
      rule,
      clauses: partsOf(rule.when)?.map((part) => ({ ...part, actions: part.actions ?? ['*'] })),
    }));
}

/** The predicate as alternatives; undefined where IAM's elements cannot say it. */
function partsOf(predicate: Predicate): readonly Part[] | undefined {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value ? [{}] : [];
    case 'or': {
      const all: Part[] = [];
      for (const operand of predicate.of) {
        const parts = partsOf(operand);
        if (parts === undefined || all.length + parts.length > MOST_CLAUSES) return undefined;
        all.push(...parts);
      }
      return all;
    }
    case 'and': {
      let products: readonly Part[] = [{}];
      for (const operand of predicate.of) {
        const parts = partsOf(operand);
        if (parts === undefined || products.length * parts.length > MOST_CLAUSES) return undefined;
        products = products.flatMap((left) => parts.flatMap((right) => both(left, right) ?? []));
        if (products.some((part) => part === unsayable)) return undefined;
      }
      return products;
    }
    case 'in-set':
      return predicate.values.some(hasWildcard) ? undefined : partFor(predicate.term, predicate.values, false);
    case 'glob':
      return partFor(predicate.term, [predicate.pattern], true);
    case 'compare': {
      const { left, operator, right } = predicate;
      if (operator !== '==' || right.kind !== 'literal' || typeof right.value !== 'string') return undefined;
      return hasWildcard(right.value) ? undefined : partFor(left, [right.value], false);
    }
    default:
      return undefined;
  }
}

function partFor(term: Term, values: readonly string[], isPattern: boolean): readonly Part[] | undefined {
  if (term.kind !== 'attribute') return undefined;
  switch (term.name) {
    case 'action':
      return values.every(isActionPattern) ? [{ actions: values }] : undefined;
    case 'region':
      // `StringEquals` takes no wildcards.
      return isPattern ? undefined : [{ regions: values }];
    case 'resource':
      return [{ resources: values }];
    default:
      return undefined;
  }
}

/** IAM takes `*` alone, or a service without wildcards and a pattern of its actions. */
function isActionPattern(pattern: string): boolean {
  return pattern === '*' || /^[a-z0-9-]+:[a-z0-9*?-]+$/.test(pattern);
}

/** Stands for a conjunction of two patterns, which no statement can say. */
const unsayable: Part = {};

/** Both together: undefined where nothing satisfies them. */
function both(left: Part, right: Part): Part | undefined {
  const actions = common(left.actions, right.actions);
  const regions = common(left.regions, right.regions);
  const resources = common(left.resources, right.resources);
  if (actions === 'unsayable' || regions === 'unsayable' || resources === 'unsayable') return unsayable;
  if (actions?.length === 0 || regions?.length === 0 || resources?.length === 0) return undefined;
  return {
    ...(actions === undefined ? {} : { actions }),
    ...(regions === undefined ? {} : { regions }),
    ...(resources === undefined ? {} : { resources }),
  };
}

function common(
  left: readonly string[] | undefined,
  right: readonly string[] | undefined,
): readonly string[] | undefined | 'unsayable' {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.some(hasWildcard) || right.some(hasWildcard)) return 'unsayable';
  return left.filter((value) => right.includes(value));
}
