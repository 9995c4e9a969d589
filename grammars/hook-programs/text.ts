import type { TextRange } from '../conditions/tree.ts';

/** What a text in quotes means, or the place of what is wrong in it, from the beginning of the token. */
export type TextReading =
  | { readonly value: string }
  | { readonly value?: undefined; readonly reason: 'open' | 'escape'; readonly range: TextRange };

const plain: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t' };

/**
 * Resolves the escapes of a text: `\"`, `\\`, `\n`, `\t` and `\xHH` for an ASCII character but NUL.
 *
 * @param image the token with its quotes
 */
export function readText(image: string): TextReading {
  let value = '';
  for (let at = 1; at < image.length; at += 1) {
    const character = image[at]!;
    if (character === '"') return { value };
    if (character !== '\\') {
      value += character;
      continue;
    }
    const next = image[at + 1] ?? '';
    const hexadecimal = next === 'x' ? /^(?!00)[0-7][0-9A-Fa-f]/.exec(image.slice(at + 2))?.[0] : undefined;
    if (hexadecimal !== undefined) {
      value += String.fromCharCode(Number.parseInt(hexadecimal, 16));
      at += 3;
    } else if (plain[next] !== undefined) {
      value += plain[next];
      at += 1;
    } else {
      return { reason: 'escape', range: { start: at, end: Math.min(at + 2, image.length) } };
    }
  }
  return { reason: 'open', range: { start: 0, end: image.length } };
}

/** A text in quotes that means `value`. */
export function quoteText(value: string): string {
  const escaped = value.replace(/["\\\n\t]|[^\P{Cc}\n\t]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.charCodeAt(0);
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  });
  return `"${escaped}"`;
}
