/** Functions of texts; indexes are of code points. */
export const texts = `
fn codePoints(at: i32, length: i32): i32 {
  let end = at + length;
  let count = 0;
  while (at != end) {
    count = count + ((load8(at) & 192) != 128);
    at = at + 1;
  }
  return count;
}
fn size(value: i32): i32 {
  let tag = load32(value);
  let length = load32(value, 4);
  if (tag == STRING) { length = codePoints(load32(value, 8), length); }
  else if (tag != BYTES && tag != LIST && tag != MAP) { return THE_ERROR; }
  return intCell(extend(length));
}
fn startsWith(text: i32, part: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING) { return THE_ERROR; }
  let length = load32(part, 4);
  if (load32(text, 4) <u length) { return THE_FALSE; }
  return truthCell(sameBytes(load32(text, 8), load32(part, 8), length));
}
fn endsWith(text: i32, part: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING) { return THE_ERROR; }
  let length = load32(part, 4);
  let more = load32(text, 4) - length;
  if (more < 0) { return THE_FALSE; }
  return truthCell(sameBytes(load32(text, 8) + more, load32(part, 8), length));
}
// Where the part begins, or -1.
fn search(at: i32, length: i32, part: i32, partLength: i32): i32 {
  let last = at + length - partLength;
  let from = at;
  if (partLength > length) { return -1; }
  if (!partLength) { return 0; }
  let first = load8(part);
  while (from <=u last) {
    $steps = $steps - ((from & 63) == 0);
    if (load8(from) == first && sameBytes(from, part, partLength)) { return from - at; }
    from = from + 1;
  }
  return -1;
}
fn contains(text: i32, part: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING) { return THE_ERROR; }
  return truthCell(search(load32(text, 8), load32(text, 4), load32(part, 8), load32(part, 4)) >= 0);
}
fn changeCase(text: i32, first: i32, change: i32): i32 {
  if (load32(text) != STRING) { return THE_ERROR; }
  let length = load32(text, 4);
  let to = alloc(length);
  if (!to) { return THE_ERROR; }
  let from = load32(text, 8);
  let end = from + length;
  let at = to;
  while (from != end) {
    let byte = load8(from);
    if (byte - first <u 26) { byte = byte + change; }
    store8(at, 0, byte);
    at = at + 1;
    from = from + 1;
  }
  return textCell(STRING, to, length);
}
fn lowerAscii(text: i32): i32 {
  return changeCase(text, 'A', 32);
}
fn upperAscii(text: i32): i32 {
  return changeCase(text, 'a', -32);
}
// The offset in bytes of a code point, the end included; -1 where the text has no such.
fn offset(text: i32, index: i64): i32 {
  let length = load32(text, 4);
  let start = load32(text, 8);
  if (index <u 0L || index >u extend(length)) { return -1; }
  let left = wrap(index);
  let at = 0;
  while (at <u length) {
    if ((load8(start + at) & 192) != 128) {
      if (!left) { return at; }
      left = left - 1;
    }
    at = at + 1;
  }
  if (!left) { return length; }
  return -1;
}
fn substringFrom(text: i32, from: i32): i32 {
  if (load32(text) != STRING || load32(from) != INT) { return THE_ERROR; }
  let start = offset(text, load64(from, 8));
  if (start < 0) { return THE_ERROR; }
  return textCell(STRING, load32(text, 8) + start, load32(text, 4) - start);
}
fn substring(text: i32, from: i32, to: i32): i32 {
  if (load32(text) != STRING || load32(from) != INT || load32(to) != INT) { return THE_ERROR; }
  let start = offset(text, load64(from, 8));
  let end = offset(text, load64(to, 8));
  if (start < 0 || end < start) { return THE_ERROR; }
  return textCell(STRING, load32(text, 8) + start, end - start);
}
fn charAt(text: i32, index: i32): i32 {
  if (load32(text) != STRING || load32(index) != INT) { return THE_ERROR; }
  let start = offset(text, load64(index, 8));
  if (start < 0) { return THE_ERROR; }
  let end = start;
  let length = load32(text, 4);
  let at = load32(text, 8);
  if (end <u length) { end = end + 1; }
  while (end <u length && (load8(at + end) & 192) == 128) { end = end + 1; }
  return textCell(STRING, at + start, end - start);
}
fn indexOf(text: i32, part: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING) { return THE_ERROR; }
  let at = load32(text, 8);
  let found = search(at, load32(text, 4), load32(part, 8), load32(part, 4));
  if (found < 0) { return intCell(-1L); }
  return intCell(extend(codePoints(at, found)));
}
fn split(text: i32, separator: i32): i32 {
  if (load32(text) != STRING || load32(separator) != STRING) { return THE_ERROR; }
  let at = load32(text, 8);
  let end = at + load32(text, 4);
  let size = load32(separator, 4);
  let list = $heap;
  let count = 0;
  while (1) {
    let length = search(at, end - at, load32(separator, 8), size);
    if (!size) {
      if (at == end) { break; }
      length = 1;
      while (at + length != end && (load8(at + length) & 192) == 128) { length = length + 1; }
    } else if (length < 0) { length = end - at; }
    let part = alloc(16);
    if (!part) { return THE_ERROR; }
    store32(part, 0, STRING);
    store32(part, 4, length);
    store64(part, 8, extend(at));
    count = count + 1;
    at = at + length;
    if (size && at == end) { break; }
    at = at + size;
  }
  return textCell(LIST, list, count);
}
fn join(list: i32): i32 {
  return joinBy(list, EMPTY_TEXT);
}
fn joinBy(list: i32, separator: i32): i32 {
  if (load32(list) != LIST || load32(separator) != STRING) { return THE_ERROR; }
  let count = load32(list, 4);
  let first = load32(list, 8);
  let end = first + count * 16;
  let length = 0;
  let part = first;
  while (part != end) {
    if (load32(part) != STRING) { return THE_ERROR; }
    length = length + load32(part, 4) + load32(separator, 4);
    part = part + 16;
  }
  let text = alloc(length);
  if (!text) { return THE_ERROR; }
  let at = text;
  part = first;
  while (part != end) {
    if (part != first) {
      copyBytes(at, load32(separator, 8), load32(separator, 4));
      at = at + load32(separator, 4);
    }
    copyBytes(at, load32(part, 8), load32(part, 4));
    at = at + load32(part, 4);
    part = part + 16;
  }
  return textCell(STRING, text, at - text);
}
`;
