import type { Span } from '../source/span.ts';
import { positionAt, type SourceText } from '../source/text.ts';
import type { Code } from './catalogue/index.ts';
import { codes, isCode, messageOf } from './catalogue.ts';
import type { Diagnostic } from './diagnostic.ts';
import { report } from './report.ts';
import { nearest } from './suggest.ts';
import { type Allowance, readSuppression } from './suppression.ts';

/** A comment of the source; the span covers it as written. */
export interface SuppressingComment {
  readonly span: Span;
  readonly text: string;
}

/** A diagnostic that a comment silenced, and why. */
export interface Suppressed {
  readonly diagnostic: Diagnostic;
  readonly reason: string;
  /** The comment. */
  readonly by: Span;
}

export interface SuppressionResult {
  readonly kept: readonly Diagnostic[];
  readonly suppressed: readonly Suppressed[];
  /** What is wrong with the comments themselves. */
  readonly added: readonly Diagnostic[];
}

/**
 * Takes out the diagnostics that `# polc: allow CODE until DATE because REASON` comments silence: those whose span starts
 * on the comment's line, or, where the comment stands alone, on the next line that is not a comment.
 * `today` is `YYYY-MM-DD`; without it no suppression has ended (the compiler has no clock).
 */
export function suppress(
  diagnostics: readonly Diagnostic[],
  comments: readonly SuppressingComment[],
  sources: ReadonlyMap<string, SourceText>,
  today?: string,
): SuppressionResult {
  const added: Diagnostic[] = [];
  const active: { readonly allowance: Allowance; used: boolean }[] = [];
  /** By what they silence. */
  const silencing = new Map<string, (typeof active)[number]>();
  for (const comment of comments) {
    const source = sources.get(comment.span.file);
    if (source === undefined) continue;
    const reading = readSuppression(source.text.slice(comment.span.start, comment.span.end), comment.span);
    if (reading === undefined) continue;
    if (reading.problem !== undefined) {
      added.push(report('POL5094', comment.span, { reason: reading.problem }));
      continue;
    }
    const line = lineSpokenOf(source, comment.span);
    for (const allowance of reading.allowances) {
      const problem = refusal(allowance, today);
      if (problem !== undefined) {
        added.push(problem);
        continue;
      }
      const each = { allowance, used: false };
      active.push(each);
      const silenced = `${allowance.code} ${line} ${source.path}`;
      if (!silencing.has(silenced)) silencing.set(silenced, each);
    }
  }
  if (active.length === 0) return { kept: diagnostics, suppressed: [], added };

  const kept: Diagnostic[] = [];
  const suppressed: Suppressed[] = [];
  for (const diagnostic of diagnostics) {
    const source = sources.get(diagnostic.span.file);
    const line = source === undefined ? -1 : positionAt(source, diagnostic.span.start).line;
    const match = silencing.get(`${diagnostic.code} ${line} ${diagnostic.span.file}`);
    if (match === undefined) kept.push(diagnostic);
    else {
      match.used = true;
      suppressed.push({ diagnostic, reason: match.allowance.reason ?? '', by: match.allowance.comment });
    }
  }
  for (const { allowance, used } of active) {
    if (!used) added.push(report('POL5093', allowance.codeSpan, { code: allowance.code }));
  }
  return { kept, suppressed, added };
}

/** Why an allowance silences nothing. */
function refusal(allowance: Allowance, today: string | undefined): Diagnostic | undefined {
  const { code, codeSpan, comment, until, reason } = allowance;
  if (!isCode(code)) {
    const near = nearest(code, codes());
    if (near === undefined) return report('POL5092', codeSpan, { code });
    return report(
      'POL5092',
      codeSpan,
      { code },
      {
        help: `a code with a similar name exists: \`${near}\``,
        fixes: [{ title: `replace with \`${near}\``, certain: false, edits: [{ span: codeSpan, newText: near }] }],
      },
    );
  }
  if (!isSuppressible(code)) return report('POL5095', codeSpan, { code });
  if (reason === undefined) return report('POL5090', comment, { code });
  // ISO dates order as text does.
  if (until !== undefined && today !== undefined && until.date < today) {
    return report('POL5091', until.span, { code, date: until.date });
  }
  return undefined;
}

/** A comment can silence a warning or a hint. An error means that the policy has no meaning to enforce. */
export function isSuppressible(code: Code): boolean {
  return messageOf(code).severity !== 'error' && !/^POL[189]/.test(code) && !/^POL509/.test(code);
}

/** The comment's own line when something stands before it, else the next line that holds more than a comment. */
function lineSpokenOf(source: SourceText, comment: Span): number {
  const { line } = positionAt(source, comment.start);
  if (source.text.slice(source.lineStarts[line], comment.start).replace('#', '').trim() !== '') return line;
  for (let next = line + 1; next < source.lineStarts.length; next++) {
    const text = source.text.slice(source.lineStarts[next], source.lineStarts[next + 1]).trimStart();
    if (text !== '' && !text.startsWith('#')) return next;
  }
  return line;
}
