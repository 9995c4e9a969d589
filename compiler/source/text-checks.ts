import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { SourceText } from './text.ts';

/**
 * Characters that no policy may hold: control characters (YAML 1.2.2, section 5.1), lone surrogates, carriage returns
 * that end no line, and the bidirectional controls of Unicode (UAX 9, section 2). A byte order mark may begin the text.
 */
const refused =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\0-\x08\v\f\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|(?<!^)\ufeff|\r(?!\n)|\p{Surrogate}/u;

/** The first character that makes the text unfit to be read, if there is one. */
export function checkCharacters(source: SourceText): Diagnostic | undefined {
  const { text } = source;
  if (isUsual(text)) return undefined;
  const at = text.search(refused);
  if (at === -1) return undefined;
  const code = source.text.charCodeAt(at);
  const span = { file: source.path, start: at, end: at + 1 };
  if (code === 0x0d) {
    const fix = { title: 'Use a line feed', edits: [{ span, newText: '\n' }], certain: false };
    return report('POL1005', span, {}, { fixes: [fix] });
  }
  const hexadecimal = code.toString(16).toUpperCase().padStart(4, '0');
  const values = { character: `U+${hexadecimal}`, escape: `\\u${hexadecimal}` };
  const directional = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const fixes = [{ title: 'Delete the character', edits: [{ span, newText: '' }], certain: false }];
  return report(directional ? 'POL1004' : 'POL1003', span, values, { fixes });
}

/** Whether there are printable ASCII and line feeds alone, as in most policies. */
function isUsual(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x0a) || code > 0x7e) return false;
  }
  return true;
}
