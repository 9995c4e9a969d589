/** Where the line of an offset begins. `lastIndexOf` alone looks at the first character for a place before it. */
export function lineStartAt(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}
