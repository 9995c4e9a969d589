import type { EditorDocument } from '../document.ts';
import type { Place } from '../locate.ts';
import type { Completions, Offer } from './offer.ts';

/** The codes that a comment `# polc: allow …` may name: those of the warnings that are found in the file. */
export function completeSuppression(
  { source, diagnostics, path }: EditorDocument,
  place: Place,
): Completions | undefined {
  const before = source.text.slice(place.span.start, place.offset);
  const match = /^#\s*polc:\s*(allow\s+)?([A-Za-z0-9]*)$/.exec(before);
  if (match === null) return undefined;
  const [, verb, word = ''] = match;
  const messages = new Map(
    diagnostics
      .filter(({ span, severity }) => span.file === path && severity !== 'error')
      .map(({ code, message }) => [code, message]),
  );
  const offers: readonly Offer[] =
    verb === undefined
      ? [
          {
            label: 'allow',
            kind: 'keyword',
            detail: 'silence a finding on the next line',
            newText: 'allow ',
            snippet: `allow \${1:CODE} because \${2:REASON}`,
          },
        ]
      : [...messages].map(([code, message]) => ({
          label: code,
          kind: 'constant',
          newText: `${code} because `,
          snippet: `${code} because \${1:REASON}`,
          detail: message,
        }));
  const start = place.offset - word.length;
  return offers.length === 0
    ? undefined
    : { span: { ...place.span, start, end: place.offset }, offers, isIncomplete: false };
}
