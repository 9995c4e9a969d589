import type * as RegularExpressions from '../../regular-expressions/matcher.ts';
import { CelError, noSuchOverload, type Result, type Value } from '../value.ts';
import { shortened } from './time.ts';

/**
 * RE2's syntax and meaning, in time that is linear in the text whatever the pattern. It is loaded when a pattern is first
 * asked for: esbuild, through which everything runs, makes this call a lazy and synchronous module of the bundle, in a
 * browser too.
 */
const load = (): typeof RegularExpressions => require('../../regular-expressions/matcher.ts');

/** Longer patterns are not compiled: their programs grow with the counts in braces. */
const longestPattern = 10_000;

export type Matcher = (text: Value) => Result;

/** What `matches` does with one pattern, made once. */
export function matcher(pattern: Value): Matcher {
  if (typeof pattern !== 'string') return (text) => noSuchOverload('matches', text, pattern);
  const compiled = pattern.length > longestPattern ? undefined : load().patternMatcher(pattern);
  if (compiled === undefined) {
    const invalid = new CelError(`invalid regular expression: '${shortened(pattern)}'`);
    return (text) => (typeof text === 'string' ? invalid : noSuchOverload('matches', text, pattern));
  }
  return (text) => (typeof text === 'string' ? compiled.test(text) : noSuchOverload('matches', text, pattern));
}

/** `text.matches(pattern)` with a pattern that is not known beforehand. */
export function matches(text: Value, pattern: Value): Result {
  return matcher(pattern)(text);
}
