import type { TextRange } from '../../grammars/conditions/tree.ts';
import { quoteText } from '../../grammars/hook-programs/text.ts';
import type { Problem } from '../../grammars/hook-programs/tree.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
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
      const holes = { expected, found: found === '' ? 'the end' : `\`${found}\``, hint: hintOf(expected) };
      const meant = nearest(found, wordsOf(expected));
      if (meant === undefined) return report('POL1141', span, holes, { related });
      const fixes = [replace(span, meant, true)];
      return report('POL1141', span, holes, { related, fixes, help: `did you mean \`${meant}\`?` });
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

const beginnings = ['hook', 'counter', 'allow', 'deny', 'errno', 'audit', 'otherwise'];

/** The words that may stand where `expected` is. */
function wordsOf(expected: string): readonly string[] {
  if (expected === '`per`') return ['per'];
  if (expected === '`by` or `per`') return ['by', 'per'];
  if (expected === '`allow`, `deny` or `errno`') return ['allow', 'deny', 'errno'];
  if (expected === 'a verdict or `when`') return ['allow', 'deny', 'errno', 'when'];
  if (!expected.endsWith('statement')) return [];
  return expected.includes('`when`') ? ['when', ...beginnings] : ['in', 'beneath', 'like', ...beginnings];
}

function hintOf(expected: string): string {
  if (expected.endsWith('statement')) return `a statement begins with ${oneOf(beginnings)}`;
  if (expected.startsWith('a verdict') || expected.startsWith('`allow`')) {
    return 'say what becomes of the call: `allow`, `deny` or `errno EACCES`';
  }
  if (expected === '`)`' || expected === '`]`') return `write ${expected}, or delete the bracket that it closes`;
  if (expected.startsWith('the name of an error')) return 'write an error of errno(3), such as `errno EACCES`';
  return 'a rule is such as `deny when path beneath "/etc/ssh"`, a counter `counter opens by uid per 10s`';
}

function oneOf(words: readonly string[]): string {
  const quoted = words.map((each) => `\`${each}\``);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** A path or an address without quotes. */
function quoting(text: string, span: Span): { readonly fixes?: readonly Fix[] } {
  return /^[/0-9]./.test(text) ? { fixes: [replace(span, quoteText(text), true)] } : {};
}
