import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The repository; scripts/bench.js says where. */
export const root = process.env.POLC_ROOT ?? '.';

let scratch: string | undefined;

/** A folder for this benchmark's files, removed when its process ends. */
export function scratchFolder(): string {
  if (scratch === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'polc-bench-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    scratch = made;
  }
  return scratch;
}

/** Compiles a helper of bench/native/; undefined, and a line that says so, where the machine cannot. */
export function nativeHelper(name: string, libraries: readonly string[] = []): string | undefined {
  const path = join(scratchFolder(), name);
  const source = join(root, 'bench/native', `${name}.c`);
  try {
    execFileSync('gcc', ['-O2', '-o', path, source, ...libraries.map((library) => `-l${library}`)], { stdio: 'pipe' });
    return path;
  } catch (problem) {
    console.log(`absent: bench/native/${name}.c does not compile here (${firstLine(problem)}); run bench/set-up.sh`);
    return undefined;
  }
}

/** The path of a program, or undefined with a line that says that it is absent. */
export function peerProgram(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    console.log(`absent: ${name} is not installed; run bench/set-up.sh`);
    return undefined;
  }
}

/** Lines of numbers as the helpers print them, one row a round, turned into one list a column. */
export function columns(output: string): number[][] {
  const rows = output
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return rows[0]!.map((_, column) => rows.map((row) => row[column]!));
}

function firstLine(problem: unknown): string {
  const { stderr } = problem instanceof Error && 'stderr' in problem ? problem : { stderr: undefined };
  return String(stderr ?? problem).split('\n')[0]!;
}
