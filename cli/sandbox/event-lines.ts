import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
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

/** Where events go, a line of JSON each. */
export interface EventLines {
  /** Never throws: what cannot be written is counted, and said once. */
  readonly write: (event: object) => void;
  /** Says how many events were lost, where some were. */
  end(): void;
}

/** How long a pipe that is full may keep an event waiting, until one was lost for that; milliseconds. */
const patience = 1000;

/**
 * Writes events as lines of JSON, to the end of a file where one is named.
 *
 * @param write what a line is given to where no file is named
 * @param say is told what is lost; one line
 */
export function eventLines(
  file: string | undefined,
  write: (text: string) => void,
  say: (line: string) => void,
): EventLines | { readonly problem: string } {
  if (file === undefined) return { write: (event) => write(eventLine(event)), end() {} };
  let descriptor: number;
  try {
    descriptor = opened(file);
  } catch (error) {
    return { problem: `cannot write \`${file}\`: ${failureText(error)}` };
  }
  let lost = 0;
  /** The beginning of a line stands there, whose end could not be written. */
  let torn = false;
  /** A reader that was waited for in vain is waited for again when it has read. */
  let waits = patience;
  return {
    write(event) {
      const bytes = Buffer.from(`${torn ? '\n' : ''}${eventLine(event)}`);
      const { done, error } = writeAll(descriptor, bytes, waits);
      if (done > 0) torn = done < bytes.length;
      if (error === undefined) {
        waits = patience;
        return;
      }
      waits = 0;
      lost += 1;
      if (lost === 1) say(`events are lost: cannot write \`${file}\`: ${failureText(error)}`);
    },
    end() {
      if (lost > 0) say(`${lost} ${lost === 1 ? 'event was' : 'events were'} lost, which \`${file}\` lacks`);
      closeSync(descriptor);
    },
  };
}

/** Waits for the reader of a pipe, as a shell does, and for nobody after that: who answers for a program must not be held up. */
function opened(file: string): number {
  const descriptor = openSync(file, 'a');
  if (!fstatSync(descriptor).isFIFO()) return descriptor;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } finally {
    closeSync(descriptor);
  }
}

/** DEL, the controls of ISO 8859, and what turns the direction of a line or breaks it (UAX 9): a terminal obeys them. */
const obeyed = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The same event to whoever reads JSON, and nothing that a terminal does something for. */
export function eventLine(event: object): string {
  const text = JSON.stringify(event).replace(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  milliseconds: number,
): { readonly done: number; readonly error?: unknown } {
  const end = performance.now() + milliseconds;
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!isFull || performance.now() > end) return { done, error };
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
  return { done };
}
