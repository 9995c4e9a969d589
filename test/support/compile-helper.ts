import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from './debian-packages.ts';

/**
 * Compiles a C file of test/support and returns the program's path; undefined with the reason on a machine that lacks
 * the compiler or a library. The folder is removed when the test process ends.
 */
export function compileHelper(file: string, libraries: readonly string[]): { path?: string; reason?: string } {
  const folder = mkdtempSync(join(tmpdir(), 'polc-helper-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, file.replace(/\.c$/, ''));
  const source = join(process.env.POLC_ROOT ?? '.', 'test/support', file);
  try {
    execFileSync('gcc', ['-O1', '-o', path, source, ...libraries.map((library) => `-l${library}`)], { stdio: 'pipe' });
    return { path };
  } catch (problem) {
    return { reason: `${file} cannot be compiled: ${String(problem).split('\n')[0]}` };
  }
}

/** The compiler that makes programs for each architecture of virtual machines. */
const compilers = { x86_64: 'gcc', aarch64: 'aarch64-linux-gnu-gcc' } as const;

/** Why no such program can be made for an architecture here; undefined where one can. */
export function noStaticHelper(architecture: keyof typeof compilers): string | undefined {
  return hasProgram(compilers[architecture]) ? undefined : `${compilers[architecture]} is not installed`;
}

/** The bytes of the program of a C file of test/support that needs nothing beside it. */
export function staticHelper(file: string, architecture: keyof typeof compilers = 'x86_64'): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'polc-helper-'));
  try {
    const source = join(process.env.POLC_ROOT ?? '.', 'test/support', file);
    execFileSync(compilers[architecture], ['-O1', '-static', '-o', join(folder, 'program'), source], { stdio: 'pipe' });
    return readFileSync(join(folder, 'program'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
