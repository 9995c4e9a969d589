const STAR = 42;
const QUESTION = 63;

/** Whether `pattern` holds a wildcard at all. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/**
 * Whether the whole of `text` matches `pattern`: `*` stands for any characters, none included, `?` for exactly one
 * character (a surrogate pair is one). Every other character, `[` and `\` included, stands for itself.
 *
 * A mismatch returns only to the latest `*`: whatever an earlier one could have taken, the latest one can take as well.
 * So the time is at most `text.length` times the longest stretch of the pattern between two `*`, for any pattern.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  return matchesGlobIn(text, 0, text.length, pattern, 0, pattern.length);
}

/** `matchesGlob` on the parts `[textStart, textEnd)` and `[patternStart, patternEnd)`, without copying them. */
export function matchesGlobIn(
  text: string,
  textStart: number,
  textEnd: number,
  pattern: string,
  patternStart: number,
  patternEnd: number,
): boolean {
  let at = textStart;
  let wanted = patternStart;
  let afterStar = -1;
  let starTook = -1;
  while (at < textEnd) {
    const expected = wanted < patternEnd ? pattern.charCodeAt(wanted) : -1;
    if (expected === STAR) {
      wanted += 1;
      if (wanted === patternEnd) return true;
      afterStar = wanted;
      starTook = at;
    } else if (expected === QUESTION) {
      wanted += 1;
      at += characterWidth(text, at, textEnd);
    } else if (expected === text.charCodeAt(at)) {
      wanted += 1;
      at += 1;
    } else if (afterStar !== -1) {
      starTook += characterWidth(text, starTook, textEnd);
      at = starTook;
      wanted = afterStar;
    } else {
      return false;
    }
  }
  while (wanted < patternEnd && pattern.charCodeAt(wanted) === STAR) wanted += 1;
  return wanted === patternEnd;
}

function characterWidth(text: string, at: number, end: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff || at + 1 >= end) return 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
}
