/**
 * A text in UTF-8; half of a surrogate pair becomes three bytes that no UTF-8 has, so that such a constant is equal to no
 * text that a host gives.
 */
export function encodeText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at)!;
    if (point < 0x80) {
      bytes.push(point);
    } else if (point < 0x800) {
      bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    } else if (point < 0x1_0000) {
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    } else {
      const tail = [0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
      bytes.push(0xf0 | (point >> 18), ...tail);
      at += 1;
    }
  }
  return Uint8Array.from(bytes);
}
