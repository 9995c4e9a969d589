/** Text of policies in Markdown: whoever opens a policy of somebody else's must not load or follow what it says. */

/** A text as it is, in whatever place of a paragraph. */
export function asText(text: string): string {
  return text.replace(/[\\*_`[\]<>!&#|~]/g, '\\$&');
}

/** A text as code. */
export function asCode(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  if (!line.includes('`')) return `\`${line}\``;
  const fence = fenceFor(line, 1);
  return `${fence} ${line} ${fence}`;
}

/** Lines as code. */
export function codeBlock(language: string, lines: string): string {
  const fence = fenceFor(lines, 3);
  return `${fence}${language}\n${lines}\n${fence}`;
}

/** More backticks than stand together in a text. */
function fenceFor(text: string, fewest: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  return '`'.repeat(Math.max(fewest, longest + 1));
}
