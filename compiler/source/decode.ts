import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { binaryKind } from './binary.ts';
import { byteLimit } from './quotable.ts';
import { type SourceText, sourceText } from './text.ts';
import { checkCharacters } from './text-checks.ts';

/**
 * A decoded file, or why it was refused. `source` is without the byte order mark, so that offsets count from the first
 * character that an editor shows; where the file is refused, it is what a renderer can quote.
 */
export interface DecodedFile {
  readonly source: SourceText;
  /** The file began with a byte order mark, which who writes it again may want to keep. */
  readonly byteOrderMark: boolean;
  readonly diagnostic: Diagnostic | undefined;
}

/** Reads content that may have been decoded already, as an editor's documents are. */
export function decode(path: string, content: Uint8Array | string): DecodedFile {
  if (typeof content !== 'string') return decodeUtf8(path, content);
  if (content.length > byteLimit) {
    const span = { file: path, start: 0, end: 0 };
    const diagnostic = report('POL1002', span, { size: content.length, limit: byteLimit });
    return { source: sourceText(path, ''), byteOrderMark: false, diagnostic };
  }
  const source = sourceText(path, content);
  return { source, byteOrderMark: false, diagnostic: checkCharacters(source) };
}

/** Decodes a file's bytes. Bytes that are not UTF-8, characters that no policy may hold and huge files are refused. */
export function decodeUtf8(path: string, bytes: Uint8Array): DecodedFile {
  if (bytes.length > byteLimit) {
    const span = { file: path, start: 0, end: 0 };
    const diagnostic = report('POL1002', span, { size: bytes.length, limit: byteLimit });
    return { source: sourceText(path, ''), byteOrderMark: false, diagnostic };
  }
  const kind = binaryKind(bytes);
  if (kind !== undefined) {
    const diagnostic = report('POL1006', { file: path, start: 0, end: 0 }, { what: kind.what }, { help: kind.help });
    return { source: sourceText(path, ''), byteOrderMark: false, diagnostic };
  }
  const byteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = byteOrderMark ? bytes.subarray(3) : bytes;
  const bad = invalidOffset(content);
  // With its default `fatal: false` the decoder puts U+FFFD for bad bytes and never throws.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
  const source = sourceText(path, text);
  if (bad === -1) return { source, byteOrderMark, diagnostic: checkCharacters(source) };
  const start = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content.subarray(0, bad)).length;
  const span = { file: path, start, end: Math.min(start + 1, text.length) };
  return { source, byteOrderMark, diagnostic: report('POL1001', span, { found: described(bytes, content, bad) }) };
}

function described(bytes: Uint8Array, content: Uint8Array, bad: number): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return 'it begins like UTF-16';
  }
  const value = content[bad]!.toString(16).toUpperCase().padStart(2, '0');
  return `the byte 0x${value} at offset ${bad + bytes.length - content.length} belongs to no character`;
}

/** The offset of the first byte that is no part of a well-formed sequence (Unicode 15, table 3-7), or -1. */
function invalidOffset(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const length =
      lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length === 0 || at + length > bytes.length) return at;
    const second = bytes[at + 1]!;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return at;
    for (let index = 2; index < length; index += 1) if ((bytes[at + index]! & 0xc0) !== 0x80) return at;
    at += length;
  }
  return -1;
}
