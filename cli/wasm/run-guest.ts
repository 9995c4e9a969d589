import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { runGuest } from '../../runtime/wasm/guest.ts';
import { makePreopens } from '../../runtime/wasm/preopens.ts';
import { nameSandbox } from '../build/compile-file.ts';
import type { Project } from '../project.ts';
import { hardenFile } from './harden-file.ts';

/** As timeout(1), env(1) and shells have them: out of time, not set up, not executable, not found, ended by SIGABRT. */
export const ends = { timeout: 124, setUpFailed: 125, notExecutable: 126, notFound: 127, aborted: 134 } as const;

export interface GuestRun {
  readonly policy: string;
  /** The module and its arguments. */
  readonly command: readonly string[];
  readonly project: Project;
  say(line: string): void;
  warn(line: string): void;
  show(diagnostics: readonly Diagnostic[]): Promise<void>;
}

/** Hardens a WebAssembly program and runs it here; gives the exit code. */
export async function runGuestProgram({ policy: word, command, project, say, warn, show }: GuestRun): Promise<number> {
  const [file = ''] = command;
  const hardened = hardenFile(word, file, project);
  if ('problem' in hardened) {
    say(hardened.problem);
    const help = hardened.missingGuest === undefined ? (hardened.help ?? nameSandbox) : 'name the file of the module';
    say(`help: ${help}`);
    return hardened.missingGuest === true ? ends.notFound : ends.setUpFailed;
  }
  await show('diagnostics' in hardened ? hardened.diagnostics : hardened.compilation.diagnostics);
  if ('diagnostics' in hardened) return ends.setUpFailed;
  const preopens = makePreopens(hardened.policy);
  for (const path of preopens.missing) warn(`${path} is not there; the program is not given it`);
  try {
    const end = await runGuest(hardened.bytes, { args: command, env: process.env, folders: preopens.folders });
    if (end.kind === 'exit') return end.code;
    if (end.kind === 'refused') {
      say(`${file} cannot be run: ${end.reason}`);
      return ends.notExecutable;
    }
    if (end.kind === 'ended') {
      say(`${file} was ended: ${end.by === 'time' ? 'its time is up' : 'its fuel is used up'}`);
      return ends.timeout;
    }
    say(`${file} was ended: ${end.reason}`);
    return ends.aborted;
  } finally {
    preopens.remove();
  }
}
