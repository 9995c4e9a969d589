const braceOpen = 123;
const braceClose = 125;
const comma = 44;
const space = 32;
const lineFeed = 10;

/**
 * The instructions of a C header as raw bytes: an array whose every initialiser is of four plain numbers, as in
 * `{ 0x20, 0, 0, 0x00000004 },`. Comments are skipped.
 *
 * @returns undefined where a compiler could make anything else of the text: another initialiser, a macro, a number that
 *   does not fit its field of `struct sock_filter`, a length that is not the array's
 */
export function headerBytes(text: string): Uint8Array | undefined {
  // A backslash at the end of a line would make a comment longer.
  if (text.includes('\\')) return undefined;
  const source = text.includes('/') ? text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ') : text;
  const begin = source.indexOf('{') + 1;
  if (begin === 0) return new Uint8Array();
  const bytes: number[] = [];
  /** Where each field of the initialiser begins, after the brace that opens it or a comma. */
  const fields: number[] = [];
  let at = afterBlanks(source, begin);
  while (source.charCodeAt(at) === braceOpen) {
    const end = source.indexOf('}', at);
    if (end < 0) return undefined;
    fields.length = 0;
    for (let before = at; before >= 0 && before < end; before = source.indexOf(',', before + 1))
      fields.push(before + 1);
    at = end + 1;
    fields.push(at);
    if (!isInitialiser(fields, source) || !append(bytes, fields, source)) return undefined;
    at = afterBlanks(source, at);
    if (source.charCodeAt(at) === comma) at = afterBlanks(source, at + 1);
    else if (source.charCodeAt(at) !== braceClose) return undefined;
  }
  const isArray = isFrame(source.slice(0, begin), source.slice(at), bytes.length / 8);
  return isArray ? Uint8Array.from(bytes) : undefined;
}

const arrayHead =
  /^\s*(?:#ifndef (\w+)\n#define \1\n)?(?:#include <linux\/filter\.h>\n)?\s*(?:#define (\w+) (\d+)\n)?static const struct sock_filter \w+\[(\w*)\] = \{$/;

/** Whether the text before and behind the initialisers makes an array of just those: C would fill a longer one with zeros. */
function isFrame(head: string, tail: string, count: number): boolean {
  const parts = arrayHead.exec(head);
  if (parts === null) return false;
  const [, guard, lengthName = '', length, size] = parts;
  const isWhole = size === lengthName && (length === undefined || length === String(count));
  return isWhole && (guard === undefined ? /^\};\s*$/ : /^\};\s*\n#endif\s*$/).test(tail);
}

function afterBlanks(source: string, from: number): number {
  let at = from;
  while (source.charCodeAt(at) === space || source.charCodeAt(at) === lineFeed) at += 1;
  return at;
}

/** Four fields, perhaps with a comma after the last. */
function isInitialiser(fields: readonly number[], source: string): boolean {
  return fields.length === 5 || (fields.length === 6 && source.slice(fields[4], fields[5]! - 1).trim() === '');
}

/** Adds the bytes of `struct sock_filter`; false where a field is no number or too large. */
function append(bytes: number[], fields: readonly number[], source: string): boolean {
  const code = fieldAt(0, 0xffff);
  const whenTrue = fieldAt(1, 0xff);
  const whenFalse = fieldAt(2, 0xff);
  const constant = fieldAt(3, 0xffff_ffff);
  if (code < 0 || whenTrue < 0 || whenFalse < 0 || constant < 0) return false;
  bytes.push(code & 0xff, code >>> 8, whenTrue, whenFalse);
  bytes.push(constant & 0xff, (constant >>> 8) & 0xff, (constant >>> 16) & 0xff, constant >>> 24);
  return true;

  function fieldAt(index: number, largest: number): number {
    const value = numberOf(source, fields[index]!, fields[index + 1]! - 1);
    return value <= largest ? value : -1;
  }
}

const plainNumber = /^\s*(0x[0-9a-f]+|0|[1-9][0-9]*)[ul]*\s*$/i;

/** A C integer constant, decimal or hexadecimal, perhaps with a suffix and with space around it; NaN for anything else. */
function numberOf(source: string, from: number, to: number): number {
  const digits = plainNumber.exec(source.slice(from, to))?.[1];
  return digits === undefined ? Number.NaN : Number(digits);
}
