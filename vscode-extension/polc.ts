import { execFile } from 'node:child_process';
import { workspace } from 'vscode';

/** What a run of polc printed. */
export interface Printed {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** The command line that commands and tasks run; absent where there are no processes. */
export interface Polc {
  /** The program with the words that come before the verb, and what it needs of the environment. */
  command(): { readonly program: string; readonly words: readonly string[]; readonly env: Record<string, string> };
  run(words: readonly string[], options: { readonly cwd?: string; readonly input?: string }): Promise<Printed>;
}

/** Where a run has not ended after this many milliseconds, it is stopped. */
const patience = 60_000;

/** The polc of the setting `polc.path`, or the one in the extension's own folder. */
export function bundledPolc(script: string): Polc {
  const command: Polc['command'] = () => {
    const own = workspace.getConfiguration('polc').get<string>('path', '');
    if (own !== '') return { program: own, words: [], env: {} };
    // VS Code's own program is Electron, which this makes Node.
    return { program: process.execPath, words: [script], env: { ELECTRON_RUN_AS_NODE: '1' } };
  };
  return {
    command,
    run(words, { cwd, input }) {
      const { program, words: first, env } = command();
      return new Promise((resolve, reject) => {
        const child = execFile(
          program,
          [...first, ...words],
          {
            ...(cwd === undefined ? {} : { cwd }),
            env: { ...process.env, ...env, NO_COLOR: '1' },
            timeout: patience,
            maxBuffer: 64 << 20,
          },
          (error, output, errors) => {
            const code = error === null ? 0 : error.code;
            if (typeof code === 'number') resolve({ code, output, errors });
            else reject(error ?? new Error('polc did not run'));
          },
        );
        child.stdin?.on('error', () => {});
        child.stdin?.end(input ?? '');
      });
    },
  };
}
