/** Lines from 0, both included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The lines of the values that JSON pointers name in a JSON text, in one pass. A pointer that names nothing is not in the
 * answer; a text that is no JSON gives what was found before.
 *
 * @param wanted pointers as RFC 6901 writes them: `/linux/seccomp/syscalls/0`
 */
export function jsonLines(text: string, wanted: ReadonlySet<string>): ReadonlyMap<string, LineRange> {
  const found = new Map<string, LineRange>();
  let at = 0;
  let line = 0;

  const space = () => {
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x0a) line += 1;
      else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
    }
  };
  /** The string at the cursor with its quotes; JSON has no line breaks within one. */
  const string = (): string => {
    const start = at;
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    at += 1;
    return text.slice(start, at);
  };
  const members = (pointer: string, isArray: boolean) => {
    at += 1;
    for (let index = 0; ; index += 1) {
      space();
      const character = text[at];
      if (character === undefined) return;
      if (character === '}' || character === ']') {
        at += 1;
        return;
      }
      if (character === ',') {
        at += 1;
        index -= 1;
        continue;
      }
      const first = line;
      let key = String(index);
      if (!isArray) {
        key = keyOf(string());
        space();
        at += 1;
        space();
      }
      value(`${pointer}/${key}`, first);
    }
  };
  const value = (pointer: string, first: number) => {
    space();
    const character = text[at];
    if (character === '{' || character === '[') members(pointer, character === '[');
    else if (character === '"') string();
    else while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at += 1;
    if (wanted.has(pointer)) found.set(pointer, { first, last: line });
  };

  space();
  value('', line);
  return found;
}

function keyOf(quoted: string): string {
  const plain = quoted.includes('\\') ? unescaped(quoted) : quoted.slice(1, -1);
  return plain.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
