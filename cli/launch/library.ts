import { realpathSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { TemplateRoot } from '../../compiler/configuration/config.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { calledBy, topLevel } from '../../compiler/dialects/template/find-template.ts';
import { template as dialect } from '../../compiler/dialects/template/index.ts';
import type { Host } from '../../compiler/host.ts';
import { decode } from '../../compiler/source/decode.ts';
import { decisionBackend } from '../../runtime/launch/decision-backend.ts';
import { readSignedTemplate, type SignedTemplate } from '../../runtime/signing/template.ts';
import type { Verdict } from '../../runtime/signing/verdict.ts';
import { findInputs, type InputFile } from '../build/inputs.ts';
import { compileOptionsOf, findProject, type Project, targetOf } from '../project.ts';
import { report } from '../report.ts';
import { workspaceHost } from '../workspace-host.ts';

/** A template of the library; what is asked of it is worked out then, once. */
export interface LibraryTemplate {
  readonly path: string;
  /** What launches and lists call it. */
  readonly name: string;
  /** What it calls itself. */
  readonly title: string;
  /** The source of the folder that it is in; undefined where that is none of the library's. */
  readonly source: string | undefined;
  /** Whose signatures count for that source; undefined where the configuration does not say. */
  readonly authorities: readonly string[] | undefined;
  /** Compiled to decide launches: its `lowered` is the policy, and nothing is emitted. */
  readonly compilation: Compilation;
  /** Undefined where it cannot be read. */
  readonly signed: SignedTemplate | undefined;
  /** The names of the templates that it builds on. */
  readonly inherits: readonly string[];
}

export interface Library {
  /** Every one, by name; of the names only a line of each file is read. */
  templates(): readonly LibraryTemplate[];
  /**
   * That of a name or a path. Of several sources that have one of the name, by whatever it is called, the earlier counts; in one
   * source what is called so by its slug, then by its name, then by its file. Of two of these none.
   */
  find(word: string): LibraryTemplate | undefined;
  /** Folders that cannot be read, and names that do not say which. */
  readonly problems: readonly Diagnostic[];
}

/** From what an institution answers for to what anybody may have written. */
const sources = ['institutional', 'departmental', 'pi_lab', 'community', 'external', 'personal'];

/**
 * The templates below the folders that the configuration names, or below `--templates` alone; without either, those of the
 * current folder, as the person's own.
 */
export async function openLibrary(options: { readonly templates?: string | undefined } = {}): Promise<Library> {
  const project = await findProject();
  const problems = [...project.diagnostics];
  const host = readingOnce(workspaceHost());
  const roots = project.ok ? rootsOf(options.templates, project) : [];
  let entries: readonly Entry[] | undefined;

  function known(): readonly Entry[] {
    entries ??= readEntries(roots, project, host, problems);
    return entries;
  }

  return {
    templates: () => known().map(({ template }) => template),
    find(word) {
      if (/[/\\]|\.ya?ml$/.test(word)) return ofPath(word, roots, project, host);
      const ways = [
        ({ slug }: Entry) => slug === word,
        ({ template }: Entry) => template.title === word,
        ({ template }: Entry) => template.name === word,
      ];
      const called = known().filter((entry) => ways.some((fits) => fits(entry)));
      const first = called.filter(({ template }) => template.source === called[0]?.template.source);
      const found = ways.map((fits) => first.filter(fits)).find((some) => some.length > 0) ?? [];
      const [one, other] = found;
      if (one === undefined || other === undefined) return one?.template;
      const paths = found.map(({ template }) => `\`${template.path}\``).join(', ');
      problems.push(report('POL8313', { file: one.template.path, start: 0, end: 0 }, { name: word, paths }));
      return undefined;
    },
    problems,
  };
}

/** What a template's source is worth: what has to be signed by the authority behind it is from there only if it is (24a). */
export function sourceOf({ source, authorities }: LibraryTemplate, verdict: Verdict): string | undefined {
  const needsSignature = source === 'institutional' || source === 'departmental' || authorities !== undefined;
  if (!needsSignature) return source;
  if (verdict.signature !== 'valid') return undefined;
  return authorities === undefined || authorities.includes(verdict.authority) ? source : undefined;
}

/** Reads each file once: what is compiled has to be what was verified, also where somebody writes the file in between. */
function readingOnce(host: Host): Host {
  const contents = new Map<string, ReturnType<Host['read']>>();
  return {
    ...host,
    read(path) {
      if (!contents.has(path)) contents.set(path, host.read(path));
      return contents.get(path);
    },
  };
}

/** A template beside what it is found by. */
interface Entry {
  readonly slug: string | undefined;
  readonly template: LibraryTemplate;
}

interface Root extends TemplateRoot {
  readonly authorities: readonly string[] | undefined;
  /** Whether it is the only one, by an option. */
  readonly alone: boolean;
}

/** Folders as commands can read them. */
function rootsOf(option: string | undefined, project: Project): readonly Root[] {
  if (option !== undefined) return [{ source: 'personal', folder: option, alone: true, authorities: undefined }];
  const configured = project.config?.templates ?? [];
  const authoritiesOf = (source: string) => project.config?.authorities.get(source);
  if (configured.length === 0) {
    return [{ source: 'personal', folder: '.', alone: false, authorities: authoritiesOf('personal') }];
  }
  return configured.map(({ source, folder }) => ({
    source,
    folder: resolve(project.folder ?? '.', folder),
    alone: false,
    authorities: authoritiesOf(source),
  }));
}

/** By source and name. A file in two folders belongs to the inner one. */
function readEntries(roots: readonly Root[], project: Project, host: Host, problems: Diagnostic[]): readonly Entry[] {
  const found = new Map<string, { readonly file: InputFile; readonly root: Root }>();
  for (const root of roots) {
    const { files, problems: unread } = findInputs([root.folder], project);
    for (const { path, reason } of unread) {
      problems.push(report('POL8002', { file: path, start: 0, end: 0 }, { path, reason }));
    }
    for (const file of files) {
      const place = resolve(file.path);
      const other = found.get(place);
      if (other === undefined || resolve(root.folder).length > resolve(other.root.folder).length) {
        found.set(place, { file, root });
      }
    }
  }
  const entries = [...found.values()].flatMap(({ file, root }) => readEntry(file, root, project, host) ?? []);
  const order = ({ template: { source, name } }: Entry) => `${sources.indexOf(source ?? '')} ${name}`;
  return entries.sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** Undefined for what is no template. */
function readEntry(file: InputFile, root: Root, project: Project, host: Host): Entry | undefined {
  if (file.dialect !== undefined && file.dialect !== 'template') return undefined;
  const content = host.read(file.path);
  if (content === undefined) return undefined;
  const { source } = decode(file.path, content);
  const title = topLevel(source, 'name');
  const keys = new Set([...source.text.matchAll(/^([a-z_]+):/gm)].map(([, key = '']) => key));
  if (title === undefined || (file.dialect === undefined && !dialect.recognises(keys))) return undefined;
  const slug = topLevel(source, 'slug');
  const placed = { ...file, workspace: workspaceOf(file, root) };
  return { slug, template: lazily(placed, calledBy(slug, file.path), title, root, project, host) };
}

/**
 * Below a folder that is the whole library, or lies outside of the project, templates build on what is in it and on nothing
 * else: elsewhere another may have the same name.
 */
function workspaceOf({ path, workspace }: InputFile, { folder, alone }: Root): string {
  const isAbsolute = path.startsWith('/');
  if (!isAbsolute && !alone) return workspace;
  const own = isAbsolute ? resolve(folder) : relative(process.cwd(), resolve(folder)).split(sep).join('/');
  return own === '' || path.startsWith(`${own}/`) ? own : workspace;
}

function ofPath(word: string, roots: readonly Root[], project: Project, host: Host): LibraryTemplate | undefined {
  const [file] = findInputs([word], project).files;
  if (file === undefined || !statSync(word).isFile()) return undefined;
  const real = realpathSync(word);
  const around = roots
    .filter(({ folder }) => real.startsWith(`${realpathOf(folder)}${sep}`))
    .sort((one, other) => resolve(other.folder).length - resolve(one.folder).length);
  const content = host.read(file.path);
  const source = content === undefined ? undefined : decode(file.path, content).source;
  const slug = source === undefined ? undefined : topLevel(source, 'slug');
  const name = calledBy(slug, file.path);
  const title = (source === undefined ? undefined : topLevel(source, 'name')) ?? name;
  const placed = around[0] === undefined ? file : { ...file, workspace: workspaceOf(file, around[0]) };
  return lazily(placed, name, title, around[0], project, host);
}

function realpathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

function lazily(
  file: InputFile,
  name: string,
  title: string,
  root: Root | undefined,
  project: Project,
  host: Host,
): LibraryTemplate {
  let compilation: Compilation | undefined;
  let signed: { readonly template: SignedTemplate | undefined } | undefined;
  const template: LibraryTemplate = {
    path: file.path,
    name,
    title,
    source: root?.source,
    authorities: root?.authorities,
    get compilation() {
      compilation ??= compileTemplate(file, project, host);
      return compilation;
    },
    get signed() {
      signed ??= readSignedTemplate(file.path, contentOf(file.path, host), host, file.workspace);
      return signed.template;
    },
    get inherits() {
      const [, ...parents] = template.compilation.sources.values();
      return parents.map((parent) => calledBy(topLevel(parent, 'slug'), parent.path));
    },
  };
  return template;
}

function compileTemplate(file: InputFile, project: Project, host: Host): Compilation {
  return compile(file.path, contentOf(file.path, host), host, {
    ...compileOptionsOf(project),
    target: targetOf(project),
    dialect: 'template',
    backends: [decisionBackend],
    bundled: false,
    maximumMilliseconds: 0,
    workspace: file.workspace,
    today: new Date().toISOString().slice(0, 10),
  });
}

/** A file that cannot be read is an empty one, of which every compilation says that it is no policy. */
function contentOf(path: string, host: Host): Uint8Array | string {
  return host.read(path) ?? '';
}
