import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/**
 * True where the entry at `start` may be the rest of the one before, which a line break too many has cut in two: its
 * mistake is on its last line, and that line is indented or left something open.
 */
export function mayContinue(text: string, mistake: Diagnostic, start: number): boolean {
  if (text.slice(mistake.span.start, start).trimEnd().includes('\n')) return false;
  const line = text.lastIndexOf('\n', mistake.span.start - 1) + 1;
  return text[line] === ' ' || mistake.code === 'POL1014' || mistake.code === 'POL1015';
}
