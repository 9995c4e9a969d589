import { Scanner } from '../../../../grammars/cel/scan.ts';
import type { CelProblem } from '../../../expressions/cel/syntax-problems.ts';

/** A key as it stands behind `labels.`. A backslash before a dot is what selectors of old had in such keys. */
const keyRun = /(?:[\w./-]|\\\.)+/y;

/**
 * Keys of labels and annotations that are no plain names and stand without brackets: CEL reads `labels.maas/team-id` as
 * `(labels.maas / team) - id`. Labels are texts, so that no arithmetic is ever meant.
 */
export function bareLabelKeys(text: string): readonly CelProblem[] {
  const problems: CelProblem[] = [];
  if (!text.includes('labels.') && !text.includes('annotations.')) return problems;
  // Tokens, so that texts and comments are passed over, closed or not.
  const scanner = new Scanner(text);
  for (scanner.next(); scanner.name !== 'End'; scanner.next()) {
    const { name, word, start: named, end: point } = scanner;
    if (name !== 'Identifier' || (word !== 'labels' && word !== 'annotations') || text[point] !== '.') continue;
    const start = point + 1;
    keyRun.lastIndex = start;
    const run = keyRun.exec(text)?.[0];
    if (run === undefined) continue;
    scanner.end = start + run.length;
    // A function that is called on the value is not part of the key.
    const called = text[start + run.length] === '(' ? run.lastIndexOf('.') : -1;
    const written = withoutMarks(called === -1 ? run : run.slice(0, called));
    if (!/[/-]|\\/.test(written)) continue;
    const key = written.replaceAll('\\.', '.');
    const end = start + written.length;
    const bracketed = `['${key}']`;
    problems.push({
      code: 'POL5150',
      range: { start, end },
      holes: {},
      help: `label keys with \`/\` or \`-\` need brackets: \`${text.slice(named, start - 1)}${bracketed}\``,
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

/** The key without the points, dashes and slashes behind it. */
function withoutMarks(key: string): string {
  let end = key.length;
  while (end > 0 && './-'.includes(key[end - 1]!)) end -= 1;
  return key.slice(0, end);
}
