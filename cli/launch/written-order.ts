/** Where a template first writes a text, for lists that people read in the order in which they were written. */
export function writtenOrder(content: unknown): (text: string) => number {
  const places = new Map<string, number>();
  for (const text of textsIn(content)) if (!places.has(text)) places.set(text, places.size);
  return (text) => places.get(text) ?? places.size;
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
