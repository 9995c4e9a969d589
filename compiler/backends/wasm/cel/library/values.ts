/** Cells, truth values and texts: what the other routines are made of. */
export const values = `
fn alloc(size: i32): i32 {
  let at = $heap;
  if (size >u HEAP_SIZE || at + size >u $heapBase + HEAP_SIZE) { $steps = -1; return 0; }
  $heap = at + ((size + 15) & -16);
  return at;
}
// Where there is no room it is a cell that nobody reads, since the whole expression is unknown then.
fn cell(tag: i32): i32 {
  let at = alloc(16);
  if (!at) { at = $sink; }
  store32(at, 0, tag);
  store32(at, 4, 0);
  return at;
}
fn copyCell(to: i32, from: i32) {
  store64(to, 0, load64(from));
  store64(to, 8, load64(from, 8));
}
fn copyBytes(to: i32, from: i32, size: i32) {
  let end = from + size;
  while (from + 8 <=u end) { store64(to, 0, load64(from)); to = to + 8; from = from + 8; }
  while (from <u end) { store8(to, 0, load8(from)); to = to + 1; from = from + 1; }
}
fn intCell(value: i64): i32 {
  let at = cell(INT);
  store64(at, 8, value);
  return at;
}
fn uintCell(value: i64): i32 {
  let at = cell(UINT);
  store64(at, 8, value);
  return at;
}
fn doubleCell(value: f64): i32 {
  let at = cell(DOUBLE);
  storeFloat(at, 8, value);
  return at;
}
fn textCell(tag: i32, address: i32, length: i32): i32 {
  let at = cell(tag);
  store32(at, 4, length);
  store64(at, 8, extend(address));
  return at;
}
fn truthCell(value: i32): i32 {
  if (value) { return THE_TRUE; }
  return THE_FALSE;
}
fn truth(value: i32): i32 {
  if (load32(value) != BOOL) { return THE_ERROR; }
  if (load32(value, 8)) { return THE_TRUE; }
  return THE_FALSE;
}
fn not(value: i32): i32 {
  let known = truth(value);
  if (known == THE_TRUE) { return THE_FALSE; }
  if (known == THE_FALSE) { return THE_TRUE; }
  return THE_ERROR;
}
fn sameBytes(left: i32, right: i32, length: i32): i32 {
  let end = left + length;
  while (left + 8 <=u end) {
    if (load64(left) != load64(right)) { return 0; }
    left = left + 8;
    right = right + 8;
  }
  while (left <u end) {
    if (load8(left) != load8(right)) { return 0; }
    left = left + 1;
    right = right + 1;
  }
  return 1;
}
`;
