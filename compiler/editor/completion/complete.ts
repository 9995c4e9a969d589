import { isHookProgram } from '../../hook-programs/file-name.ts';
import type { EditorDocument } from '../document.ts';
import { embeddedAt } from '../expressions/embedded.ts';
import { completeHookProgram } from '../hook-programs/complete.ts';
import { lineStartAt } from '../line-start.ts';
import { locate, type Place } from '../locate.ts';
import type { Workspace } from '../workspace.ts';
import { completeArgumentRule } from './argument-rule.ts';
import { completeCel } from './cel.ts';
import { mostLikely } from './most-likely.ts';
import { newPolicyOffers } from './new-policy.ts';
import type { Completions, Offer, Writing } from './offer.ts';
import { type Question, structureOffers } from './structure.ts';
import { completeSuppression } from './suppression.ts';
import { comparedWith } from './written-scalar.ts';

/**
 * What may be written at an offset, in a document however broken. Asks the text and the tree only; of the last sound
 * compilation it takes the names of rules.
 */
export function completeAt(
  document: EditorDocument,
  offset: number,
  workspace: Workspace,
  writing: Writing,
): Completions | undefined {
  const found = isHookProgram(document.path)
    ? completeHookProgram(document, offset)
    : completionsAt(document, offset, workspace, writing);
  if (found === undefined || found.offers.length === 0) return undefined;
  // A quote that is left open goes on over lines, of which an editor can replace one only.
  return found.span.start <= offset && offset <= found.span.end ? found : undefined;
}

function completionsAt(
  document: EditorDocument,
  offset: number,
  workspace: Workspace,
  writing: Writing,
): Completions | undefined {
  const place = locate(document, offset);
  if (place.at === 'comment') return completeSuppression(document, place);
  const asked = questionOf(document, place, workspace, writing);
  if (document.role !== 'configuration' && document.dialect === undefined)
    return finished(asked, newPolicyOffers(asked));
  const embedded = place.at === 'value' ? embeddedAt(document, place) : undefined;
  if (embedded !== undefined && !(embedded.text === '' && place.style === 'nothing')) {
    return embedded.language === 'cel' ? completeCel(document, place, embedded) : completeArgumentRule(place, embedded);
  }
  if (place.style === 'block') return undefined;
  const inside =
    embedded === undefined
      ? undefined
      : embedded.language === 'cel'
        ? completeCel(document, place, embedded)
        : completeArgumentRule(place, embedded);
  return finished(asked, [...structureOffers(asked), ...(inside?.offers ?? [])], inside?.isIncomplete === true);
}

function questionOf(document: EditorDocument, place: Place, workspace: Workspace, writing: Writing): Question {
  const { text } = document.source;
  const { span, style, offset } = place;
  const start = span.start + (style === 'single' || style === 'double' ? 1 : 0);
  return {
    document,
    place,
    workspace,
    writing,
    typed: text.slice(start, Math.max(start, offset)),
    column: span.start - lineStartAt(text, span.start),
  };
}

function finished(
  { document, place, typed }: Question,
  all: readonly Offer[],
  isOpen = false,
): Completions | undefined {
  const { offers, isIncomplete } = mostLikely(withoutRepetition(all), comparedWith(typed, place.style));
  // Behind a service come its actions, and behind another digit other sizes.
  const goesOn = isOpen || all.some(({ isWhole }) => isWhole === false) || /^[0-9]/.test(typed);
  const newline = newlineOf(document);
  return {
    span: place.span,
    isIncomplete: isIncomplete || goesOn,
    offers: newline === '\n' ? offers : offers.map((offer) => withNewline(offer, newline)),
  };
}

function withoutRepetition(offers: readonly Offer[]): readonly Offer[] {
  const seen = new Set<string>();
  return offers.filter(({ label, newText }) => {
    const key = `${label}\n${newText}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The line ending of a file: that of its first line. */
function newlineOf({ source: { text } }: EditorDocument): string {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}

function withNewline(offer: Offer, newline: string): Offer {
  const { newText, snippet } = offer;
  if (!newText.includes('\n') && snippet?.includes('\n') !== true) return offer;
  return {
    ...offer,
    newText: newText.replaceAll('\n', newline),
    ...(snippet === undefined ? {} : { snippet: snippet.replaceAll('\n', newline) }),
  };
}
