import { matchesGlob } from '../expressions/glob.ts';

/**
 * Whether a path with `/` between its components matches a pattern: `*` and `?` stay within a component, `**` as a whole
 * component stands for any number of them, a pattern without `/` matches the last component alone.
 *
 * A mismatch returns only to the latest `**`, as in `matchesGlob`: the time is at most the product of both lengths.
 */
export function matchesPath(path: string, pattern: string): boolean {
  const names = path.split('/');
  const wanted = (pattern.includes('/') ? pattern.replace(/^\.?\//, '') : `**/${pattern}`).split('/');
  let at = 0;
  let next = 0;
  let afterStars = -1;
  let starsTook = -1;
  while (at < names.length) {
    const part = wanted[next];
    if (part === '**') {
      next += 1;
      afterStars = next;
      starsTook = at;
    } else if (part !== undefined && matchesGlob(names[at]!, part)) {
      next += 1;
      at += 1;
    } else if (afterStars !== -1) {
      starsTook += 1;
      at = starsTook;
      next = afterStars;
    } else {
      return false;
    }
  }
  while (wanted[next] === '**') next += 1;
  return next === wanted.length;
}
