/** The text in single quotes: one word of a POSIX shell, whatever is in it. */
export function quotedWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The text as one word of a POSIX shell, in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,=-]*$/.test(text) ? text : quotedWord(text);
}
