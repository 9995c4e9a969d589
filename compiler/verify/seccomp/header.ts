const braceOpen = 123;
const braceClose = 125;
const comma = 44;

/**
 * The instructions of a C header as raw bytes: every initialiser of four in braces, in order, as in
 * `{ 0x20, 0, 0, 0x00000004 },`. Comments are skipped.
 *
 * @returns undefined where an initialiser is not made of plain numbers that fit the fields of `struct sock_filter`
 */
export function headerBytes(text: string): Uint8Array | undefined {
  const source = text.includes('/') ? text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ') : text;
  const bytes: number[] = [];
  /** Where each field of the initialiser begins, after the brace that opens it or a comma. */
  const fields: number[] = [];
  for (let at = source.indexOf('{'); at >= 0 && at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code === braceOpen) {
      fields.length = 0;
      fields.push(at + 1);
    } else if (code === comma && fields.length > 0) fields.push(at + 1);
    else if (code === braceClose) {
      fields.push(at + 1);
      if (isInitialiser(fields, source) && !append(bytes, fields, source)) return undefined;
      fields.length = 0;
    }
  }
  return Uint8Array.from(bytes);
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
