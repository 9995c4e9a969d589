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
fn indexOfFrom(text: i32, part: i32, from: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING || load32(from) != INT) { return THE_ERROR; }
  let start = offset(text, load64(from, 8));
  if (start < 0) { return THE_ERROR; }
  let at = load32(text, 8);
  let found = search(at + start, load32(text, 4) - start, load32(part, 8), load32(part, 4));
  if (found < 0) { return intCell(-1L); }
  return intCell(extend(codePoints(at, start + found)));
}
// Where the part begins last, at an offset in bytes or before it.
fn searchBack(text: i32, part: i32, from: i32): i32 {
  let at = load32(text, 8);
  let length = load32(part, 4);
  let last = load32(text, 4) - length;
  if (from > last) { from = last; }
  while (from >= 0) {
    $steps = $steps - ((from & 63) == 0);
    if (sameBytes(at + from, load32(part, 8), length)) { return intCell(extend(codePoints(at, from))); }
    from = from - 1;
  }
  return intCell(-1L);
}
fn lastIndexOf(text: i32, part: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING) { return THE_ERROR; }
  return searchBack(text, part, load32(text, 4));
}
fn lastIndexOfFrom(text: i32, part: i32, from: i32): i32 {
  if (load32(text) != STRING || load32(part) != STRING || load32(from) != INT) { return THE_ERROR; }
  let start = offset(text, load64(from, 8));
  if (start < 0) { return THE_ERROR; }
  return searchBack(text, part, start);
}
// How many bytes the white space is that a text begins with: Unicode's White_Space, one code point; 0 where it is none.
fn blank(at: i32, left: i32): i32 {
  let first = load8(at);
  if (first == 32 || first - 9 <u 5) { return 1; }
  if (first == 0xc2) {
    let next = load8(at + 1);
    if (next == 0x85 || next == 0xa0) { return 2; }
    return 0;
  }
  if (left < 3) { return 0; }
  let all = (first << 16) | (load8(at + 1) << 8) | load8(at + 2);
  if (all - 0xe28080 <u 11 || all == 0xe280a8 || all == 0xe280a9 || all == 0xe280af) { return 3; }
  if (all == 0xe19a80 || all == 0xe2819f || all == 0xe38080) { return 3; }
  return 0;
}
fn trim(text: i32): i32 {
  if (load32(text) != STRING) { return THE_ERROR; }
  let at = load32(text, 8);
  let end = at + load32(text, 4);
  while (at != end) {
    let length = blank(at, end - at);
    if (!length) { break; }
    at = at + length;
  }
  while (at != end) {
    let last = end - 1;
    while ((load8(last) & 192) == 128) { last = last - 1; }
    if (!blank(last, end - last)) { break; }
    end = last;
  }
  return textCell(STRING, at, end - at);
}
fn replace(text: i32, from: i32, to: i32): i32 {
  return replaceSome(text, from, to, intCell(-1L));
}
// How many bytes the code point is that a text begins with; 0 at its end.
fn pointLength(at: i32, end: i32): i32 {
  let next = at;
  if (next != end) { next = next + 1; }
  while (next != end && (load8(next) & 192) == 128) { next = next + 1; }
  return next - at;
}
// An empty text is before each code point and at the end.
fn replaceSome(text: i32, from: i32, to: i32, limit: i32): i32 {
  if (load32(text) != STRING || load32(from) != STRING || load32(to) != STRING || load32(limit) != INT) { return THE_ERROR; }
  let most = load64(limit, 8);
  let at = load32(text, 8);
  let end = at + load32(text, 4);
  let size = load32(from, 4);
  let more = load32(to, 4);
  let count = 0;
  let place = at;
  while (extend(count) != most) {
    let skip = search(place, end - place, load32(from, 8), size);
    if (skip < 0) { break; }
    count = count + 1;
    place = place + skip + size;
    if (!size) {
      if (place == end) { break; }
      place = place + pointLength(place, end);
    }
  }
  if (extend(count) * extend(more) >u extend(HEAP_SIZE)) { $steps = -1; return THE_ERROR; }
  let result = alloc(load32(text, 4) + count * (more - size));
  if (!result) { return THE_ERROR; }
  let out = result;
  while (count) {
    let length = search(at, end - at, load32(from, 8), size);
    copyBytes(out, at, length);
    copyBytes(out + length, load32(to, 8), more);
    out = out + length + more;
    at = at + length + size;
    if (!size) {
      length = pointLength(at, end);
      copyBytes(out, at, length);
      out = out + length;
      at = at + length;
    }
    count = count - 1;
  }
  copyBytes(out, at, end - at);
  return textCell(STRING, result, out + end - at - result);
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
