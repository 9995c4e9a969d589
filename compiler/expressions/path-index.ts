import { hasWildcard } from './glob.ts';

/**
 * Values by the path patterns that they belong to, so that of thousands only those are looked at that may hold a path.
 * Time to look one up: by the path's components, and by how many lengths the patterns have before their first wildcard.
 */
export class PathIndex<Value> {
  /** Of patterns without wildcards. */
  readonly #plain = new Map<string, Value[]>();
  /** Of the others, by what stands before the first wildcard. */
  readonly #begun = new Map<string, Value[]>();
  readonly #lengths = new Set<number>();

  /** @param pattern as in `isBeneath` */
  add(pattern: string, value: Value): void {
    if (!hasWildcard(pattern)) {
      append(this.#plain, pattern, value);
      return;
    }
    const head = pattern.slice(0, pattern.search(/[*?]/));
    this.#lengths.add(head.length);
    append(this.#begun, head, value);
  }

  /**
   * The values of each pattern that the path is beneath, in no order. Those of patterns with wildcards may be among them
   * that it is not beneath: `isBeneath` tells. A path may be a pattern itself: then of each that holds all it stands for.
   */
  above(path: string): readonly Value[] {
    const found: Value[] = [];
    if (path.charCodeAt(0) === SLASH) take(this.#plain, '/', found);
    for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
      take(this.#plain, path.slice(0, end), found);
    }
    if (path !== '/') take(this.#plain, path, found);
    for (const length of this.#lengths) {
      if (length <= path.length) take(this.#begun, path.slice(0, length), found);
    }
    return found;
  }
}

const SLASH = 47;

function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function take<Value>(lists: ReadonlyMap<string, readonly Value[]>, key: string, found: Value[]): void {
  const list = lists.get(key);
  if (list !== undefined) for (const value of list) found.push(value);
}
