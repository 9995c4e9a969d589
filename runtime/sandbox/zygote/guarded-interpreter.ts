import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { landlockRuleset } from '../../../compiler/backends/landlock/ruleset.ts';
import type { Policy } from '../../../compiler/ir/policy.ts';
import { landlockRight } from '../../../compiler/tables/landlock.ts';

/** The rights by which code gets somewhere. */
const writing = ['write_file', 'make_reg', 'make_sym', 'refer', 'remove_file'];

/**
 * Where the policy lets a program write what the interpreter runs when it starts: its binary, its library and the
 * packages beside it. A server starts outside the sandbox, so that what one program left there would be run outside.
 *
 * @param expansions what each path pattern of the policy stands for here
 */
export function writableByPrograms(
  policy: Policy,
  landlockAbi: number,
  expansions: ReadonlyMap<string, readonly string[]>,
  interpreter: string,
): string | undefined {
  const { handledPaths, paths } = landlockRuleset(policy, landlockAbi);
  const code = codeOf(interpreter);
  const bits = writing.map((name) => landlockRight(name)?.bit ?? 0n);
  const guarded = bits.reduce((sum, bit) => sum | bit, 0n);
  if ((handledPaths & (bits[0]! | bits[1]!)) !== (bits[0]! | bits[1]!)) return code.find((path) => !isReadOnly(path));
  const writable = paths
    .filter(({ access }) => (access & guarded) !== 0n)
    .flatMap(({ path, glob }) => (glob ? (expansions.get(path) ?? []) : [path]))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  return code.find((path) => writable.some((each) => isBelow(path, each) || isBelow(each, path)));
}

/** The interpreter by its own name and by the one that links lead to, and what lies beside each of them. */
function codeOf(interpreter: string): readonly string[] {
  const files = [...new Set([interpreter, realpathSync(interpreter)])];
  const places = files.flatMap((file) => {
    const prefix = dirname(dirname(file));
    const folders = ['lib', 'lib64', 'local/lib'].flatMap((name) => pythonFoldersIn(join(prefix, name)));
    return [file, dirname(file), join(prefix, 'pyvenv.cfg'), ...folders, ...folders.flatMap(addedPaths)];
  });
  places.push(...pythonFoldersIn('/etc'));
  return [...new Set(places.filter((path) => existsSync(path)).map((path) => realpathSync(path)))];
}

function pythonFoldersIn(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => /^python3/.test(name))
    .map((name) => join(folder, name));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What the .pth files of a library's packages add to the path of modules (Python's module site). */
function addedPaths(library: string): readonly string[] {
  const folders = [library, join(library, 'site-packages'), join(library, 'dist-packages')];
  return folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => name.endsWith('.pth'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\r?\n/))
      .filter((line) => line.trim() !== '' && !/^(?:#|import[ \t])/.test(line))
      .map((line) => resolve(folder, line.trimEnd())),
  );
}

function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
