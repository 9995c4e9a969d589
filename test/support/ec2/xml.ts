/** What becomes XML: a record's keys are elements in its order, and an array's values are each an element `item`. */
export type Node = string | number | boolean | readonly Node[] | { readonly [element: string]: Node | undefined };

export function xml(node: Node): string {
  if (Array.isArray(node)) return node.map((each) => `<item>${xml(each)}</item>`).join('');
  if (typeof node !== 'object') return escaped(String(node));
  return Object.entries(node)
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${xml(value)}</${name}>`))
    .join('');
}

export function tagSet(tags: ReadonlyMap<string, string>): Node {
  return [...tags].map(([key, value]) => ({ key, value }));
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
