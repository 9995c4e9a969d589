import { shellWord } from '../../../../shell-word.ts';

/** The lines that write `text` to a file, whatever is in it. */
export function writeFile(path: string, text: string, append = false): readonly string[] {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  let end = 'END';
  while (lines.includes(end)) end += '_';
  return [`cat ${append ? '>>' : '>'} ${shellWord(path)} <<'${end}'`, ...lines, end];
}
