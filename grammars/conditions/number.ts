/** The number that a token says, or why it says none. Underscores may stand between digits: `0xffff_ffff`. */
export type NumberReading =
  | { readonly value: bigint }
  | { readonly value?: undefined; readonly reason: 'leading zero' | 'suffix' | 'digits' };

/**
 * Reads decimal digits, `0x`, `0o` and `0b`. A leading zero is refused: C reads `0755` as octal and YAML 1.2 as decimal.
 */
export function readNumber(text: string): NumberReading {
  if (
    /^(?:0|[1-9][0-9]*(?:_[0-9]+)*|0x[0-9a-f]+(?:_[0-9a-f]+)*|0o[0-7]+(?:_[0-7]+)*|0b[01]+(?:_[01]+)*)$/i.test(text)
  ) {
    return { value: BigInt(text.includes('_') ? text.replaceAll('_', '') : text) };
  }
  if (/^0[0-9]+$/.test(text)) return { reason: 'leading zero' };
  if (/^(?:[0-9]+|0x[0-9a-f]+)(?:u|l|ul|lu|ll|ull|llu)$/i.test(text)) return { reason: 'suffix' };
  return { reason: 'digits' };
}
