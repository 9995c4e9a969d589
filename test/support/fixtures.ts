import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { updating } from './harness.ts';

const root = join(process.env.POLC_ROOT ?? '.', 'test', 'fixtures');

export interface FixtureCase {
  readonly name: string;
  /** The case's folder. */
  readonly folder: string;
  /** The text of an input file, or undefined where there is none. */
  input(name: string): string | undefined;
  /** Compares with the reviewed file of that name, or rewrites it when asked to. Throws where they differ. */
  expectReviewed(name: string, actual: string | undefined): void;
}

/** The cases of `test/fixtures/<suite>/`, one a folder, by name. */
export function fixtureCases(suite: string): readonly FixtureCase[] {
  const folder = join(root, suite);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => fixtureCase(entry.name, join(folder, entry.name)))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function fixtureCase(name: string, folder: string): FixtureCase {
  const read = (file: string) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined;
  return {
    name,
    folder,
    input: read,
    expectReviewed(file, actual) {
      const expected = read(file);
      if (expected === actual) return;
      if (updating) {
        mkdirSync(folder, { recursive: true });
        if (actual === undefined) rmSync(join(folder, file));
        else writeFileSync(join(folder, file), actual);
        return;
      }
      throw new Error(
        `${name}/${file} differs from what was reviewed (rewrite with \`npm test -- --update\`)\n${difference(expected ?? '', actual ?? '')}`,
      );
    },
  };
}

/** The first lines that differ, with a little of what is around them. */
function difference(expected: string, actual: string): string {
  const left = expected.split('\n');
  const right = actual.split('\n');
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at += 1;
  const show = (mark: string, lines: readonly string[]) => lines.slice(at, at + 8).map((line) => `${mark} ${line}`);
  return [`at line ${at + 1}:`, ...show('-', left), ...show('+', right)].join('\n');
}
