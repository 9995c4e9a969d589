import type { CelProblem } from '../../../expressions/cel/syntax-problems.ts';

/**
 * A text literal, which is passed over; or a key of labels or annotations written as if it were a field. A backslash
 * before a dot is what selectors of old had in such keys.
 */
const literalOrKey = /(["'])(?:\\.|(?!\1)[^\\])*\1|\b(?:labels|annotations)\.((?:[\w./-]|\\\.)+)/g;

/**
 * Keys of labels and annotations that are no plain names and stand without brackets: CEL reads `labels.maas/team-id` as
 * `(labels.maas / team) - id`. Labels are texts, so that no arithmetic is ever meant.
 */
export function bareLabelKeys(text: string): readonly CelProblem[] {
  const problems: CelProblem[] = [];
  for (const match of text.matchAll(literalOrKey)) {
    const run = match[2];
    if (run === undefined) continue;
    const start = match.index + match[0].length - run.length;
    // A function that is called on the value is not part of the key.
    const called = text[start + run.length] === '(' ? run.lastIndexOf('.') : -1;
    const written = (called === -1 ? run : run.slice(0, called)).replace(/[./-]+$/, '');
    if (!/[/-]|\\/.test(written)) continue;
    const key = written.replaceAll('\\.', '.');
    const end = start + written.length;
    const bracketed = `['${key}']`;
    problems.push({
      code: 'POL5150',
      range: { start, end },
      holes: {},
      help: `label keys with \`/\` or \`-\` need brackets: \`${text.slice(match.index, start - 1)}${bracketed}\``,
      fixes: [
        {
          title: `write \`${bracketed}\``,
          edits: [{ range: { start: start - 1, end }, newText: bracketed }],
          certain: true,
        },
      ],
    });
  }
  return problems;
}
