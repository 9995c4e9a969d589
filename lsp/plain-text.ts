/** Markdown as people read it where nothing renders it: without fences, bold type and escapes; names keep their backticks. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^`{3,}[a-z]*\n?/gm, '')
    .replace(/\*\*([^*\n]+)\*\*/g, '$1')
    .replace(/ {2}$/gm, '')
    .replace(/\\([\\*_`[\]<>!&#|~])/g, '$1')
    .trimEnd();
}
