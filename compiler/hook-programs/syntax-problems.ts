import type { TextRange } from '../../grammars/conditions/tree.ts';
import { quoteText } from '../../grammars/hook-programs/text.ts';
import type { Problem } from '../../grammars/hook-programs/tree.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { problemReport, replace } from '../expressions/argument-problems.ts';
import type { Span } from '../source/span.ts';

/** The diagnostic of a problem that the grammar of hook programs found. */
export function syntaxReport(problem: Problem, spanOf: (range: TextRange) => Span): Diagnostic {
  const span = spanOf(problem.range);
  switch (problem.kind) {
    case 'character':
      return report('POL1140', span, { text: problem.text }, quoting(problem.text, span));
    case 'expected': {
      const { expected, found, opening } = problem;
      const related = opening === undefined ? [] : [{ span: spanOf(opening), label: 'opened here' }];
      return report('POL1141', span, { expected, found: found === '' ? 'the end' : `\`${found}\`` }, { related });
    }
    case 'spelling': {
      const { text, replacement } = problem;
      return report('POL1142', span, { text, replacement }, { fixes: [replace(span, replacement, true)] });
    }
    case 'text':
      return problem.reason === 'open' ? report('POL1143', span, {}) : report('POL1144', span, {});
    case 'no hook':
      return report('POL1145', span, {});
    case 'size':
      return report('POL1146', span, {
        what: problem.what === 'long' ? 'longer' : 'nested more deeply',
        limit: `${problem.limit} ${problem.what === 'long' ? 'characters' : 'levels'}`,
      });
    // Numbers, `!` and chains are those of argument rules.
    case 'number':
    case 'bare not':
    case 'chain':
      return problemReport(problem, spanOf);
    default: {
      const unreachable: never = problem;
      return unreachable;
    }
  }
}

/** A path or an address without quotes. */
function quoting(text: string, span: Span): { readonly fixes?: readonly Fix[] } {
  return /^[/0-9]./.test(text) ? { fixes: [replace(span, quoteText(text), true)] } : {};
}
