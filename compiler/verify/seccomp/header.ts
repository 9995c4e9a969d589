import { instructionBytes } from './instructions.ts';

const widths = [0xffff, 0xff, 0xff, 0xffff_ffff];

/**
 * The instructions of a C header as raw bytes: every initialiser of four in braces, in order, as in
 * `{ 0x20, 0, 0, 0x00000004 },`. Comments are skipped.
 *
 * @returns undefined where an initialiser is not made of plain numbers that fit the fields of `struct sock_filter`
 */
export function headerBytes(text: string): Uint8Array | undefined {
  const source = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');
  const rows = [...source.matchAll(/\{([^{},]*),([^{},]*),([^{},]*),([^{},]*),?\s*\}/g)];
  const bytes = new Uint8Array(rows.length * instructionBytes);
  const view = new DataView(bytes.buffer);
  for (const [at, row] of rows.entries()) {
    const fields = row.slice(1).map((field) => numberOf(field.trim()));
    if (fields.some((field, index) => !(field <= widths[index]!))) return undefined;
    const [code, whenTrue, whenFalse, constant] = fields;
    view.setUint16(at * instructionBytes, code!, true);
    view.setUint8(at * instructionBytes + 2, whenTrue!);
    view.setUint8(at * instructionBytes + 3, whenFalse!);
    view.setUint32(at * instructionBytes + 4, constant!, true);
  }
  return bytes;
}

/** A C integer constant, decimal or hexadecimal, perhaps with a suffix; NaN for anything else. */
function numberOf(text: string): number {
  return /^(0x[0-9a-f]+|0|[1-9][0-9]*)[ul]*$/i.test(text) ? Number(text.replace(/[ul]+$/i, '')) : Number.NaN;
}
