import { fstatSync, writeSync } from 'node:fs';

/** Where a command's words go. Tests give their own. */
export interface Terminal {
  /** The command's result, to standard output. */
  write(text: string): void;
  /** Messages, to standard error. */
  writeError(text: string): void;
  /** A line on standard error that the next one replaces; nothing unless that is a terminal. Empty text clears it. */
  progress(text: string): void;
  /** Whether escape sequences are wanted on standard output and on standard error. */
  readonly color: { readonly output: boolean; readonly error: boolean };
  /** Columns of the terminal; 200 where there is none. */
  readonly width: number;
  /** Why a part of the result is lost, such as a full disk; undefined where none is, or its reader has gone away. */
  readonly lost?: unknown;
}

const withoutTerminal = 200;

/**
 * The process's own streams, written with write(2) at once: `process.stdout` costs milliseconds to set up and is
 * needed only to ask a real terminal for its width. A reader that has gone away (EPIPE) ends the output, not the command;
 * what else goes wrong is kept, so that nobody takes half a file for a whole one.
 */
export function processTerminal(env: Readonly<Record<string, string | undefined>> = process.env): Terminal {
  const closed = new Set<number>();
  const isTerminal = [1, 2].map((descriptor) => seemsTerminal(descriptor));
  const [output = false, error = false] = isTerminal;
  let progressing = false;
  let lost: unknown;
  const put = (descriptor: number, text: string) => {
    if (text === '' || closed.has(descriptor)) return;
    try {
      writeWhole(descriptor, text);
    } catch (error) {
      closed.add(descriptor);
      if (descriptor === 1 && !unread.includes(errorCode(error))) lost = error;
    }
  };
  const clear = () => {
    if (progressing) put(2, '\r\u001b[K');
    progressing = false;
  };
  return {
    write(text) {
      clear();
      put(1, text);
    },
    writeError(text) {
      clear();
      put(2, text);
    },
    progress(text) {
      if (!error || env.TERM === 'dumb') return;
      clear();
      put(2, text);
      progressing = text !== '';
    },
    get lost() {
      return lost;
    },
    color: { output: wantsColor(env, output), error: wantsColor(env, error) },
    get width() {
      const columns = output ? process.stdout.columns : error ? process.stderr.columns : undefined;
      return columns === undefined || columns < 20 ? withoutTerminal : columns;
    },
  };
}

/** FORCE_COLOR decides where it is set (`0` and `false` are no), then NO_COLOR (no-color.org), then the terminal. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: kind } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal && kind !== 'dumb';
}

/** Linux's device 1:3 (Documentation/admin-guide/devices.txt): major << 8 | minor. */
const nullDevice = 0x103;

/** A character device, /dev/null excepted, without loading Node's tty module for it. */
function seemsTerminal(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    if (!status.isCharacterDevice() || (process.platform === 'linux' && status.rdev === nullDevice)) return false;
    return descriptor === 1 ? process.stdout.isTTY === true : process.stderr.isTTY === true;
  } catch {
    // A closed descriptor (EBADF) is no terminal.
    return false;
  }
}

/** What write(2) says where the reader has gone away or the descriptor is closed. */
const unread: readonly (string | undefined)[] = ['EPIPE', 'EBADF'];

/** @throws what write(2) says */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      // A full pipe that someone made non-blocking: wait a moment for its reader.
      if (errorCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
