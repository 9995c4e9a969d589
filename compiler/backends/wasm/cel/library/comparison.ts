/** `==`, `<`, and what maps and lists look for. */
export const comparison = `
fn isNumber(tag: i32): i32 {
  return tag - INT <=u 2;
}
fn asDouble(value: i32): f64 {
  let tag = load32(value);
  if (tag == INT) { return float(load64(value, 8)); }
  if (tag == UINT) { return floatUnsigned(load64(value, 8)); }
  return loadFloat(value, 8);
}
fn sameNumber(left: i32, right: i32): i32 {
  let one = load32(left);
  let other = load32(right);
  if (one == DOUBLE || other == DOUBLE) { return asDouble(left) == asDouble(right); }
  if (load64(left, 8) != load64(right, 8)) { return 0; }
  return one == other || load64(left, 8) >= 0L;
}
// Neither is an error.
fn same(left: i32, right: i32): i32 {
  $steps = $steps - 1;
  if ($steps < 0) { return 0; }
  let tag = load32(left);
  if (isNumber(tag)) {
    if (!isNumber(load32(right))) { return 0; }
    return sameNumber(left, right);
  }
  if (tag != load32(right)) { return 0; }
  let length = load32(left, 4);
  if (length != load32(right, 4)) { return 0; }
  if (tag == NULL) { return 1; }
  if (tag == STRING || tag == BYTES || tag == TYPE) { return sameBytes(load32(left, 8), load32(right, 8), length); }
  if (tag == LIST) {
    let one = load32(left, 8);
    let other = load32(right, 8);
    let end = one + length * 16;
    while (one != end) {
      if (!same(one, other)) { return 0; }
      one = one + 16;
      other = other + 16;
    }
    return 1;
  }
  if (tag == MAP) {
    let entry = load32(left, 8);
    let last = entry + length * 32;
    while (entry != last) {
      let found = find(right, entry);
      if (!found) { return 0; }
      if (!same(entry + 16, found)) { return 0; }
      entry = entry + 32;
    }
    return 1;
  }
  return load64(left, 8) == load64(right, 8);
}
fn equals(left: i32, right: i32): i32 {
  if (load32(left) == ERROR || load32(right) == ERROR) { return THE_ERROR; }
  return truthCell(same(left, right));
}
fn differs(left: i32, right: i32): i32 {
  return not(equals(left, right));
}
// The value under a key, or 0. Keys of numbers are equal by value, and a double is a key where it is whole.
fn find(map: i32, key: i32): i32 {
  let tag = load32(key);
  let entry = load32(map, 8);
  let end = entry + load32(map, 4) * 32;
  if (tag == STRING) { return field(map, load32(key, 8), load32(key, 4)); }
  if (tag != BOOL && !isNumber(tag)) { return 0; }
  if (tag == DOUBLE) { return findWhole(map, loadFloat(key, 8)); }
  while (entry != end) {
    let other = load32(entry);
    if (other == BOOL || isNumber(other)) {
      if (tag == BOOL || other == BOOL) {
        if (tag == other && load64(key, 8) == load64(entry, 8)) { return entry + 16; }
      } else if (sameNumber(key, entry)) { return entry + 16; }
    }
    entry = entry + 32;
  }
  return 0;
}
fn findWhole(map: i32, value: f64): i32 {
  if (value != nearest(value)) { return 0; }
  if (value >= -9223372036854775808.0 && value < 9223372036854775808.0) { return find(map, intCell(truncate(value))); }
  if (value >= 0.0 && value < 18446744073709551616.0) { return find(map, uintCell(truncateUnsigned(value))); }
  return 0;
}
// Whether the key of the entry with that index is one that maps have, and not the same as one before.
fn isNewKey(entries: i32, index: i32): i32 {
  let key = entries + index * 32;
  let tag = load32(key);
  let entry = entries;
  if (tag != STRING && tag != BOOL && tag != INT && tag != UINT) { return 0; }
  while (entry != key) {
    if (same(entry, key)) { return 0; }
    entry = entry + 32;
  }
  return 1;
}
fn field(map: i32, address: i32, length: i32): i32 {
  let entry = load32(map, 8);
  let end = entry + load32(map, 4) * 32;
  while (entry != end) {
    if (load32(entry, 4) == length && load32(entry) == STRING) {
      if (sameBytes(load32(entry, 8), address, length)) { return entry + 16; }
    }
    entry = entry + 32;
  }
  return 0;
}
fn compareBytes(left: i32, leftLength: i32, right: i32, rightLength: i32): i32 {
  let length = leftLength;
  if (rightLength <u length) { length = rightLength; }
  let end = left + length;
  while (left != end) {
    let one = load8(left);
    let other = load8(right);
    if (one != other) {
      if (one <u other) { return -1; }
      return 1;
    }
    left = left + 1;
    right = right + 1;
  }
  if (leftLength == rightLength) { return 0; }
  if (leftLength <u rightLength) { return -1; }
  return 1;
}
fn compareSigned(left: i64, right: i64): i32 {
  if (left < right) { return -1; }
  return left > right;
}
fn compareUnsigned(left: i64, right: i64): i32 {
  if (left <u right) { return -1; }
  return left >u right;
}
// -1, 0 or 1; 2 where either is not a number; 3 where the types have no order.
fn order(left: i32, right: i32): i32 {
  let one = load32(left);
  let other = load32(right);
  if (isNumber(one) && isNumber(other)) {
    if (one == DOUBLE || other == DOUBLE) {
      let x = asDouble(left);
      let y = asDouble(right);
      if (x < y) { return -1; }
      if (x > y) { return 1; }
      if (x == y) { return 0; }
      return 2;
    }
    let first = load64(left, 8);
    let second = load64(right, 8);
    if (one == INT && other == INT) { return compareSigned(first, second); }
    if (one == INT && first < 0L) { return -1; }
    if (other == INT && second < 0L) { return 1; }
    return compareUnsigned(first, second);
  }
  if (one != other) { return 3; }
  if (one == STRING || one == BYTES) {
    return compareBytes(load32(left, 8), load32(left, 4), load32(right, 8), load32(right, 4));
  }
  if (one == BOOL || one == SPAN) { return compareSigned(load64(left, 8), load64(right, 8)); }
  if (one == TIME) {
    let seconds = compareSigned(load64(left, 8), load64(right, 8));
    if (seconds) { return seconds; }
    return compareSigned(extend(load32(left, 4)), extend(load32(right, 4)));
  }
  return 3;
}
fn less(left: i32, right: i32): i32 {
  let compared = order(left, right);
  if (compared == 3) { return THE_ERROR; }
  return truthCell(compared == -1);
}
fn lessOrEqual(left: i32, right: i32): i32 {
  let compared = order(left, right);
  if (compared == 3) { return THE_ERROR; }
  return truthCell(compared <= 0);
}
fn greater(left: i32, right: i32): i32 {
  return less(right, left);
}
fn greaterOrEqual(left: i32, right: i32): i32 {
  return lessOrEqual(right, left);
}
fn select(from: i32, address: i32, length: i32): i32 {
  if (load32(from) != MAP) { return THE_ERROR; }
  let found = field(from, address, length);
  if (!found) { return THE_ERROR; }
  return found;
}
fn has(from: i32, address: i32, length: i32): i32 {
  if (load32(from) != MAP) { return THE_ERROR; }
  return truthCell(field(from, address, length) != 0);
}
fn elementAt(from: i32, index: i32): i32 {
  let tag = load32(from);
  let kind = load32(index);
  if (tag == LIST) {
    if (!isNumber(kind)) { return THE_ERROR; }
    let place = load64(index, 8);
    if (kind == DOUBLE) {
      let value = loadFloat(index, 8);
      if (value != nearest(value) || value < 0.0 || value >= 4294967296.0) { return THE_ERROR; }
      place = truncate(value);
    }
    if (place >=u extend(load32(from, 4))) { return THE_ERROR; }
    return load32(from, 8) + wrap(place) * 16;
  }
  if (tag != MAP) { return THE_ERROR; }
  let found = find(from, index);
  if (!found) { return THE_ERROR; }
  return found;
}
fn isIn(value: i32, container: i32): i32 {
  let tag = load32(container);
  if (load32(value) == ERROR) { return THE_ERROR; }
  if (tag == LIST) {
    let at = load32(container, 8);
    let end = at + load32(container, 4) * 16;
    while (at != end) {
      if (same(value, at)) { return THE_TRUE; }
      at = at + 16;
    }
    return THE_FALSE;
  }
  if (tag != MAP) { return THE_ERROR; }
  return truthCell(find(container, value) != 0);
}
`;
