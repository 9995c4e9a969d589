import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** The first executable file that execvp(3) would find for one of the names, and that `fits`. */
export function programAlong(
  names: readonly string[],
  path: string | undefined,
  fits: (file: string) => boolean,
): string | undefined {
  return names
    .filter((name) => name !== '')
    .flatMap((name) => (name.includes('/') ? [name] : placesOf(name, path)))
    .find((place) => isProgram(place) && fits(place));
}

function placesOf(name: string, path = '/bin:/usr/bin'): readonly string[] {
  return path.split(':').map((folder) => join(folder === '' ? '.' : folder, name));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
