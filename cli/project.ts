import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { CompileOptions } from '../compiler/compile.ts';
import type { Config } from '../compiler/configuration/config.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { defaultTarget, type Target } from '../compiler/target.ts';
import { failureText } from './failure.ts';
import { report } from './report.ts';

/** The folder that a configuration speaks for, and what it says. */
export interface Project {
  /** The configuration as messages show it; undefined where there is none. */
  readonly path: string | undefined;
  /** Its folder, absolute. */
  readonly folder: string | undefined;
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** False where the configuration is wrong: then nothing is built by it. */
  readonly ok: boolean;
}

const names = ['polc.config.yaml', 'polc.config.yml'];

/**
 * The nearest configuration in `cwd` or above it, up to the folder that holds a `.git`. It is read, and the code that
 * reads it loaded, only where there is one. One above `cwd` that belongs to another user is ignored, with a warning.
 */
export async function findProject(cwd: string = process.cwd()): Promise<Project> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const name = names.find((each) => existsSync(join(folder, each)));
    if (name !== undefined) {
      return folder !== cwd && isForeign(join(folder, name))
        ? ignored(folder, name, cwd)
        : readProject(folder, name, cwd);
    }
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) break;
  }
  return { path: undefined, folder: undefined, config: undefined, diagnostics: [], ok: true };
}

/** Whether a file belongs to neither root nor this user; never where the system has no such owners. */
function isForeign(file: string): boolean {
  const user = process.getuid?.();
  const owner = statSync(file, { throwIfNoEntry: false })?.uid;
  return user !== undefined && owner !== undefined && owner !== 0 && owner !== user;
}

function ignored(folder: string, name: string, cwd: string): Project {
  const path = shownPath(folder, name, cwd);
  const diagnostics = [report('POL8007', { file: path, start: 0, end: 0 }, { path })];
  return { path: undefined, folder: undefined, config: undefined, diagnostics, ok: true };
}

function shownPath(folder: string, name: string, cwd: string): string {
  return join(relative(cwd, folder), name).split(sep).join('/');
}

async function readProject(folder: string, name: string, cwd: string): Promise<Project> {
  const path = shownPath(folder, name, cwd);
  try {
    const content = readFileSync(join(folder, name));
    const { readConfig } = await import('../compiler/configuration/config.ts');
    const { config, diagnostics } = readConfig(path, content);
    return { path, folder, config, diagnostics, ok: diagnostics.every(({ severity }) => severity !== 'error') };
  } catch (error) {
    const span = { file: path, start: 0, end: 0 };
    const diagnostics = [report('POL8002', span, { path, reason: failureText(error) })];
    return { path, folder, config: undefined, diagnostics, ok: false };
  }
}

/** What the configuration changes in every compilation; the dialect is each file's own. */
export function compileOptionsOf({ config }: Project): Pick<CompileOptions, 'accept' | 'severities'> {
  return config === undefined ? {} : { accept: config.accept, severities: config.severities };
}

/** The target before `--target`. */
export function targetOf({ config }: Project): Target {
  return config?.target ?? defaultTarget;
}
