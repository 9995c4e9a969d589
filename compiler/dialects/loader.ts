import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Host } from '../host.ts';
import { decode } from '../source/decode.ts';
import { parseYaml } from '../source/parse-yaml.ts';
import type { Span } from '../source/span.ts';
import type { SourceText } from '../source/text.ts';
import type { YamlNode } from '../source/tree.ts';
import { keptDocuments } from './kept-documents.ts';

/** A file that a policy names, and what was found there. */
export interface LoadedDocument {
  readonly source: SourceText;
  readonly root: YamlNode | undefined;
}

export interface LoadedFile {
  readonly path: string;
  readonly content: Uint8Array | string;
}

/**
 * Follows references from one file to another, through the host only. Remembers every file, so that the policy's hash
 * covers what it pulls in and messages can show excerpts of it.
 */
export interface Loader {
  readonly source: SourceText;
  /** Reads and parses the policy that `reference` names; reports at `span` what stands in the way. */
  loadPolicy(reference: string, span: Span, diagnostics: Diagnostic[]): LoadedDocument | undefined;
  /** Reads a file that is no text, for its bytes to be part of the policy. */
  loadFile(reference: string, span: Span, diagnostics: Diagnostic[]): LoadedFile | undefined;
  /** Reads a text that is not YAML; findings may point into it. */
  loadText(reference: string, span: Span, diagnostics: Diagnostic[]): SourceText | undefined;
  /**
   * The files of the workspace around the policy; undefined where the host has no list of them.
   *
   * @param most of more files there is no list; default: as many as the host usually reads
   */
  neighbours(most?: number): Neighbours | undefined;
  /** A loader for references inside the file that was loaded. */
  inside(document: LoadedDocument): Loader;
}

/** The YAML files of the workspace. */
export interface Neighbours {
  /** What the host says of them being unchanged; see Host.snapshot. */
  readonly snapshot: object | undefined;
  /** Their paths, that of the policy itself too. */
  readonly paths: readonly string[];
  /** Those that were named to be looked at together; absent, it is not known which belong together. */
  readonly together?: ReadonlySet<string>;
  /** The text of one; undefined where it cannot be read. */
  read(path: string): SourceText | undefined;
}

/** Everything that was read for one policy, by path, in the order of reading. */
export interface LoadedFiles {
  readonly sources: Map<string, SourceText>;
  /** Raw content by path, of policies and of other files. */
  readonly contents: Map<string, Uint8Array | string>;
  /** True once the files of the workspace were asked for: the findings then depend on more than `contents`. */
  listed?: boolean;
}

/**
 * @param workspace the folder that references may not leave, without a trailing slash; empty for the current one, `..`
 *   and `../..` for those above it
 * @param together files that whoever compiles looks at as one, in the workspace or not
 */
