import { nearest } from '../diagnostics/suggest.ts';

/** One of a few names that another word probably stands for. */
export interface MeantName {
  readonly name: string;
  /** Whether it is the same word misspelt, and not just one of the same meaning. */
  readonly certain: boolean;
}

/** A name counts as the beginning of a longer word from this length on: `mon` of `monday`. */
const beginningLength = 3;

/**
 * The name that `word` was probably meant to be: the one that `synonyms` gives for it, the nearest one, or else the only
 * one of which it is a part (`role` of `iam_role`), that is a part of it (`cost_anomaly`), or with which it begins.
 *
 * @param synonyms other words of the same meaning, in small letters, words joined with `-`
 */
export function meantName(
  word: string,
  names: readonly string[],
  synonyms: Readonly<Record<string, string>> = {},
): MeantName | undefined {
  const written = folded(word);
  const synonym = Object.hasOwn(synonyms, written) ? synonyms[written] : undefined;
  if (synonym !== undefined) return { name: synonym, certain: false };
  const near = nearest(word, names);
  if (near !== undefined) {
    const begun = names.filter((name) => folded(name).startsWith(written));
    return begun.length > 1 && near.length > written.length + 1 ? undefined : { name: near, certain: true };
  }
  if (written.length < beginningLength) return undefined;
  for (const fits of [
    (name: string) => hasPart(name, written) || hasPart(written, name),
    (name: string) => name.length >= beginningLength && written.startsWith(name),
  ]) {
    const found = names.filter((name) => fits(folded(name)));
    if (found.length > 0) return found.length === 1 ? { name: found[0]!, certain: false } : undefined;
  }
  return undefined;
}

/** Whether whole words of `text` are `part`. */
function hasPart(text: string, part: string): boolean {
  return `-${text}-`.includes(`-${part}-`);
}

/** In small letters, what stands between words as `-`. */
function folded(word: string): string {
  return word.toLowerCase().replace(/[_ :/]+/g, '-');
}
