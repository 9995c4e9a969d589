import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True when `#include <header>` compiles here. */
export function canCompile(header: string): boolean {
  const done = spawnSync('gcc', ['-fsyntax-only', '-x', 'c', '-'], { input: `#include <${header}>\n` });
  return done.status === 0;
}

/** Compiles a C program in a folder of its own, calls `use` with its path and removes the folder. */
export function withCProgram<Result>(
  source: string,
  flags: readonly string[],
  use: (program: string) => Result,
): Result {
  const folder = mkdtempSync(join(tmpdir(), 'polc-tables-'));
  try {
    const file = join(folder, 'program.c');
    writeFileSync(file, source);
    const program = join(folder, 'program');
    execFileSync('gcc', ['-w', '-o', program, file, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
    return use(program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
