import type { CompileStep } from '../compiler/compile.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import type { EditorDocument } from '../compiler/editor/document.ts';
import { movedFindings } from '../compiler/editor/moved-findings.ts';
import type { SourceText } from '../compiler/source/text.ts';
import type { Result } from './compiler.ts';
import type { Work } from './schedule.ts';

/** Milliseconds after which messages are read before the next step. */
const slice = 8;
/**
 * In texts of more lines, what the dialect finds is shown as soon as it is found: a slip of the hand is there. What the
 * backends say comes after it, and until then stands as they said it of the version before.
 */
const longText = 1000;

/** What backends found last in a long text. */
export interface FoundLate {
  readonly source: SourceText;
  readonly findings: readonly Diagnostic[];
}

export interface Job {
  readonly document: EditorDocument;
  readonly steps: Generator<CompileStep, Result>;
  /** What was found late in the version before. */
  readonly before: FoundLate | undefined;
  now(): number;
  /** Told at most once, of a long text; gives whether they are shown. */
  soFar(findings: readonly Diagnostic[]): boolean;
  /** @param isNews false where nothing is found that was not told before */
  done(result: Result, late: FoundLate | undefined, isNews: boolean): void;
}

/** The work of compiling a document, in slices. */
export function compileJob({ document: { source }, steps, before, now, soFar, done }: Job): Work {
  const isLong = source.lineStarts.length > longText;
  let early: readonly Diagnostic[] | undefined;
  let shown: readonly Diagnostic[] | undefined;
  return () => {
    const end = now() + slice;
    do {
      const step = steps.next();
      if (step.done === true) {
        const { diagnostics } = step.value.document;
        const late = early === undefined ? undefined : { source, findings: without(diagnostics, early) };
        done(step.value, late, shown === undefined || !areSame(shown, diagnostics));
        return true;
      }
      if (isLong && step.value.after === 'lower') {
        early = step.value.findings();
        const kept = before === undefined ? [] : movedFindings(before.findings, before.source, source);
        const soon = inOrder([...early, ...kept], source);
        if (soFar(soon)) shown = soon;
        return false;
      }
    } while (now() < end);
    return false;
  };
}

function without(all: readonly Diagnostic[], some: readonly Diagnostic[]): readonly Diagnostic[] {
  const left = new Set(some);
  return all.filter((each) => !left.has(each));
}

/** Those of the file itself by their place, before those of others. */
function inOrder(findings: readonly Diagnostic[], { path }: SourceText): readonly Diagnostic[] {
  const rank = ({ span }: Diagnostic) => (span.file === path ? 0 : 1);
  return [...findings].sort((left, right) => rank(left) - rank(right) || left.span.start - right.span.start);
}

function areSame(left: readonly Diagnostic[], right: readonly Diagnostic[]): boolean {
  return left.length === right.length && left.every((each, at) => isSame(each, right[at]!));
}

function isSame(left: Diagnostic, right: Diagnostic): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
