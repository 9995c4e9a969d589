import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { CompileOptions } from '../compiler/compile.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { defaultTarget, type Target } from '../compiler/target.ts';
import type { Config } from './config.ts';
import { failureText } from './failure.ts';
import { secondScript } from './load-second-script.ts';
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
 * reads it loaded, only where there is one.
 */
export async function findProject(cwd: string = process.cwd()): Promise<Project> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const name = names.find((each) => existsSync(join(folder, each)));
    if (name !== undefined) return readProject(folder, name, cwd);
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) break;
  }
  return { path: undefined, folder: undefined, config: undefined, diagnostics: [], ok: true };
}

async function readProject(folder: string, name: string, cwd: string): Promise<Project> {
  const path = join(relative(cwd, folder), name).split(sep).join('/');
  try {
    const content = readFileSync(join(folder, name));
    const { readConfig } = await secondScript().config();
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
