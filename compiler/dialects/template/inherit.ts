import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { relativeTo } from '../../paths.ts';
import { replaceWith, shorten } from '../../schema/scalars.ts';
import type { Located } from '../../schema/shape.ts';
import type { SourceText } from '../../source/text.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Loader } from '../loader.ts';
import { calledBy, findTemplates } from './find-template.ts';
import { shape, type TemplateDocument } from './shape.ts';

/** One file of those that a template is made of. */
export interface Layer {
  readonly document: TemplateDocument;
  /** Its slug, or what its file is called. */
  readonly name: string;
  readonly source: SourceText;
}

export interface Inheritance {
  /** Those that are inherited, each before what inherits it, and the template itself at the end. */
  readonly layers: readonly Layer[];
  /** False where one could not be read: what it says is not known. */
  readonly whole: boolean;
}

/**
 * Follows `inherits`. Nothing is joined here: each file stays a layer of its own, so that the limits of every one of them
 * hold, and no template can widen what it inherits.
 */
export function inherit(root: YamlNode, loader: Loader, diagnostics: Diagnostic[]): Inheritance {
  const layers: Layer[] = [];
  const done = new Set<string>();
  let whole = true;

  function visit(node: YamlNode, current: Loader): void {
    const document = decoded(node, diagnostics);
    if (document === undefined) {
      whole = false;
      return;
    }
    for (const reference of document.inherits?.value ?? []) follow(reference, current);
    done.add(current.source.path);
    layers.push({ document, name: calledBy(document.slug?.value, current.source.path), source: current.source });
  }

  function follow(reference: Located<string>, current: Loader): void {
    const path = locate(reference, current);
    // A template that two others inherit is one layer.
    if (path !== undefined && done.has(path)) return;
    const loaded =
      path === undefined
        ? undefined
        : current.loadPolicy(relativeTo(path, current.source.path), reference.span, diagnostics);
    if (loaded?.root === undefined) {
      whole = false;
      return;
    }
    visit(loaded.root, current.inside(loaded));
  }

  function locate({ value, span, node }: Located<string>, current: Loader): string | undefined {
    const folder = current.source.path.split('/').slice(0, -1);
    const beside = (file: string) => [...folder, file].join('/');
    if (/\.ya?ml$/.test(value)) return beside(value);
    const found = findTemplates(value, current);
    if (found === undefined) return beside(`${value}.yaml`);
    const [path, other] = found.paths;
    if (path !== undefined && other === undefined) return path;
    if (path !== undefined) {
      const paths = found.paths.map((each) => `\`${each}\``).join(', ');
      diagnostics.push(report('POL3204', span, { name: shorten(value), paths }));
      return undefined;
    }
    const options = node.kind === 'scalar' ? replaceWith(node, nearest(value, found.known())) : {};
    diagnostics.push(report('POL3203', span, { name: shorten(value) }, options));
    return undefined;
  }

  visit(root, loader);
  return { layers, whole };
}

interface Decoded {
  readonly document: TemplateDocument | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A loader that keeps documents gives the same node to every template that inherits it. */
const known = new WeakMap<YamlNode, Decoded>();

function decoded(node: YamlNode, diagnostics: Diagnostic[]): TemplateDocument | undefined {
  let result = known.get(node);
  if (result === undefined) {
    const found: Diagnostic[] = [];
    result = { document: shape.decode(node, { diagnostics: found }), diagnostics: found };
    known.set(node, result);
  }
  diagnostics.push(...result.diagnostics);
  return result.document;
}
