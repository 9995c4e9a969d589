import { readFileSync } from 'node:fs';
import { failureText } from '../failure.ts';

/** A file's bytes, or those of standard input for `-`; the reason where they cannot be read. */
export function readFileOrInput(path: string): { readonly bytes: Uint8Array } | { readonly problem: string } {
  try {
    return { bytes: readFileSync(path === '-' ? 0 : path) };
  } catch (error) {
    const name = path === '-' ? 'standard input' : `\`${path}\``;
    return { problem: `cannot read ${name}: ${failureText(error)}` };
  }
}
