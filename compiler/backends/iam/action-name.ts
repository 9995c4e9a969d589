import { hasWildcard } from '../../expressions/glob.ts';
import { actionsMatching, iamAction } from '../../tables/iam-actions.ts';

/**
 * An action, or a pattern of actions, in the case in which AWS documents it, as far as it is known: IAM ignores case,
 * people do not.
 */
export function documentedCase(pattern: string): string {
  if (!hasWildcard(pattern)) return iamAction(pattern)?.name ?? pattern;
  const literal = pattern.search(/[*?]/);
  // A service's prefix is in lower case everywhere.
  if (literal <= pattern.indexOf(':') + 1) return pattern;
  const [first] = actionsMatching(pattern);
  return first === undefined ? pattern : first.slice(0, literal) + pattern.slice(literal);
}
