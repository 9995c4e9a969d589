import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { landlockRuleset } from '../../compiler/backends/landlock/ruleset.ts';
import type { Machine } from '../../compiler/backends/launcher/plan.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { landlockRight } from '../../compiler/tables/landlock.ts';
import { interpreters } from './interpreters.ts';
import type { LocalMachine } from './machine.ts';
import { sharedObjectFault } from './shared-object.ts';

/** What `performance.memory_allocator` means on this machine. */
export interface Allocator {
  /** The absolute path of the library to preload; absent where the policy asks for none. */
  readonly library?: string;
  /** Why there is none to preload, or why the program could not load it; one line. */
  readonly problem?: string;
}

/** The names under which distributions install each allocator, the newest first, and Debian's package. */
const libraries: Readonly<Record<string, { readonly files: readonly string[]; readonly package: string }>> = {
  jemalloc: { files: ['libjemalloc.so.2', 'libjemalloc.so'], package: 'libjemalloc2' },
  mimalloc: {
    files: ['libmimalloc.so.3', 'libmimalloc.so.2', 'libmimalloc.so.2.0', 'libmimalloc.so'],
    package: 'libmimalloc2.0',
  },
  tcmalloc: {
    files: ['libtcmalloc.so.4', 'libtcmalloc_minimal.so.4', 'libtcmalloc.so', 'libtcmalloc_minimal.so'],
    package: 'libtcmalloc-minimal4',
  },
};

/**
 * Finds the library and checks that the program will be able to load it, since the dynamic linker starts a program all the
 * same when a preload fails (ld.so(8), LD_PRELOAD).
 *
 * @param expansions what each path pattern of the policy stands for here
 * @param folders where to look before the dynamic linker's own cache is asked
 */
export function allocatorHere(
  policy: Policy,
  { machine, target }: LocalMachine,
  expansions: ReadonlyMap<string, readonly string[]>,
  folders: readonly string[] = libraryFolders(machine),
): Allocator {
  const asked = policy.obligations.find(
    (obligation) => obligation.kind === 'run-with' && obligation.setting === 'memory-allocator',
  );
  if (asked?.kind !== 'run-with') return {};
  const { value, topic } = asked;
  const known = libraries[value];
  if (known === undefined) return {};
  let fault: string | undefined;
  for (const path of candidates(known.files, folders)) {
    const wrong = sharedObjectFault(path, machine);
    if (wrong === undefined) {
      const problem = loadProblem(path, value, topic, readableBy(policy, target.landlock, expansions));
      return problem === undefined ? { library: path } : { problem };
    }
    fault ??= `${path} ${wrong}`;
  }
  const install = `install it (on Debian ${known.package})`;
  return { problem: `${fault ?? `there is no ${known.files.join(' or ')} here`}: ${install}, or leave ${topic} out` };
}

/** Why a program that is started so takes no preloaded library; undefined where it does, or where nobody can tell. */
export function preloadFault(command: string, path: string | undefined): string | undefined {
  const folders = command.includes('/')
    ? ['']
    : (path ?? '/usr/bin:/bin').split(':').map((folder) => `${folder || '.'}/`);
  const file = folders.map((folder) => `${folder}${command}`).find((each) => existsSync(each));
  if (file === undefined || interpreters(file).length > 0) return undefined;
  const machines: readonly Machine[] = ['x86_64', 'aarch64'];
  const isProgram = machines.some((machine) =>
    [undefined, 'is no shared object'].includes(sharedObjectFault(file, machine)),
  );
  return isProgram ? `${file} is linked statically, so that no allocator can be preloaded` : undefined;
}

/** Where distributions have their libraries. */
export function libraryFolders(machine: Machine): readonly string[] {
  const own = `${machine}-linux-gnu`;
  return ['/usr/local/lib', `/usr/lib/${own}`, `/lib/${own}`, '/usr/lib64', '/lib64', '/usr/lib', '/lib'];
}

/** The folders of distributions first: asking the cache takes a process. */
function* candidates(files: readonly string[], folders: readonly string[]): Iterable<string> {
  for (const file of files) {
    for (const folder of folders) if (existsSync(`${folder}/${file}`)) yield `${folder}/${file}`;
  }
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  for (const [, name, path] of (stdout ?? '').matchAll(/^\s+(\S+) .*=> (\/[^\s:]+)$/gm)) {
    if (name !== undefined && path !== undefined && files.includes(name)) yield path;
  }
}

/** The library, and what it needs in turn as the dynamic linker finds it, have to be readable where Landlock guards reads. */
function loadProblem(
  library: string,
  name: string,
  topic: string,
  readable: (path: string) => boolean,
): string | undefined {
  const linker = interpreters(process.execPath).at(-1);
  const listing = linker === undefined ? undefined : spawnSync(linker, ['--list', library], { encoding: 'utf8' });
  if (listing !== undefined && listing.status !== 0) {
    return `${library} cannot be loaded: ${listing.stderr.trim().split('\n')[0]} (${topic})`;
  }
  const needed = [...(listing?.stdout ?? '').matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!);
  const hidden = [library, ...needed].map((path) => realpathSync(path)).find((path) => !readable(path));
  if (hidden === undefined) return undefined;
  return `the program may not read ${hidden}, which ${name} needs: add { path: ${hidden}, access: read-only } to security.landlock.paths, or leave ${topic} out`;
}

/** Whether the policy's Landlock rules let the program read a file, given by the path to which all links are followed. */
function readableBy(
  policy: Policy,
  landlockAbi: number,
  expansions: ReadonlyMap<string, readonly string[]>,
): (path: string) => boolean {
  const read = landlockRight('read_file')?.bit ?? 0n;
  const { handledPaths, paths } = landlockRuleset(policy, landlockAbi);
  if ((handledPaths & read) === 0n) return () => true;
  const granted = paths
    .filter(({ access }) => (access & read) !== 0n)
    .flatMap(({ path, glob }) => (glob ? (expansions.get(path) ?? []) : [path]))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  return (file) => granted.some((above) => above === '/' || file === above || file.startsWith(`${above}/`));
}
