/** Thrown by `parseStrictJson`: the text is not JSON, or a reader could take it in two ways. */
export class NotStrictJson extends Error {}

/** Nesting beyond this is refused rather than followed. */
const DEEPEST = 64;

/**
 * Reads JSON as RFC 8259 has it and refuses a key that an object has twice, of which readers take the first or the last.
 * `JSON.parse` takes the last in silence.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NotStrictJson('not JSON');
  }
  refuseRepeatedKeys(text);
  return value;
}

/** Walks the tokens of a text that is JSON. */
function refuseRepeatedKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: // [
        isKey = text[at] === '{';
        open.push(isKey ? new Set() : undefined);
        if (open.length > DEEPEST) throw new NotStrictJson('nested too deeply');
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        isKey = false;
        break;
      case 0x2c: // ,
        isKey = open.at(-1) !== undefined;
        break;
      case 0x22: {
        const end = endOfString(text, at);
        if (isKey) {
          const keys = open.at(-1);
          const written = text.slice(at + 1, end - 1);
          const key = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
          if (keys?.has(key)) throw new NotStrictJson(`the key ${JSON.stringify(key)} is there twice`);
          keys?.add(key);
          isKey = false;
        }
        at = end - 1;
        break;
      }
      default:
    }
  }
}

/** The index after the closing quotation mark: the first that no odd number of backslashes stands before. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (; ; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text[before - 1] === '\\') before -= 1;
    if ((end - before) % 2 === 0) return end + 1;
  }
}
