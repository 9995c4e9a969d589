import { hasWildcard, matchesGlob } from '../../expressions/glob.ts';
import { matchesArn } from '../iam/evaluate-documents.ts';
import type { ReadCondition, ReadStatement } from './read.ts';

/** A request as IAM sees it: one action on one resource, and what is known by condition keys in lower case. */
export interface Request {
  /** In lower case. */
  readonly action: string;
  readonly resource: string;
  readonly known: ReadonlyMap<string, string | readonly string[]>;
}

/**
 * Whether an identity that has these statements and no others may make the request, by IAM's evaluation logic: one
 * statement that allows and none that denies.
 */
export function allows(statements: readonly ReadStatement[], request: Request): boolean {
  let isAllowed = false;
  for (const statement of statements) {
    if (!applies(statement, request)) continue;
    if (statement.effect === 'Deny') return false;
    isAllowed = true;
  }
  return isAllowed;
}

/** Whether a statement is about the request. */
export function applies({ actions, resources, conditions }: ReadStatement, request: Request): boolean {
  return (
    actions.includes(request.action) &&
    resources.some((pattern) => matchesGlob(request.resource, pattern)) &&
    conditions.every((condition) => isMet(condition, request.known.get(condition.key)))
  );
}

/**
 * Whether a condition is met by what is known of its key (IAM User Guide, "IAM JSON policy elements: Condition operators"): a
 * negated operator is met by a key that is not there, and so is one with `IfExists`.
 */
export function isMet({ operator, values }: ReadCondition, known: string | readonly string[] | undefined): boolean {
  if (operator === 'Null') return values.includes(String(known === undefined));
  if (operator === 'ForAnyValue:StringLike') {
    const all = known === undefined || typeof known === 'string' ? [known ?? []].flat() : known;
    return all.some((each) => isLike(each, values));
  }
  if (known === undefined) return operator.includes('Not') || operator.endsWith('IfExists');
  const value = typeof known === 'string' ? known : (known[0] ?? '');
  switch (operator) {
    case 'Bool':
    case 'StringEquals':
    case 'StringEqualsIfExists':
      return values.includes(value);
    case 'StringNotEquals':
      return !values.includes(value);
    case 'StringLike':
    case 'StringLikeIfExists':
      return isLike(value, values);
    case 'StringNotLike':
      return !isLike(value, values);
    case 'ArnNotLike':
      return !values.some((pattern) => matchesArn(value, pattern));
    default:
      return false;
  }
}

function isLike(value: string, patterns: readonly string[]): boolean {
  return patterns.includes(value) || patterns.some((each) => hasWildcard(each) && matchesGlob(value, each));
}
