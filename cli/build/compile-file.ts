import { readFileSync } from 'node:fs';
import { type Compilation, type CompileOptions, compile } from '../../compiler/compile.ts';
import { failureText } from '../failure.ts';
import { compileOptionsOf, type Project } from '../project.ts';
import { workspaceHost } from '../workspace-host.ts';
import { findInputs } from './inputs.ts';

/** What stood in the way of compiling a file. */
export interface Unread {
  readonly problem: string;
  /** What to name instead, where the file was read and is of the wrong kind. */
  readonly help?: string;
}

/** What to do where the word names none. */
export const nameSandbox = 'name a sandbox policy, as `polc init` writes one';

/**
 * Compiles one policy under which a program is to run. A policy of another dialect says nothing of programs: to run one
 * under it would be to run it under none.
 */
export function compileSandbox(word: string, project: Project, options: CompileOptions): Compilation | Unread {
  const compilation = compileFile(word, project, options);
  if ('problem' in compilation) return compilation;
  return compilation.dialect === 'hook-program'
    ? { problem: `\`${word}\` is a hook program`, help: 'name it in a sandbox policy, under `security.bpf_lsm`' }
    : (ofOtherDialect(word, compilation) ?? compilation);
}

/** What to say of a policy that says nothing of programs. */
export function ofOtherDialect(
  word: string,
  { dialect = 'sandbox' }: Compilation,
): Required<Pick<Unread, 'problem' | 'help'>> | undefined {
  return dialect === 'sandbox' || dialect === 'hook-program'
    ? undefined
    : { problem: `\`${word}\` is a policy of the dialect ${dialect}`, help: 'name a sandbox policy' };
}

/** Compiles one policy that the user named as its project says; gives what stood in the way of reading it. */
export function compileFile(word: string, project: Project, options: CompileOptions): Compilation | Unread {
  const { files, problems } = findInputs([word], project);
  const [input] = files;
  if (problems[0] !== undefined) return { problem: `cannot read \`${word}\`: ${problems[0].reason}` };
  if (input === undefined || files.length > 1) return { problem: `\`${word}\` is a folder; name one policy` };
  try {
    const today = new Date().toISOString().slice(0, 10);
    return compile(input.path, readFileSync(input.path), workspaceHost(), {
      ...compileOptionsOf(project),
      ...(input.dialect === undefined ? {} : { dialect: input.dialect }),
      workspace: input.workspace,
      today,
      ...options,
    });
  } catch (error) {
    return { problem: `cannot read \`${word}\`: ${failureText(error)}` };
  }
}
