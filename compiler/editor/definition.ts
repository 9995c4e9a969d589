import { isHookProgram } from '../hook-programs/file-name.ts';
import type { Span } from '../source/span.ts';
import type { MapEntry, YamlNode } from '../source/tree.ts';
import { anchorAt } from './definition-anchors.ts';
import { declaredIn, targetsOf, visibleFrom } from './definition-scope.ts';
import type { EditorDocument } from './document.ts';
import { hookSectionIn } from './hook-programs/describe.ts';
import { locate, pathOf } from './locate.ts';
import { type Declaration, namesIn, type Reference } from './names.ts';
import type { Workspace } from './workspace.ts';

/** Where something that is named at a cursor is said. */
export interface Definition {
  /** What is under the cursor. */
  readonly origin: Span;
  /** The name where it is said; at the start of a file for the file itself. */
  readonly span: Span;
  /** All that is said under it. */
  readonly whole: Span;
}

/** A name under a cursor: one that is given there, or one that is spoken of. */
export type NameAt =
  | { readonly says: 'declares'; readonly name: Declaration }
  | { readonly says: 'refers'; readonly name: Reference };

/** The name under a cursor, at its end too. */
export function nameAt(document: EditorDocument, offset: number): NameAt | undefined {
  const { declarations, references } = namesIn(document);
  const isThere = ({ span }: { readonly span: Span }) =>
    span.file === document.path && span.start <= offset && offset <= span.end;
  const reference = references.find(isThere);
  if (reference !== undefined) return { says: 'refers', name: reference };
  const declaration = declarations.find(isThere);
  return declaration === undefined ? undefined : { says: 'declares', name: declaration };
}

/** Where what is under a cursor is said: a file, a tier, a model, a template, a rule whose loss is accepted, an anchor. */
export function definitionsOf(document: EditorDocument, offset: number, workspace: Workspace): readonly Definition[] {
  const anchor = anchorAt(document, offset);
  if (anchor !== undefined) return [{ origin: anchor.here, span: anchor.declared, whole: anchor.declared }];
  const found = nameAt(document, offset);
  if (found === undefined) return lossAt(document, offset);
  const { name } = found;
  const origin = name.span;
  if (found.says === 'declares') {
    const { kind, name: text, of } = found.name;
    const targets = declaredIn(visibleFrom(document.path, kind, workspace), kind, text, of);
    return targets.flatMap(({ declaration }) =>
      declaration === undefined ? [] : [{ origin, span: declaration.span, whole: declaration.whole }],
    );
  }
  const { kind, path } = found.name;
  if (kind === 'file' && path !== undefined) {
    return [{ origin, ...(sectionAt(document, offset, path, workspace) ?? startOf(path)) }];
  }
  if (kind === 'file') return [];
  return targetsOf(found.name, document.path, workspace).map(({ file, declaration }) =>
    declaration === undefined
      ? { origin, ...startOf(file.path) }
      : { origin, span: declaration.span, whole: declaration.whole },
  );
}

/** In a hook program that a policy names, the section of the hook that it is named for. */
function sectionAt(
  document: EditorDocument,
  offset: number,
  file: string,
  workspace: Workspace,
): Pick<Definition, 'span' | 'whole'> | undefined {
  if (!isHookProgram(file)) return undefined;
  const hook = pathOf(locate(document, offset)).at(-1);
  const text = workspace.document(file)?.source.text;
  const section = typeof hook !== 'string' || text === undefined ? undefined : hookSectionIn(text, hook);
  if (section === undefined) return undefined;
  const { start, end, whole } = section;
  return { span: { file, start, end }, whole: { file, ...whole } };
}

function startOf(file: string): Pick<Definition, 'span' | 'whole'> {
  const span = { file, start: 0, end: 0 };
  return { span, whole: span };
}

/** The keys of the document that an accepted loss names: `resources.disk`, or the last of them, `disk`. */
function lossAt(document: EditorDocument, offset: number): readonly Definition[] {
  const place = locate(document, offset);
  const way = pathOf(place);
  if (place.at !== 'value' || place.scalar === undefined || way.at(-1) !== 'loss' || way.at(-3) !== 'accept') return [];
  const wanted = place.scalar.text.replace(/\[\d+\]/g, '').split('.');
  const origin = place.scalar.span;
  return document.documents.flatMap(({ root }) =>
    root === undefined
      ? []
      : entriesAt(root, wanted).map(({ key, span: whole }) => ({ origin, span: key.span, whole })),
  );
}

/** The entries whose keys end in these; keys of which none is said are looked for further up. */
function entriesAt(root: YamlNode, wanted: readonly string[]): readonly MapEntry[] {
  const found: MapEntry[] = [];
  const seen = new Set<YamlNode>();
  function visit(node: YamlNode, way: readonly string[]): void {
    if (node.kind === 'scalar' || seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'sequence') {
      for (const item of node.items) visit(item, way);
      return;
    }
    for (const entry of node.entries) {
      const here = [...way, entry.key.text];
      if (wanted.every((word, index) => here[here.length - wanted.length + index] === word)) found.push(entry);
      else if (entry.key.text !== 'accept') visit(entry.value, here);
    }
  }
  visit(root, []);
  return found;
}
