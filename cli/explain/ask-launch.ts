import { existsSync } from 'node:fs';
import { type Compilation, type CompileOptions, compile } from '../../compiler/compile.ts';
import { compileFile } from '../build/compile-file.ts';
import { exitCode } from '../exit-codes.ts';
import { printDiagnostics } from '../output.ts';
import type { Project } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { workspaceHost } from '../workspace-host.ts';
import type { Answer } from './answer.ts';
import { type AskedPart, explainLaunch } from './launch.ts';

interface Question {
  /** Files, or names of files without `.yaml`. */
  readonly profile?: string | undefined;
  readonly template?: string | undefined;
}

/** Answers what a profile and a template let people launch; gives the exit code where that cannot be told. */
export async function askLaunch(
  { profile, template }: Question,
  project: Project,
  options: CompileOptions,
  terminal: Terminal,
): Promise<Answer | number> {
  const parts: AskedPart[] = [];
  const inherited: string[] = [];
  for (const [role, word] of [
    ['profile', profile],
    ['template', template],
  ] as const) {
    if (word === undefined) continue;
    const dialect = role === 'profile' ? 'governance' : 'template';
    const compilation = compileFile(fileOf(word), project, options);
    if ('problem' in compilation) {
      terminal.writeError(`polc explain: ${compilation.problem}\n`);
      return exitCode.environment;
    }
    const { policy, lowered, sources } = compilation;
    if (policy === undefined || lowered === undefined) {
      await printDiagnostics(compilation.diagnostics, [word], 'pretty', terminal);
      return exitCode.policy;
    }
    if (compilation.dialect !== dialect) {
      const article = dialect === 'governance' ? 'a profile' : 'a template';
      terminal.writeError(
        `polc explain: \`${word}\` is not ${article}\n  = help: it is of the dialect ${compilation.dialect}\n`,
      );
      return exitCode.usage;
    }
    parts.push({ role, policy: lowered, sources });
    if (role === 'template') inherited.push(...inheritedBy(compilation, options));
  }
  return explainLaunch(parts, inherited);
}

/** The names of the templates that were read for another one. */
function inheritedBy({ contents }: Compilation, options: CompileOptions): readonly string[] {
  const [, ...parents] = contents;
  return parents.flatMap(([path, content]) => {
    const { dialect, lowered } = compile(path, content, workspaceHost(), options);
    return dialect === 'template' && lowered !== undefined ? [lowered.name] : [];
  });
}

/** A word that is no file may be the name of one. */
function fileOf(word: string): string {
  if (existsSync(word)) return word;
  return [`${word}.yaml`, `${word}.yml`].find((path) => existsSync(path)) ?? word;
}
