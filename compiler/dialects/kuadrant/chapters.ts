/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [];
}
