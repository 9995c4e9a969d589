import type { Problem } from '../../grammars/argument-rules/tree.ts';
import type { TextRange } from '../../grammars/conditions/tree.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Span } from '../source/span.ts';

const numberHints = {
  'leading zero': 'write `0o…` for octal, or leave the leading zeros out',
  suffix: 'numbers take no suffix: every value is an unsigned 64-bit number',
  digits: 'write decimal digits, `0x` and hexadecimal ones, `0o` and octal ones or `0b` and binary ones',
} as const;

/** The diagnostic of a problem that the grammar found; `spanOf` maps ranges of the rule's text to the source. */
export function problemReport(problem: Problem, spanOf: (range: TextRange) => Span): Diagnostic {
  const span = spanOf(problem.range);
  switch (problem.kind) {
    case 'character':
      return report('POL1100', span, { text: problem.text });
    case 'expected': {
      const { expected, found, opening } = problem;
      const related = opening === undefined ? [] : [{ span: spanOf(opening), label: 'opened here' }];
      return report('POL1101', span, { expected, found: found === '' ? 'the end' : `\`${found}\`` }, { related });
    }
    case 'spelling': {
      const { text, replacement } = problem;
      return report('POL1102', span, { text, replacement }, { fixes: [replace(span, replacement, true)] });
    }
    case 'number':
      return numberReport(problem.text, problem.reason, span);
    case 'bare not': {
      const edits = [
        { span: { ...span, end: span.start }, newText: '(' },
        { span: { ...span, start: span.end }, newText: ')' },
      ];
      const fix = { title: 'put what is negated in parentheses', certain: false, edits };
      return report('POL1104', span, {}, { fixes: [fix] });
    }
    case 'chain':
      return report('POL1105', span, {});
    case 'size':
      return report('POL1106', span, {
        what: problem.what === 'long' ? 'longer' : 'nested more deeply',
        limit: `${problem.limit} ${problem.what === 'long' ? 'characters' : 'levels'}`,
      });
    case 'empty':
      return report('POL1107', span, {});
    default: {
      const unreachable: never = problem;
      return unreachable;
    }
  }
}

function numberReport(text: string, reason: keyof typeof numberHints, span: Span): Diagnostic {
  const fixes: Fix[] = [];
  if (reason === 'suffix') fixes.push(replace(span, text.replace(/[ul]+$/i, ''), true));
  // C reads such a number as octal, and that is where most of them come from.
  if (reason === 'leading zero' && /^[0-7]+$/.test(text)) fixes.push(replace(span, `0o${text.slice(1)}`, false));
  return report('POL1103', span, { text, hint: numberHints[reason] }, { fixes });
}

export function replace(span: Span, newText: string, certain: boolean): Fix {
  return { title: `replace with \`${newText}\``, certain, edits: [{ span, newText }] };
}
