import { readFileSync } from 'node:fs';
import { type Compilation, type CompileOptions, compile } from '../../compiler/compile.ts';
import { failureText } from '../failure.ts';
import { compileOptionsOf, type Project } from '../project.ts';
import { workspaceHost } from '../workspace-host.ts';
import { findInputs } from './inputs.ts';

/** Compiles one policy that the user named as its project says; gives what stood in the way of reading it. */
export function compileFile(
  word: string,
  project: Project,
  options: CompileOptions,
): Compilation | { readonly problem: string } {
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
