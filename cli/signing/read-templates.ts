import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { template as dialect } from '../../compiler/dialects/template/index.ts';
import type { Host } from '../../compiler/host.ts';
import { decode } from '../../compiler/source/decode.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { readSignedTemplate, type SignedTemplate } from '../../runtime/signing/template.ts';
import { findInputs, type InputFile } from '../build/inputs.ts';
import { openLibrary } from '../launch/library.ts';
import { findProject } from '../project.ts';
import { report } from '../report.ts';
import { workspaceHost } from '../workspace-host.ts';

export interface ReadTemplate {
  readonly path: string;
  readonly workspace: string;
  readonly template: SignedTemplate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the templates that the words name: files, and every YAML file below a folder. */
export async function readTemplates(
  words: readonly string[],
): Promise<{ readonly templates: readonly ReadTemplate[]; readonly diagnostics: readonly Diagnostic[] }> {
  const project = await findProject();
  if (!project.ok) return { templates: [], diagnostics: project.diagnostics };
  const { files, problems } = findInputs(words, project);
  const library = problems.length === 0 ? undefined : await openLibrary();
  const diagnostics = problems.map(({ path, reason }) => {
    const meant = isPath(path) ? undefined : library?.find(path);
    const help = meant === undefined ? {} : { help: `name its file: the template \`${path}\` is \`${meant.path}\`` };
    return report('POL8002', { file: path, start: 0, end: 0 }, { path, reason }, help);
  });
  const host = workspaceHost();
  const wanted = files.filter((file) => file.named || isTemplate(file.path, host));
  return { templates: wanted.map((file) => readTemplate(file, host)), diagnostics };
}

/** What is signed is a file: a name may stand for another one tomorrow. */
const isPath = (word: string) => /[/\\]|\.ya?ml$/.test(word);

/** Whether a file that was found in a folder is a template at all. */
function isTemplate(path: string, host: Host): boolean {
  const content = host.read(path);
  const decoded = content === undefined ? undefined : decode(path, content);
  const root = decoded === undefined ? undefined : parseYaml(decoded.source).root;
  return root?.kind === 'map' && dialect.recognises(new Set(root.entries.map(({ key }) => key.text)));
}

function readTemplate({ path, workspace }: InputFile, host: Host): ReadTemplate {
  const content = host.read(path);
  if (content === undefined) {
    const reason = 'it is not there, or you may not read it';
    const diagnostics = [report('POL8002', { file: path, start: 0, end: 0 }, { path, reason })];
    return { path, workspace, template: undefined, diagnostics };
  }
  return { path, workspace, ...readSignedTemplate(path, content, host, workspace) };
}
