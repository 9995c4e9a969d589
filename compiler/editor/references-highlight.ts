import type { Span } from '../source/span.ts';
import type { EditorDocument } from './document.ts';
import { locate } from './locate.ts';
import { alternativesOf } from './narrow.ts';
import { usesOf } from './references.ts';
import { walkDescribed } from './walk-described.ts';
import type { Workspace } from './workspace.ts';

/** A place in the document that speaks of what is under the cursor. */
export interface Highlight {
  readonly span: Span;
  /** `write` where the name is given. */
  readonly kind: 'read' | 'write';
}

/**
 * Every place in the document that speaks of what is under the cursor: a name that a policy gives, or a name that the
 * dialect knows, such as a syscall or a region.
 */
export function highlightsOf(document: EditorDocument, offset: number, workspace: Workspace): readonly Highlight[] {
  const uses = usesOf(document, offset, workspace).filter(({ span }) => span.file === document.path);
  if (uses.length > 0) return uses.map(({ says, span }) => ({ span, kind: says === 'declares' ? 'write' : 'read' }));
  const { at, scalar, description } = locate(document, offset);
  const nouns = nounsOf(description);
  if (at !== 'value' || scalar === undefined || nouns.size === 0) return [];
  const found: Highlight[] = [];
  walkDescribed(document, {
    scalar: (other, described) => {
      if (other.text !== scalar.text || ![...nounsOf(described)].some((noun) => nouns.has(noun))) return;
      found.push({ span: other.span, kind: 'read' });
    },
  });
  return found;
}

/** What the names that may stand there are called: `a syscall or a @group`. */
function nounsOf(description: Parameters<typeof alternativesOf>[0]): ReadonlySet<string> {
  return new Set(alternativesOf(description).flatMap((each) => (each.kind === 'enumeration' ? [each.noun] : [])));
}
