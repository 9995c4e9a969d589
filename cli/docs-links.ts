/** A link to a page of docs/, or to a heading of the same page. */
const link = /\[([^[\]]+)\]\((?:(?:\.\.\/)?([-\w]+\.md)(?:#[-\w]+)?|#[-\w]+)\)/g;

/**
 * A page with its links as one follows them in a terminal: by the command that shows what they lead to, or by the file.
 *
 * @param topicOf what `polc docs` shows a file of docs/ as
 */
export function withCommands(page: string, topicOf: (file: string) => string | undefined): string {
  return page.replace(link, (_, text: string, file: string | undefined) => {
    if (file === undefined) return text;
    if (file === 'diagnostics.md' && /^POL\d{4}$/.test(text)) return `\`polc docs ${text}\``;
    const topic = topicOf(file);
    const place = topic === undefined ? `docs/${file}` : `\`polc docs ${topic}\``;
    return text.endsWith(file) ? place : `${text} (${place})`;
  });
}
