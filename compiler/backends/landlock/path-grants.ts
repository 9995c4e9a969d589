import { isBeneath } from '../../expressions/path-pattern.ts';
import type { Predicate, Term } from '../../expressions/predicate.ts';

/** Rights on everything beneath a path. `rights` undefined stands for every right. */
export interface PathGrant {
  readonly pattern: string;
  readonly rights: readonly string[] | undefined;
}

const everywhere: readonly PathGrant[] = [{ pattern: '/', rights: undefined }];

/**
 * The predicate as a union of grants, which is all that Landlock can say.
 *
 * @returns undefined where it is none, such as the complement of a path.
 */
export function pathGrants(predicate: Predicate): readonly PathGrant[] | undefined {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value ? everywhere : [];
    case 'beneath':
      return isAttribute(predicate.term, 'path') ? [{ pattern: predicate.pattern, rights: undefined }] : undefined;
    case 'in-set':
      return isAttribute(predicate.term, 'right') ? [{ pattern: '/', rights: predicate.values }] : undefined;
    case 'compare':
      return isAttribute(predicate.left, 'right') && predicate.operator === '==' && predicate.right.kind === 'literal'
        ? [{ pattern: '/', rights: [String(predicate.right.value)] }]
        : undefined;
    case 'or': {
      const all: PathGrant[] = [];
      for (const operand of predicate.of) {
        const grants = pathGrants(operand);
        if (grants === undefined) return undefined;
        all.push(...grants);
      }
      return all;
    }
    case 'and': {
      let joined: readonly PathGrant[] = everywhere;
      for (const operand of predicate.of) {
        const grants = pathGrants(operand);
        if (grants === undefined) return undefined;
        const next: PathGrant[] = [];
        for (const left of joined) {
          for (const right of grants) {
            const pattern = deeper(left.pattern, right.pattern);
            if (pattern === undefined) return undefined;
            if (pattern !== nowhere) next.push({ pattern, rights: common(left.rights, right.rights) });
          }
        }
        joined = next;
      }
      return joined;
    }
    case 'not':
    case 'in-ranges':
    case 'glob':
    case 'in-network':
      return undefined;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

/** True where the pattern stands for paths that are only known when the sandbox starts. */
export function isPattern(path: string): boolean {
  return path.includes('*') || path.includes('?');
}

const nowhere = '';

/** What lies beneath both; `nowhere` where nothing does, undefined where two patterns overlap in no single pattern. */
function deeper(left: string, right: string): string | undefined {
  if (left === right || right === '/') return left;
  if (left === '/') return right;
  if (isPattern(left) || isPattern(right)) return undefined;
  return isBeneath(left, right) ? left : isBeneath(right, left) ? right : nowhere;
}

function common(left: readonly string[] | undefined, right: readonly string[] | undefined) {
  return left === undefined ? right : right === undefined ? left : left.filter((name) => right.includes(name));
}

function isAttribute(term: Term, name: string): boolean {
  return term.kind === 'attribute' && term.name === name;
}
