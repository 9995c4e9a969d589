/**
 * The part of a generated function that writes a text as UTF-8 behind the record, from `free` on: `to` is its end then. It
 * gives false where there is no more room.
 *
 * @param text the name of the text
 * @param unpaired what is done with half of a surrogate pair, which UTF-8 cannot hold
 */
export function utf8Source(text: string, unpaired: string): string {
  return `  const { length } = ${text};
  let to = free;
  if (to + 3 * length > end) return false;
  for (let at = 0; at < length; at += 1) {
    const unit = ${text}.charCodeAt(at);
    if (unit < 0x80) {
      bytes[to++] = unit;
    } else if (unit < 0x800) {
      bytes[to++] = 0xc0 | (unit >> 6);
      bytes[to++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[to++] = 0xe0 | (unit >> 12);
      bytes[to++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[to++] = 0x80 | (unit & 0x3f);
    } else {
      const next = unit < 0xdc00 ? ${text}.charCodeAt(at + 1) : 0;
      if (!(next >= 0xdc00 && next <= 0xdfff)) return ${unpaired};
      const point = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[to++] = 0x80 | (point & 0x3f);
      at += 1;
    }
  }`;
}
