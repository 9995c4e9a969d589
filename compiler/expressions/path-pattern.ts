import { hasWildcard, matchesGlobIn } from './glob.ts';

const SLASH = 47;

/**
 * Whether `path` or one of its ancestors matches `pattern`, component by component: `/usr/lib/python3*` holds
 * `/usr/lib/python3.11/os.py`, and not `/usr/lib/x/python3`. `/` holds every path.
 *
 * @param path canonical and absolute: no empty, `.` or `..` component, no slash at the end. Any other text is beneath nothing.
 * @param pattern canonical and absolute as well; `*` and `?` stand for characters within one component.
 */
export function isBeneath(path: string, pattern: string): boolean {
  if (path.charCodeAt(0) !== SLASH || pattern.charCodeAt(0) !== SLASH) return false;
  if (pattern.length === 1) return true;
  if (!hasWildcard(pattern)) {
    if (!path.startsWith(pattern)) return false;
    return path.length === pattern.length || path.charCodeAt(pattern.length) === SLASH;
  }
  let pathAt = 0;
  let patternAt = 0;
  while (patternAt < pattern.length) {
    if (pathAt >= path.length) return false;
    const pathEnd = componentEnd(path, pathAt + 1);
    const patternEnd = componentEnd(pattern, patternAt + 1);
    if (!matchesGlobIn(path, pathAt + 1, pathEnd, pattern, patternAt + 1, patternEnd)) return false;
    // The root has no component: `/` is beneath `/` only, and not beneath `/*`.
    if (pathEnd === pathAt + 1) return false;
    pathAt = pathEnd;
    patternAt = patternEnd;
  }
  return true;
}

function componentEnd(path: string, from: number): number {
  const slash = path.indexOf('/', from);
  return slash === -1 ? path.length : slash;
}
