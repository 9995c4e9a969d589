import { openSync, writeSync } from 'node:fs';
import { failureText } from '../failure.ts';
import type { OptionTable } from '../options.ts';

/** The option of verbs that give what programs record. */
export const eventsOption = {
  events: {
    type: 'text',
    value: 'FILE',
    doc: 'where to append what programs at hooks record, a line of JSON each',
    completes: 'files',
  },
} as const satisfies OptionTable;

/** Writes events as lines of JSON, to the end of a file where one is named. */
export function eventLines(
  file: string | undefined,
  write: (text: string) => void,
): { readonly write: (event: object) => void } | { readonly problem: string } {
  if (file === undefined) return { write: (event) => write(`${JSON.stringify(event)}\n`) };
  try {
    const descriptor = openSync(file, 'a');
    return { write: (event) => writeSync(descriptor, `${JSON.stringify(event)}\n`) };
  } catch (error) {
    return { problem: `cannot write \`${file}\`: ${failureText(error)}` };
  }
}
