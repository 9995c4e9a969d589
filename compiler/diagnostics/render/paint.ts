import type { Severity } from '../diagnostic.ts';

export type Style = Severity | 'gutter' | 'related' | 'strong' | 'plain';

/** Puts a text into a style; without colour it is the text itself. */
export type Paint = (style: Style, text: string) => string;

/** Select Graphic Rendition parameters (ECMA-48 8.3.117): only the eight basic colours, which every theme maps. */
const parameters: Readonly<Record<Style, string>> = {
  error: '1;31',
  warning: '1;33',
  hint: '1;36',
  gutter: '1;34',
  related: '1;34',
  strong: '1',
  plain: '',
};

export function painter(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) =>
    style === 'plain' || text.trim() === '' ? text : `\u001b[${parameters[style]}m${text}\u001b[0m`;
}
