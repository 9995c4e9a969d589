import type { Diagnostic, Fix, TextEdit } from '../../diagnostics/diagnostic.ts';
import { reportFilled } from '../../diagnostics/report.ts';
import { type ScalarMap, scalarMap } from '../../source/scalar-map.ts';
import type { SourceText } from '../../source/text.ts';
import type { ScalarNode } from '../../source/tree.ts';
import type { CelEdit, CelFix, CelProblem } from './syntax-problems.ts';

/** Places what was found in expressions into the file that they stand in. */
export interface CelReporter {
  report(problem: CelProblem): Diagnostic;
}

/** @param scalar the YAML scalar whose decoded text is the expression */
export function celReporter(scalar: ScalarNode, source: SourceText): CelReporter {
  let made: ScalarMap | undefined;
  const spans = () => {
    made ??= scalarMap(source, scalar);
    return made;
  };
  return {
    report: ({ code, range, holes, help, related = [], notes = [], fixes = [] }) =>
      reportFilled(code, spans().span(range.start, range.end), holes, {
        ...(help === undefined ? {} : { help }),
        related: related.map((each) => ({ span: spans().span(each.range.start, each.range.end), label: each.label })),
        notes,
        fixes: fixes.map((fix) => placed(fix, scalar, spans())),
      }),
  };
}

/** The fix in the file: edit by edit where the scalar's style can hold the new text, else the whole scalar anew. */
function placed({ title, edits, certain }: CelFix, scalar: ScalarNode, spans: ScalarMap): Fix {
  const written = edits.map((edit) => inStyle(edit, scalar, spans));
  const whole = written.every((edit) => edit !== undefined) ? written : [rewritten(edits, scalar)];
  return { title, certain, edits: whole };
}

function inStyle({ range, newText }: CelEdit, { style, text }: ScalarNode, spans: ScalarMap): TextEdit | undefined {
  const span = spans.span(range.start, range.end);
  if (newText.includes('\n')) return undefined;
  switch (style) {
    case 'single':
      return { span, newText: newText.replaceAll("'", "''") };
    case 'double':
      return { span, newText: JSON.stringify(newText).slice(1, -1) };
    case 'literal':
    case 'folded':
      return { span, newText };
    default: {
      const after = text.slice(0, range.start) + newText + text.slice(range.end);
      return isPlain(after) ? { span, newText } : undefined;
    }
  }
}

/** Whether a plain scalar can hold the text (YAML 1.2.2, section 7.3.3; in flow collections too). */
export function isPlain(text: string): boolean {
  return /^[A-Za-z0-9_(]/.test(text) && !/: |:$| #|[[\]{},\n\t]|\s$/.test(text);
}

function rewritten(edits: readonly CelEdit[], { span, text }: ScalarNode): TextEdit {
  let after = text;
  for (const { range, newText } of [...edits].sort((left, right) => right.range.start - left.range.start)) {
    after = after.slice(0, range.start) + newText + after.slice(range.end);
  }
  return { span, newText: JSON.stringify(after) };
}
