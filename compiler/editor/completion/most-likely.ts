import type { Offer } from './offer.ts';

/** So many offers are handed over: of more nobody reads on, and writing them takes longer than asking again. */
const most = 250;

/** The offers that go with what is typed, where they are many; else all of them, since editors choose on their own. */
export function mostLikely(
  offers: readonly Offer[],
  typed: string,
): { readonly offers: readonly Offer[]; readonly isIncomplete: boolean } {
  if (offers.length <= most) return { offers, isIncomplete: false };
  const wanted = typed.toLowerCase();
  const ranks: Offer[][] = [[], [], [], []];
  for (const offer of offers) {
    const rank = rankOf(offer.filterText ?? offer.label, wanted);
    if (rank !== undefined) ranks[rank]!.push(offer);
  }
  // Letters that only stand somewhere in it are a guess.
  const likely = ranks.slice(0, 3).flat();
  return { offers: (likely.length > 0 ? likely : ranks[3]!).slice(0, most), isIncomplete: true };
}

/** 0 where the text begins so, 1 where a word of it does, 2 where it has it, 3 where it has the letters in that order. */
function rankOf(text: string, wanted: string): number | undefined {
  const lower = text.toLowerCase();
  const at = lower.indexOf(wanted);
  if (at >= 0) return at === 0 ? 0 : /[a-z0-9]/.test(lower[at - 1]!) ? 2 : 1;
  let found = 0;
  for (let index = 0; index < lower.length && found < wanted.length; index += 1) {
    if (lower[index] === wanted[found]) found += 1;
  }
  return found === wanted.length ? 3 : undefined;
}
