/** Deterministic automata of regular expressions. */
export const patterns = `
// The states of the table are multiplied by the number of classes.
fn findPattern(text: i32, classes: i32, table: i32, ends: i32, count: i32, state: i32, accepted: i32, refused: i32): i32 {
  if (load32(text) != STRING) { return THE_ERROR; }
  let at = load32(text, 8);
  let end = at + load32(text, 4);
  while (1) {
    if (state == accepted) { return THE_TRUE; }
    if (state == refused) { return THE_FALSE; }
    if (at == end) { return truthCell(load8(ends + state /u count)); }
    state = load16(table + ((state + load8(classes + load8(at))) << 1));
    at = at + 1;
  }
}
`;
