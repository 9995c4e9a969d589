/** UTF-16 code units that mean something in YAML (YAML 1.2.2, chapter 5), and the kinds of them that plain scalars ask for. */

export const LINE_FEED = 0x0a;
export const SPACE = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const SINGLE_QUOTE = 0x27;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const GREATER = 0x3e;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const PIPE = 0x7c;
export const CLOSE_BRACE = 0x7d;

/** A blank, or the end of the text. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === LINE_FEED || Number.isNaN(code);
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isFlowIndicator(code: number): boolean {
  return (
    code === COMMA || code === OPEN_BRACKET || code === CLOSE_BRACKET || code === OPEN_BRACE || code === CLOSE_BRACE
  );
}

/** Letters, digits, what is beyond ASCII, `_`, `/`, `.`, `~`, `$`, `(` and `<`: whatever else may begin a plain scalar is rare in a policy. */
export function beginsPlain(code: number): boolean {
  const letter = code | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    // From `.` and `/` to `9`.
    (code >= 0x2e && code <= 0x39) ||
    code === 0x5f ||
    code === 0x7e ||
    code === 0x24 ||
    code === 0x28 ||
    code === 0x3c ||
    code >= 0xa0
  );
}
