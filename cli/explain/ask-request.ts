import { readFileSync } from 'node:fs';
import type { CompileOptions } from '../../compiler/compile.ts';
import type { Answer } from '../../compiler/explain/answer.ts';
import { decode } from '../../compiler/source/decode.ts';
import { readRequest } from '../../compiler/verify/kuadrant/request/given.ts';
import { traceRequest } from '../../compiler/verify/kuadrant/request/trace.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { printDiagnostics } from '../output.ts';
import type { Project } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { explainRequest } from './request.ts';
import { readRequestFiles } from './request-files.ts';

/** Answers what becomes of the request in a file; gives the exit code where that cannot be told. */
export async function askRequest(
  words: readonly string[],
  requestFile: string,
  project: Project,
  options: CompileOptions,
  terminal: Terminal,
): Promise<Answer | number> {
  let content: Uint8Array;
  try {
    content = readFileSync(requestFile);
  } catch (error) {
    terminal.writeError(`polc explain: cannot read \`${requestFile}\`: ${failureText(error)}\n`);
    return exitCode.environment;
  }
  const { source, diagnostic } = decode(requestFile, content);
  const read = diagnostic === undefined ? readRequest(source) : { request: undefined, diagnostics: [diagnostic] };
  if (read.diagnostics.length > 0) await printDiagnostics(read.diagnostics, [requestFile], 'pretty', terminal);
  if (read.request === undefined) return exitCode.policy;
  const files = readRequestFiles(words, project, options);
  if ('problem' in files) {
    terminal.writeError(`polc explain: ${files.problem}\n`);
    return exitCode.environment;
  }
  if (files.errors.length > 0) {
    await printDiagnostics(files.errors, words, 'pretty', terminal);
    return exitCode.policy;
  }
  return explainRequest(traceRequest(files.resources, read.request), read.request, files.sources);
}
