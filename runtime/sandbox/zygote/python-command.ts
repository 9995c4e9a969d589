import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Machine } from '../../../compiler/backends/launcher/plan.ts';
import { programAlong } from '../program-along-path.ts';
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
  const interpreter = programAlong([name], environment.PATH, () => true);
  if (interpreter === undefined || !/^python3(?:\.\d+)?$/.test(basename(realpathSync(interpreter)))) {
    return { problem: `${name} is not python3, which alone has a fork server` };
  }
  const fault = programFault(interpreter, machine);
  if (fault !== undefined) {
    return { problem: `${interpreter} ${fault}; ${instead(interpreter, name, environment.PATH, machine)}` };
  }
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

/** A program may be a shared object or not; the scripts of version managers, which look for the interpreter, are neither. */
function programFault(file: string, machine: Machine): string | undefined {
  const fault = sharedObjectFault(file, machine);
  return fault === 'is no shared object' ? undefined : fault;
}

/** What to name in the place of an interpreter that is none: the first along PATH that is one. */
function instead(found: string, name: string, path: string | undefined, machine: Machine): string {
  const fits = (place: string) => place !== found && programFault(place, machine) === undefined;
  const other = programAlong([basename(name)], path, fits);
  const asked = `what \`pyenv which ${basename(name)}\` or the like prints`;
  return `name the interpreter itself: ${other === undefined ? asked : `${other}, or ${asked}`}`;
}
