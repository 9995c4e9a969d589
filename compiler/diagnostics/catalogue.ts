import type { Code } from './catalogue/index.ts';
import type { CatalogueEntry } from './entry.ts';
import type * as Messages from './messages.ts';

/** The part of an entry that a finding consists of. */
export type Message = Pick<CatalogueEntry, 'severity' | 'message' | 'help'>;

/** Loaded with the first finding: most policies have none. */
const texts = (): string => {
  const { messages }: typeof Messages = require('./messages.ts');
  return messages;
};

/** Those that were asked for. */
const found = new Map<Code, Message>();

/** The severity, message and help of a code. The explanation and the examples are in `catalogue/index.ts`. */
export function messageOf(code: Code): Message {
  const known = found.get(code);
  if (known !== undefined) return known;
  const message = findMessage(code);
  found.set(code, message);
  return message;
}

function findMessage(code: Code): Message {
  const text = texts();
  const start = text.indexOf(`\n${code}\t`) + code.length + 2;
  const [severity, message = '', help = ''] = text.slice(start, text.indexOf('\n', start)).split('\t');
  return { severity: severity === 'error' || severity === 'warning' ? severity : 'hint', message, help };
}

/** Whether a word is a code as it is written in the catalogue. */
export function isCode(word: string): word is Code {
  return /^POL\d+$/.test(word) && texts().includes(`\n${word}\t`);
}

/** All codes. */
export function codes(): readonly string[] {
  return texts()
    .slice(1, -1)
    .split('\n')
    .map((line) => line.slice(0, line.indexOf('\t')));
}
