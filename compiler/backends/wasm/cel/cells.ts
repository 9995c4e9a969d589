/**
 * A value of CEL in memory is a cell of 16 bytes: tag, length and payload (u32, u32, u64). What the length and the payload
 * are depends on the tag; docs/webassembly.md says it for who writes cells. Cells are never changed once they are made, so
 * that a list can hold the cell of another.
 */
export const tags = {
  /** No value, where a map has no such key. */
  ABSENT: 0,
  NULL: 1,
  /** Payload 0 or 1. */
  BOOL: 2,
  /** Payload i64. */
  INT: 3,
  /** Payload u64. */
  UINT: 4,
  /** Payload f64. */
  DOUBLE: 5,
  /** Length in bytes, payload the address of the UTF-8. */
  STRING: 6,
  BYTES: 7,
  /** Length in elements, payload the address of the first of their cells, which follow each other. */
  LIST: 8,
  /** Length in entries, payload the address of the first: the cells of key and value, and of the next entry. */
  MAP: 9,
  /** Payload i64 seconds since 1970, length the nanoseconds that follow. */
  TIME: 10,
  /** Payload i64 nanoseconds. */
  SPAN: 11,
  /** The type of values; as a string of its name. */
  TYPE: 12,
  /** An error: what no function takes. */
  ERROR: 13,
} as const;

export const cellSize = 16;

/** Cells that every module has: one after the other from one address on. */
export const fixedCells: readonly string[] = ['THE_FALSE', 'THE_TRUE', 'THE_ERROR', 'THE_NULL'];
