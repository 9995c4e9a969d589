import type { KeyObject } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { readPrivateKey } from './ed25519.ts';

const suffix = '.pem';

/** The file of a private key. */
export function keyPath(folder: string, id: string): string {
  return join(folder, `${id}${suffix}`);
}

/** The ids of the private keys in a folder, sorted; none where there is no folder. */
export function privateKeys(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(suffix))
      .map((name) => name.slice(0, -suffix.length))
      .sort();
  } catch {
    return [];
  }
}

/** Writes a private key to a new file that only its owner reads; an error where there is one. */
export function writePrivateKey(folder: string, id: string, pem: string): Diagnostic | undefined {
  const path = keyPath(folder, id);
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      writeSync(descriptor, pem);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    const span = { file: path, start: 0, end: 0 };
    if (codeOf(error) === 'EEXIST') return report('POL8342', span, { key: id });
    return report('POL8003', span, { path, reason: codeOf(error) });
  }
}

/** Reads a private key. One that others can read is refused, as ssh(1) does: it may be theirs by now. */
export function openPrivateKey(
  folder: string,
  id: string,
): { readonly key: KeyObject } | { readonly diagnostic: Diagnostic } {
  const path = keyPath(folder, id);
  const no = (reason: string, help?: string) => ({
    diagnostic: report(
      'POL8340',
      { file: path, start: 0, end: 0 },
      { path, reason },
      help === undefined ? {} : { help },
    ),
  });
  let pem: string;
  try {
    const descriptor = openSync(path, 'r');
    try {
      // Windows has no such modes.
      if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
        return no('others can read it; take that from them with `chmod 600`, or make a new key');
      }
      pem = readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return no(codeOf(error), 'sign as whoever may read it, or with a key of your own');
    const known = privateKeys(folder);
    const help = known.length === 0 ? {} : { help: `there are ${known.map((each) => `\`${each}\``).join(', ')}` };
    return { diagnostic: report('POL8341', { file: path, start: 0, end: 0 }, { key: id, folder }, help) };
  }
  const key = readPrivateKey(pem);
  return key === undefined ? no('it is no ed25519 key in PEM') : { key };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