export function createLoader(
  host: Host,
  source: SourceText,
  workspace: string,
  files: LoadedFiles,
  together?: readonly string[],
): Loader {
  const kept = keptDocuments(host.snapshot);
  function at(current: SourceText, chain: readonly string[]): Loader {
    function locate(reference: string, span: Span, diagnostics: Diagnostic[]): string | undefined {
      const path = resolveReference(current.path, reference);
      const inside = path !== undefined && !/^([/\\]|[A-Za-z]:)/.test(reference) && isInside(path, workspace);
      if (inside) return path;
      diagnostics.push(report('POL3021', span, { path: reference, workspace: workspace || '.' }));
      return undefined;
    }
    function read(reference: string, span: Span, diagnostics: Diagnostic[]): LoadedFile | undefined {
      const path = locate(reference, span, diagnostics);
      if (path === undefined) return undefined;
      const content = files.contents.get(path) ?? host.read(path);
      if (content === undefined) {
        const absence = host.absence?.(path);
        diagnostics.push(
          absence === undefined
            ? report('POL3020', span, { path: reference, resolved: path })
            : report('POL3023', span, { path: reference, absence }),
        );
        return undefined;
      }
      if (!isReallyInside(host, path, workspace)) {
        diagnostics.push(report('POL3021', span, { path: reference, workspace: workspace || '.' }));
        return undefined;
      }
      files.contents.set(path, content);
      return { path, content };
    }
    return {
      source: current,
      loadPolicy(reference, span, diagnostics) {
        const path = locate(reference, span, diagnostics);
        if (path === undefined) return undefined;
        if (chain.includes(path)) {
          const cycle = [...chain.slice(chain.indexOf(path)), path].map((file) => `\`${file}\``).join(' → ');
          diagnostics.push(report('POL3022', span, { cycle }));
          return undefined;
        }
        // Whether it lies in the workspace is known of it as well.
        const key = `${workspace}\n${path}`;
        const known = kept?.get(key);
        if (known !== undefined) {
          files.contents.set(path, known.content);
          files.sources.set(path, known.document.source);
          diagnostics.push(...known.diagnostics);
          return known.document;
        }
        const loaded = read(reference, span, diagnostics);
        if (loaded === undefined) return undefined;
        const decoded = decode(loaded.path, loaded.content);
        files.sources.set(path, decoded.source);
        if (decoded.diagnostic !== undefined) {
          diagnostics.push(decoded.diagnostic);
          return undefined;
        }
        const parsed = parseYaml(decoded.source);
        diagnostics.push(...parsed.diagnostics);
        const document = { source: decoded.source, root: parsed.root };
        kept?.add(key, { content: loaded.content, document, diagnostics: parsed.diagnostics });
        return document;
      },
      loadFile(reference, span, diagnostics) {
        return read(reference, span, diagnostics);
      },
      loadText(reference, span, diagnostics) {
        const loaded = read(reference, span, diagnostics);
        if (loaded === undefined) return undefined;
        const known = files.sources.get(loaded.path);
        if (known !== undefined) return known;
        const decoded = decode(loaded.path, loaded.content);
        files.sources.set(loaded.path, decoded.source);
        if (decoded.diagnostic === undefined) return decoded.source;
        diagnostics.push(decoded.diagnostic);
        return undefined;
      },
      neighbours(most) {
        const listed = host.list?.(workspace, most);
        if (listed === undefined && together === undefined) return undefined;
        files.listed = true;
        return {
          snapshot: host.snapshot,
          ...(together === undefined
            ? { paths: listed ?? [] }
            : { paths: [...new Set([...(listed ?? []), ...together])], together: new Set(together) }),
          read(path) {
            const known = files.sources.get(path);
            if (known !== undefined) return known;
            const content = host.read(path);
            if (content === undefined) return undefined;
            const { source: text, diagnostic } = decode(path, content);
            return diagnostic === undefined ? text : undefined;
          },
        };
      },
      inside: (document) => at(document.source, [...chain, document.source.path]),
    };
  }
  return at(source, [source.path]);
}

/**
 * The path that `reference` names beside `from`, with `.` and `..` resolved; undefined where it climbs out of the root. A
 * relative path may climb above the current folder: `../base.yaml`.
 */
export function resolveReference(from: string, reference: string): string | undefined {
  const base = from.split('/').slice(0, -1);
  const path = [...base];
  for (const component of reference.split('/')) {
    if (component === '' || component === '.') continue;
    if (component !== '..') path.push(component);
    else if (path.at(-1) === '') return undefined;
    else if (path.length > 0 && path.at(-1) !== '..') path.pop();
    else path.push('..');
  }
  return path.join('/');
}

function isInside(path: string, workspace: string): boolean {
  if (!/^(\.\.(\/|$))*$/.test(workspace)) return path.startsWith(`${workspace}/`);
  return !path.startsWith('/') && climbs(path) <= climbs(workspace);
}

/** Whether the file lies in the workspace with every symbolic link followed, as far as the host knows of links. */
function isReallyInside(host: Host, path: string, workspace: string): boolean {
  if (host.realpath === undefined) return true;
  const folder = host.realpath(workspace);
  const file = host.realpath(path);
  if (folder === undefined || file === undefined) return false;
  return file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** How many folders up a normalised relative path begins. */
function climbs(path: string): number {
  const components = path.split('/');
  const first = components.findIndex((component) => component !== '..');
  return first === -1 ? components.length : first;
}
