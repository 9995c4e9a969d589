import { isPlain } from '../../expressions/cel/located.ts';
import type { Token } from '../token-at.ts';

/** Plain scalars that YAML 1.2, or a reader of YAML 1.1, takes for something that is no text. */
const notText =
  /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?(?:[0-9][0-9_]*)?\.?[0-9]+(?:[eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F]+)$/i;

/** A text as a YAML scalar: in the quotes that stand there already, else plain where that says the same. */
export function writtenScalar(text: string, style: Token['style']): string {
  if (style === 'single') return `'${text.replaceAll("'", "''")}'`;
  if (style === 'double' || !isPlain(text) || notText.test(text)) return JSON.stringify(text);
  return text;
}

/** What an editor compares typed text with: it takes the quote that was typed for a part of it. */
export function comparedWith(text: string, style: Token['style']): string {
  return style === 'single' ? `'${text}` : style === 'double' ? `"${text}` : text;
}
