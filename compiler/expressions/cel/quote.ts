/**
 * A string as CEL writes it, between single quotes: the Kuadrant operator copies counters into JSON without escaping, where a
 * double quote would end them.
 */
export function quoted(text: string): string {
  return `'${text.replaceAll(/[\\'\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, escaped)}'`;
}

/** Bytes, of which those of ASCII that can be seen stand for themselves. */
export function quotedBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (character === '\\' || character === "'") text += `\\${character}`;
    else if (byte >= 32 && byte < 127) text += character;
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `b'${text}'`;
}

/** A character that would not be seen, or would mean something else, between single quotes. */
function escaped(character: string): string {
  const simple = simpleEscapes[character];
  if (simple !== undefined) return simple;
  const code = character.codePointAt(0)!;
  // Half of a pair cannot be escaped in CEL: it stands for itself.
  if (code >= 0xd800 && code <= 0xdfff) return character;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const simpleEscapes: Readonly<Partial<Record<string, string>>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
