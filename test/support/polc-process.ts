import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { withFolder } from './folder.ts';
import { longPatience } from './until.ts';

/** What a finished `polc` left. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Below the project's folder. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Words before `node`: `setpriv --reuid 65534`. */
  readonly prefix?: readonly string[];
}

/** A folder of policies with a home of its own, in which the built `polc` runs as a process. */
export interface ProjectFolder {
  readonly folder: string;
  readonly cache: string;
  write(files: Readonly<Record<string, string>>): void;
  read(path: string): string;
  /** The sha-256 of every file below a folder, by path. */
  contents(path: string): Readonly<Record<string, string>>;
  polc(words: readonly string[], options?: StartOptions): Finished;
  start(words: readonly string[], options?: StartOptions & Pick<SpawnOptions, 'stdio'>): ChildProcess;
}

export const polcScript = resolve(process.env.POLC_ROOT ?? '.', 'bin/polc.js');

/** The gate is off: what a busy machine does to it is not what these tests are about. */
export const calm = ['--max-ms', '0'] as const;

/** The built product where another user can read it: a checkout may lie in a folder of its owner's alone. */
function copiedScript(root: string): string {
  const product = join(root, 'product');
  const source = dirname(dirname(polcScript));
  if (!existsSync(product)) {
    chmodSync(root, 0o711);
    cpSync(join(source, 'bin'), join(product, 'bin'), { recursive: true });
    mkdirSync(join(product, 'build'));
    const id = readFileSync(join(source, 'build/compiler-id'), 'utf8');
    writeFileSync(join(product, 'build/compiler-id'), id);
    const scripts = join('build', `cli-${id.slice(0, 16)}`);
    cpSync(join(source, scripts), join(product, scripts), { recursive: true });
  }
  return join(product, 'bin/polc.js');
}

export async function withProject(run: (project: ProjectFolder) => void | Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const folder = join(root, 'project');
    const home = join(root, 'home');
    const cache = join(home, 'cache');
    mkdirSync(home);
    // Ends the search for a configuration, whatever lies in the folders above.
    mkdirSync(join(folder, '.git'), { recursive: true });
    const settings = (options: StartOptions) => ({
      cwd: join(folder, options.cwd ?? '.'),
      env: { PATH: process.env.PATH ?? '', HOME: home, XDG_CACHE_HOME: cache, NO_COLOR: '1', ...options.env },
    });
    const command = (words: readonly string[], { prefix = [] }: StartOptions) => {
      const script = prefix.length === 0 ? polcScript : copiedScript(root);
      const [program = '', ...rest] = [...prefix, process.execPath, script, ...words];
      return [program, rest] as const;
    };
    await run({
      folder,
      cache,
      write(files) {
        for (const [path, text] of Object.entries(files)) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), text);
        }
      },
      read: (path) => readFileSync(join(folder, path), 'utf8'),
      contents: (path) => contentsOf(join(folder, path)),
      polc(words, options = {}) {
        const { status, stdout, stderr } = spawnSync(...command(words, options), {
          ...settings(options),
          encoding: 'utf8',
          timeout: 2 * longPatience,
          ...(options.input === undefined ? {} : { input: options.input }),
        });
        return { status, stdout, stderr };
      },
      start: (words, options = {}) =>
        spawn(...command(words, options), { ...settings(options), stdio: options.stdio ?? 'pipe' }),
    });
  });
}

function contentsOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

/** A small policy without findings. */
export function smallPolicy(name: string, more = ''): string {
  return `profile: ${name}
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start", "@file-system"]
${more}`;
}
