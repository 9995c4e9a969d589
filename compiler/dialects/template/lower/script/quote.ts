/** The text as one word of a shell. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,=-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The lines that write `text` to a file, whatever is in it. */
export function writeFile(path: string, text: string, append = false): readonly string[] {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  let end = 'END';
  while (lines.includes(end)) end += '_';
  return [`cat ${append ? '>>' : '>'} ${quoted(path)} <<'${end}'`, ...lines, end];
}
