import { coreValue } from '../source/core-schema.ts';
import type { Span } from '../source/span.ts';
import type { SourceText } from '../source/text.ts';

/** Texts that may stand without quotes wherever a name may, in block and in flow style. */
const plain = /^[A-Za-z0-9_./](?:[\w./@+*-]| (?=[\w./@+*-]))*$/;

/** YAML 1.1 read these as booleans; other readers of the file still may. */
const oldBooleans = /^(?:y|n|yes|no|on|off)$/i;

/**
 * A name as it is to be written in the place of another: in the same quotes, or in double quotes where it needs some.
 * Undefined where what stands there is a text of several lines.
 */
export function writtenInPlaceOf({ text }: SourceText, { start, end }: Span, name: string): string | undefined {
  const first = text[start];
  if (first === '|' || first === '>' || text.slice(start, end).includes('\n')) return undefined;
  if (first === "'") return `'${name.replaceAll("'", "''")}'`;
  if (first === '"') return JSON.stringify(name);
  return isPlain(name) ? name : JSON.stringify(name);
}

function isPlain(name: string): boolean {
  return plain.test(name) && typeof coreValue(name) === 'string' && !oldBooleans.test(name);
}
