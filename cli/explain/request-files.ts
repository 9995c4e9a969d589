import { readFileSync } from 'node:fs';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { type Resource, resourcesOf } from '../../compiler/dialects/kuadrant/resource.ts';
import { decode } from '../../compiler/source/decode.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { type SourceText, sourceText } from '../../compiler/source/text.ts';
import { findInputs } from '../build/inputs.ts';
import { failureText } from '../failure.ts';
import { compileOptionsOf, type Project } from '../project.ts';
import { workspaceHost } from '../workspace-host.ts';

/** The objects of Kubernetes that files hold, or that are made of tenancies. */
export interface RequestFiles {
  readonly resources: readonly Resource[];
  readonly sources: ReadonlyMap<string, SourceText>;
  /** What is wrong with them. */
  readonly errors: readonly Diagnostic[];
}

/** Reads the files that a request is explained by; gives what stood in the way. */
export function readRequestFiles(
  words: readonly string[],
  project: Project,
  options: CompileOptions,
): RequestFiles | { readonly problem: string } {
  const { files, problems } = findInputs(words, project);
  if (problems[0] !== undefined) return { problem: `cannot read \`${problems[0].path}\`: ${problems[0].reason}` };
  const host = workspaceHost();
  const resources: Resource[] = [];
  const sources = new Map<string, SourceText>();
  const errors: Diagnostic[] = [];
  const add = (source: SourceText) => {
    sources.set(source.path, source);
    resources.push(...resourcesOf(parseYamlDocuments(source).flatMap(({ root }) => root ?? [])));
  };
  for (const { path, workspace, dialect, named } of files) {
    let content: Uint8Array;
    try {
      content = readFileSync(path);
    } catch (error) {
      return { problem: `cannot read \`${path}\`: ${failureText(error)}` };
    }
    const compilation = compile(path, content, host, {
      ...compileOptionsOf(project),
      ...(dialect === undefined ? {} : { dialect }),
      workspace,
      ...options,
    });
    const own = compilation.dialect === 'kuadrant' || compilation.dialect === 'tenancy';
    if (!own) {
      if (named) return { problem: `\`${path}\` is neither of Kuadrant's own YAML nor a tenancy` };
      continue;
    }
    errors.push(...compilation.diagnostics.filter(({ severity }) => severity === 'error'));
    if (compilation.dialect === 'kuadrant') add(decode(path, content).source);
    else {
      for (const [each, source] of compilation.sources) sources.set(each, source);
      const made = compilation.outputs.flatMap(({ artifacts }) =>
        artifacts.filter((each) => each.path === 'policies.yaml'),
      );
      for (const artifact of made) {
        const text =
          typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
        add(sourceText(`${compilation.policy?.name ?? path}/policies.yaml`, text));
      }
    }
  }
  if (resources.length === 0 && errors.length === 0)
    return { problem: 'there is no policy of Kuadrant in these files' };
  return { resources, sources, errors };
}
