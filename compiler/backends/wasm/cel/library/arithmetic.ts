/** `+`, `-`, `*`, `/`, `%` with CEL's errors for what overflows. */
export const arithmetic = `
fn add(left: i32, right: i32): i32 {
  let tag = load32(left);
  let other = load32(right);
  let x = load64(left, 8);
  let y = load64(right, 8);
  if (tag == other) {
    if (tag == INT) { return checkedSum(INT, x, y); }
    if (tag == SPAN) { return checkedSum(SPAN, x, y); }
    if (tag == UINT) {
      if (x + y <u x) { return THE_ERROR; }
      return uintCell(x + y);
    }
    if (tag == DOUBLE) { return doubleCell(loadFloat(left, 8) + loadFloat(right, 8)); }
    if (tag == STRING || tag == BYTES) { return joinTexts(left, right); }
    if (tag == LIST) { return joinLists(left, right); }
    return THE_ERROR;
  }
  if (tag == TIME && other == SPAN) { return later(left, y); }
  if (tag == SPAN && other == TIME) { return later(right, x); }
  return THE_ERROR;
}
fn checkedSum(tag: i32, x: i64, y: i64): i32 {
  let sum = x + y;
  if (((x ^ sum) & (y ^ sum)) < 0L) { return THE_ERROR; }
  let at = cell(tag);
  store64(at, 8, sum);
  return at;
}
fn checkedDifference(tag: i32, x: i64, y: i64): i32 {
  let difference = x - y;
  if (((x ^ y) & (x ^ difference)) < 0L) { return THE_ERROR; }
  let at = cell(tag);
  store64(at, 8, difference);
  return at;
}
fn joinTexts(left: i32, right: i32): i32 {
  let first = load32(left, 4);
  let second = load32(right, 4);
  let at = alloc(first + second);
  if (!at) { return THE_ERROR; }
  copyBytes(at, load32(left, 8), first);
  copyBytes(at + first, load32(right, 8), second);
  return textCell(load32(left), at, first + second);
}
fn joinLists(left: i32, right: i32): i32 {
  let first = load32(left, 4);
  let second = load32(right, 4);
  let at = alloc((first + second) * 16);
  if (!at) { return THE_ERROR; }
  copyBytes(at, load32(left, 8), first * 16);
  copyBytes(at + first * 16, load32(right, 8), second * 16);
  return textCell(LIST, at, first + second);
}
// Within the years 1 and 9999.
fn timeCell(seconds: i64, nanos: i64): i32 {
  if (nanos < 0L) { nanos = nanos + 1000000000L; seconds = seconds - 1L; }
  if (nanos >= 1000000000L) { nanos = nanos - 1000000000L; seconds = seconds + 1L; }
  if (seconds < 0L - 62135596800L || seconds > 253402300799L) { return THE_ERROR; }
  let at = cell(TIME);
  store32(at, 4, wrap(nanos));
  store64(at, 8, seconds);
  return at;
}
fn later(time: i32, nanos: i64): i32 {
  return timeCell(load64(time, 8) + nanos / 1000000000L, extend(load32(time, 4)) + nanos % 1000000000L);
}
fn between(left: i32, right: i32): i32 {
  let seconds = load64(left, 8) - load64(right, 8);
  let nanos = extend(load32(left, 4)) - extend(load32(right, 4));
  if (seconds > 0L && nanos < 0L) { seconds = seconds - 1L; nanos = nanos + 1000000000L; }
  if (seconds < 0L && nanos > 0L) { seconds = seconds + 1L; nanos = nanos - 1000000000L; }
  if (seconds > 9223372036L || seconds < 0L - 9223372036L) { return THE_ERROR; }
  return checkedSum(SPAN, seconds * 1000000000L, nanos);
}
fn subtract(left: i32, right: i32): i32 {
  let tag = load32(left);
  let other = load32(right);
  let x = load64(left, 8);
  let y = load64(right, 8);
  if (tag == TIME) {
    if (other == TIME) { return between(left, right); }
    if (other != SPAN) { return THE_ERROR; }
    // The smallest span has no opposite.
    return timeCell(x - y / 1000000000L, extend(load32(left, 4)) - y % 1000000000L);
  }
  if (tag != other) { return THE_ERROR; }
  if (tag == INT || tag == SPAN) { return checkedDifference(tag, x, y); }
  if (tag == UINT) {
    if (x <u y) { return THE_ERROR; }
    return uintCell(x - y);
  }
  if (tag == DOUBLE) { return doubleCell(loadFloat(left, 8) - loadFloat(right, 8)); }
  return THE_ERROR;
}
fn multiply(left: i32, right: i32): i32 {
  let tag = load32(left);
  let x = load64(left, 8);
  let y = load64(right, 8);
  if (tag != load32(right)) { return THE_ERROR; }
  if (tag == INT) {
    if (!x) { return left; }
    if (x == -1L) { return checkedDifference(INT, 0L, y); }
    let product = x * y;
    if (product / x != y) { return THE_ERROR; }
    return intCell(product);
  }
  if (tag == UINT) {
    if (!x) { return left; }
    if (x * y /u x != y) { return THE_ERROR; }
    return uintCell(x * y);
  }
  if (tag == DOUBLE) { return doubleCell(loadFloat(left, 8) * loadFloat(right, 8)); }
  return THE_ERROR;
}
fn divide(left: i32, right: i32): i32 {
  let tag = load32(left);
  let x = load64(left, 8);
  let y = load64(right, 8);
  if (tag != load32(right)) { return THE_ERROR; }
  if (tag == DOUBLE) { return doubleCell(loadFloat(left, 8) / loadFloat(right, 8)); }
  if (tag != INT && tag != UINT) { return THE_ERROR; }
  if (!y) { return THE_ERROR; }
  if (tag == UINT) { return uintCell(x /u y); }
  if (y == -1L) { return checkedDifference(INT, 0L, x); }
  return intCell(x / y);
}
fn remainder(left: i32, right: i32): i32 {
  let tag = load32(left);
  let x = load64(left, 8);
  let y = load64(right, 8);
  if (tag != load32(right)) { return THE_ERROR; }
  if (tag != INT && tag != UINT) { return THE_ERROR; }
  if (!y) { return THE_ERROR; }
  if (tag == UINT) { return uintCell(x %u y); }
  if (y == -1L && x == 0x8000000000000000L) { return THE_ERROR; }
  return intCell(x % y);
}
fn negate(value: i32): i32 {
  let tag = load32(value);
  if (tag == INT) { return checkedDifference(INT, 0L, load64(value, 8)); }
  if (tag == DOUBLE) { return doubleCell(-loadFloat(value, 8)); }
  return THE_ERROR;
}
`;
