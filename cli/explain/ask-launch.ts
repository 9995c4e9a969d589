import { existsSync } from 'node:fs';
import { type Compilation, type CompileOptions, compile } from '../../compiler/compile.ts';
import type { Answer } from '../../compiler/explain/answer.ts';
import { compileFile } from '../build/compile-file.ts';
import { exitCode } from '../exit-codes.ts';
import { openLibrary } from '../launch/library.ts';
import { printFindings } from '../launch/print-chain.ts';
import { isOpened, openProfile, profileName } from '../launch/profile.ts';
import { isStored } from '../launch/stored-profiles.ts';
import { printDiagnostics } from '../output.ts';
import type { Project } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { workspaceHost } from '../workspace-host.ts';
import { type AskedPart, explainLaunch } from './launch.ts';

interface Question {
  /** Names as for a launch, or files, with or without `.yaml`. */
  readonly profile?: string | undefined;
  readonly template?: string | undefined;
}

/** A part of the question, with the names of what the template builds on. */
interface Asked extends AskedPart {
  readonly inherits: readonly string[];
}

/** Answers what a profile and a template let people launch; gives the exit code where that cannot be told. */
export async function askLaunch(
  { profile, template }: Question,
  project: Project,
  options: CompileOptions,
  terminal: Terminal,
): Promise<Answer | number> {
  const parts: Asked[] = [];
  for (const [role, word] of [
    ['profile', profile],
    ['template', template],
  ] as const) {
    if (word === undefined) continue;
    const named = role === 'profile' ? await profileOf(word, terminal) : await templateOf(word, terminal);
    const part = named ?? (await fileOf(role, word, project, options, terminal));
    if (typeof part === 'number') return part;
    parts.push(part);
  }
  return explainLaunch(
    parts,
    parts.flatMap(({ inherits }) => inherits),
  );
}

/** A profile of the folder of profiles; undefined where there is none of the name. */
async function profileOf(word: string, terminal: Terminal): Promise<Asked | number | undefined> {
  if (!profileName.test(word) || !isStored(word)) return undefined;
  const opened = await openProfile(word, { now: Date.now() });
  if (opened === undefined) return undefined;
  if (!isOpened(opened)) {
    printFindings(opened.diagnostics, new Map(), terminal);
    return exitCode.policy;
  }
  const { policy, sources, diagnostics } = opened;
  printFindings(diagnostics, sources, terminal);
  return { role: 'profile', policy, sources, inherits: [] };
}

/** A template of the library; undefined where there is none of the name. */
async function templateOf(word: string, terminal: Terminal): Promise<Asked | number | undefined> {
  if (isPath(word)) return undefined;
  const library = await openLibrary();
  const template = library.find(word);
  if (template === undefined) {
    if (library.problems.length === 0) return undefined;
    await printDiagnostics(library.problems, [], 'pretty', terminal);
    return exitCode.policy;
  }
  const { lowered, sources, diagnostics } = template.compilation;
  if (lowered === undefined || diagnostics.some(({ severity }) => severity === 'error')) {
    await printDiagnostics(diagnostics, [template.path], 'pretty', terminal);
    return exitCode.policy;
  }
  return { role: 'template', policy: lowered, sources, inherits: template.inherits };
}

async function fileOf(
  role: AskedPart['role'],
  word: string,
  project: Project,
  options: CompileOptions,
  terminal: Terminal,
): Promise<Asked | number> {
  const dialect = role === 'profile' ? 'governance' : 'template';
  const path = existingFile(word);
  if (path === undefined && !isPath(word)) {
    const list = `\`polc ${role} list\` lists the ${role}s`;
    terminal.writeError(
      `polc explain: there is no ${role} \`${word}\`\n  = help: ${list}; a file is named by its path\n`,
    );
    return exitCode.usage;
  }
  const compilation = compileFile(path ?? word, project, options);
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
  return { role, policy: lowered, sources, inherits: role === 'template' ? inheritedBy(compilation, options) : [] };
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
function existingFile(word: string): string | undefined {
  return [word, `${word}.yaml`, `${word}.yml`].find((path) => existsSync(path));
}

function isPath(word: string): boolean {
  return /[/\\]|\.ya?ml$/.test(word);
}
