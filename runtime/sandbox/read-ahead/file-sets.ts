import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isPattern } from '../../../compiler/backends/landlock/path-grants.ts';
import type { Machine } from '../../../compiler/backends/launcher/plan.ts';
import { matchesGlob } from '../../../compiler/expressions/glob.ts';
import { libraryFolders } from '../allocator.ts';
import { interpreters } from '../interpreters.ts';
import { programAlong } from '../program-along-path.ts';
import { sharedObjectFault } from '../shared-object.ts';
import { linkedLibraries } from './linked-libraries.ts';

/** What the files of a set are looked for with. */
export interface Surroundings {
  /** The program to be started, as it is called. */
  readonly program: string;
  /** The variable PATH. */
  readonly path: string | undefined;
  readonly machine: Machine;
}

/** Which interpreters a set is of. */
const interpretersOf: Readonly<Record<string, { readonly names: readonly string[]; readonly called: RegExp }>> = {
  python: { names: ['python3', 'python'], called: /^python(?:3(?:\.\d+)?)?$/ },
  node: { names: ['node', 'nodejs'], called: /^node(?:js)?$/ },
};

/**
 * The program that a set is about: the one to be started where it is of the set, or else the first along PATH; scripts in an
 * interpreter's place are passed over. Undefined where there is none.
 */
export function programOf(set: string, { program, path, machine }: Surroundings): string | undefined {
  if (set === 'program') return programAlong([program], path, () => true);
  const { names = [], called = /^$/ } = interpretersOf[set] ?? {};
  const first = called.test(basename(program)) ? [program, ...names] : names;
  return programAlong(first, path, (file) =>
    [undefined, 'is no shared object'].includes(sharedObjectFault(file, machine)),
  );
}

/** The files of a set, those first that a start reads first. */
export async function* filesOfSet(set: string, program: string, machine: Machine): AsyncIterable<string> {
  const own = await realpath(program).catch(() => program);
  for (const file of [own, ...interpreters(own)]) {
    yield file;
    yield* await linkedLibraries(file, libraryFolders(machine));
  }
  if (set === 'python') yield* modulesOf(own);
}

/**
 * Those that `python3` imports before anything else: encodings always; the others are parts of the interpreter itself since
 * 3.11. Beside them the most usual of programs' first lines.
 */
const moduleNames = new Set([
  ...['__init__', 'aliases', 'utf_8', 'abc', 'codecs', 'io', 'os', 'stat', 'posixpath', 'genericpath', 'site'],
  ...['_collections_abc', '_sitebuiltins', 'sitecustomize', 'types', 'enum', 're', 'functools', 'collections'],
  ...['operator', 'keyword', 'reprlib', 'contextlib', 'copyreg', 'warnings', 'typing', 'decoder', 'encoder', 'scanner'],
  ...['_parser', '_compiler', '_constants', '_casefix', 'sre_parse', 'sre_compile', 'sre_constants', 'pathlib'],
  ...['fnmatch', 'argparse', 'gettext', 'locale', 'subprocess', 'signal', 'threading', 'selectors', '_weakrefset'],
  ...['datetime', 'random', 'bisect', 'hashlib', 'tempfile', 'shutil', 'traceback', 'linecache', 'tokenize', 'token'],
  ...[
    'inspect',
    'dataclasses',
    'copy',
    'weakref',
    'socket',
    'ssl',
    'base64',
    'struct',
    'string',
    'logging',
    'textwrap',
  ],
]);

async function* modulesOf(interpreter: string): AsyncIterable<string> {
  const prefix = dirname(dirname(interpreter));
  const version = /\d+\.\d+$/.exec(interpreter)?.[0];
  const isLibrary = (name: string) =>
    version === undefined ? /^python3\.\d+$/.test(name) : name === `python${version}`;
  let folder: string | undefined;
  for (const place of ['lib', 'lib64']) {
    const library = (await namesIn(join(prefix, place))).find(isLibrary);
    if (library !== undefined) folder ??= join(prefix, place, library);
  }
  if (folder === undefined) return;
  for (const within of ['encodings', '', 'collections', 're', 'json', 'importlib', 'logging']) {
    const cache = join(folder, within, '__pycache__');
    for (const name of await namesIn(cache)) {
      if (name.endsWith('.pyc') && moduleNames.has(name.slice(0, name.indexOf('.')))) yield join(cache, name);
    }
  }
}

/** What a path of the policy stands for: `*` and `?` within one component, and of a folder all that is beneath it. */
export async function* filesOfPath(path: string): AsyncIterable<string> {
  const walk = async function* (folder: string, [first, ...rest]: readonly string[]): AsyncIterable<string> {
    if (first === undefined) {
      yield* beneath(folder === '' ? '/' : folder);
      return;
    }
    const names = isPattern(first) ? (await namesIn(folder)).filter((name) => matchesGlob(name, first)) : [first];
    for (const name of names) yield* walk(`${folder}/${name}`, rest);
  };
  yield* walk(
    '',
    path.split('/').filter((part) => part !== ''),
  );
}

async function* beneath(path: string): AsyncIterable<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) yield path;
  else if (found?.isDirectory() === true) {
    // Links in a folder are not followed, or it might have no end.
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isFile()) yield join(path, entry.name);
      else if (entry.isDirectory()) yield* beneath(join(path, entry.name));
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder === '' ? '/' : folder).catch(() => [])).sort();
}
