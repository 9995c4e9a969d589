import type { Location, Range } from 'vscode-languageserver';
import type { Span } from '../compiler/source/span.ts';
import { rangeOf } from './positions.ts';
import type { Session } from './session.ts';

/** A place in any file in the protocol's terms; undefined where the file cannot be read any more. */
export function locationOf(span: Span, session: Session): Location | undefined {
  const range = rangeIn(span, session);
  return range === undefined ? undefined : { uri: session.uriOf(span.file), range };
}

/** The range of a span in whatever file it is of. The start of a file is there even where that is no policy. */
export function rangeIn(span: Span, session: Session): Range | undefined {
  if (span.end === 0) return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const source = session.sourceOf(span.file);
  return source === undefined ? undefined : rangeOf(source, span);
}
