import { binaryKind } from './binary.ts';
import { type SourceText, sourceText } from './text.ts';

/** Longer files are refused, in bytes. */
export const byteLimit = 4 * 1024 * 1024;

/**
 * A file as a renderer quotes it, with the offsets that its diagnostics have: without a byte order mark, U+FFFD for bytes
 * that are not UTF-8, empty where it is so long that it was refused, or is an object or a module, of which no line is
 * worth showing. Apart from `decode`, since quoting needs no catalogue.
 */
export function quotableSource(path: string, content: Uint8Array | string): SourceText {
  if (content.length > byteLimit) return sourceText(path, '');
  if (typeof content === 'string') return sourceText(path, content);
  return sourceText(path, binaryKind(content) === undefined ? new TextDecoder().decode(content) : '');
}
