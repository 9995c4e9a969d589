import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Machine } from '../../../compiler/backends/launcher/plan.ts';
import { sharedObjectFault } from '../shared-object.ts';

/** A program for Python, in the words of a server's request. */
export interface PythonProgram {
  /** As it is found along PATH, so that a virtual environment stays one. */
  readonly interpreter: string;
  /** -c, -m or a file. */
  readonly mode: 'c' | 'm' | 'f';
  /** The code, the module or the file, and what follows it. */
  readonly words: readonly string[];
  /** What the server itself is started with of the environment. */
  readonly startEnvironment: Readonly<Record<string, string>>;
}

/** What Python reads when it starts, but of which it takes no code. */
const startNames =
  /^(?:LANG|LANGUAGE|LC_[A-Z]+|PYTHON(?:UNBUFFERED|DONTWRITEBYTECODE|HASHSEED|UTF8|IOENCODING|OPTIMIZE|NOUSERSITE|SAFEPATH|COERCECLOCALE|INTMAXSTRDIGITS|NODEBUGRANGES))$/;
/** What Python, the dynamic linker and the C library read when they start, and may find code by. */
const refusedNames = /^(?:PYTHON|LD_|MALLOC_|GLIBC_TUNABLES$)/;

/**
 * The command as a program of a fork server, or why it has to be started plainly; the reason is a clause.
 *
 * @param preload what `environment` holds as LD_PRELOAD for the sake of the policy, which a server is started with too
 */
export function pythonProgram(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  preload: string | undefined,
  machine: Machine,
): PythonProgram | { readonly problem: string } {
  const [name = '', first, ...rest] = command;
  const interpreter = findProgram(name, environment.PATH);
  if (interpreter === undefined || !/^python3(?:\.\d+)?$/.test(basename(realpathSync(interpreter)))) {
    return { problem: `${name} is not python3, which alone has a fork server` };
  }
  const fault = sharedObjectFault(interpreter, machine);
  // A program need not be one; a script that looks for the interpreter is neither.
  if (fault !== undefined && fault !== 'is no shared object') return { problem: `${interpreter} ${fault}` };
  const startEnvironment: Record<string, string> = {};
  for (const [variable, value = ''] of Object.entries(environment)) {
    if (startNames.test(variable)) startEnvironment[variable] = value;
    else if (variable === 'LD_PRELOAD' && value === preload) startEnvironment[variable] = value;
    else if (refusedNames.test(variable)) return { problem: `the interpreter would have to start with ${variable}` };
  }
  const given = { interpreter, startEnvironment };
  if (first === undefined || first === '-') return { problem: 'a program from the standard input is not forked' };
  if (!first.startsWith('-')) {
    if (/\.pyc?$/.exec(first)?.[0] === '.pyc') return { problem: 'compiled files are not forked' };
    return { ...given, mode: 'f', words: [first, ...rest] };
  }
  const mode = first === '-c' ? 'c' : first === '-m' ? 'm' : undefined;
  if (mode === undefined || rest.length === 0) return { problem: `with ${first} the interpreter has to start anew` };
  return { ...given, mode, words: rest };
}

/** The executable file that execvp(3) would find. */
function findProgram(name: string, path = '/bin:/usr/bin'): string | undefined {
  if (name === '') return undefined;
  const places = name.includes('/')
    ? [name]
    : path.split(':').map((folder) => join(folder === '' ? '.' : folder, name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}
