/** Markdown as people read it where nothing renders it: without fences, bold type and escapes; names keep their backticks. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^`{3,}[a-z]*\n?/gm, '')
    .replace(/\*\*([^*\n]+)\*\*/g, '$1')
    .replace(/ {2}$/gm, '')
    .replace(/\\([\\*_`[\]<>!&#|~])/g, '$1')
    .trimEnd();
}

/**
 * A message in which nothing can be clicked: VS Code makes a link of `[text](command:…)` in a notification, and what a message
 * quotes was written by whoever wrote the policy.
 */
export function withoutLinks(message: string): string {
  return message.replaceAll('](', '] (');
}
