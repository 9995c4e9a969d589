import type { Span } from '../source/span.ts';
import { nameAt } from './definition.ts';
import { anchorAt } from './definition-anchors.ts';
import { declaredIn, type Target, targetsOf, visibleFrom } from './definition-scope.ts';
import type { EditorDocument } from './document.ts';
import type { Declaration, Reference } from './names.ts';
import type { Workspace } from './workspace.ts';

/** A place that speaks of something, or gives it its name. */
export interface Use {
  readonly says: 'declares' | 'refers';
  readonly span: Span;
  /** Of a place that refers: how. */
  readonly reference?: Reference;
  readonly declaration?: Declaration;
}

/** What is spoken of: a file, or what some declarations give a name to. */
export interface Subject {
  /** Of a file, and of a policy or template, which is one too. */
  readonly path?: string;
  readonly declarations: readonly Target[];
}

/** Every place that speaks of what is under a cursor, those that name it first. */
export function usesOf(document: EditorDocument, offset: number, workspace: Workspace): readonly Use[] {
  const anchor = anchorAt(document, offset);
  if (anchor !== undefined) {
    const aliases = anchor.aliases.map((span): Use => ({ says: 'refers', span }));
    return [{ says: 'declares', span: anchor.declared }, ...aliases];
  }
  const subject = subjectAt(document, offset, workspace);
  return subject === undefined ? [] : usesOfSubject(subject, workspace);
}

/** What is spoken of under a cursor; undefined where it is nothing that has a name. */
export function subjectAt(document: EditorDocument, offset: number, workspace: Workspace): Subject | undefined {
  const found = nameAt(document, offset);
  if (found === undefined) return undefined;
  if (found.says === 'declares') {
    const { kind, name, of } = found.name;
    if (kind === 'template') return templateIn(document.path, workspace);
    const files = visibleFrom(document.path, kind, workspace);
    const declarations = declaredIn(files, kind, name, of).filter(({ declaration }) => declaration?.name === name);
    return kind === 'policy' ? { path: document.path, declarations } : { declarations };
  }
  const { kind, path } = found.name;
  if (kind === 'file') return path === undefined ? undefined : { path, declarations: [] };
  const targets = targetsOf(found.name, document.path, workspace);
  if (kind !== 'template') return targets.length === 0 ? undefined : { declarations: targets };
  const [target, other] = targets;
  if (target === undefined) return undefined;
  return other === undefined ? templateIn(target.file.path, workspace) : { declarations: targets };
}

/** A template, which may have two names besides that of its file. */
function templateIn(path: string, workspace: Workspace): Subject {
  const file = workspace.file(path);
  const names = file?.declarations.filter(({ kind }) => kind === 'template') ?? [];
  return { path, declarations: file === undefined ? [] : names.map((declaration) => ({ file, declaration })) };
}

export function usesOfSubject({ path, declarations }: Subject, workspace: Workspace): readonly Use[] {
  const uses: Use[] = [];
  const isDeclared = new Set<string>();
  for (const { declaration } of declarations) {
    if (declaration === undefined) continue;
    isDeclared.add(keyOf(declaration.span));
    uses.push({ says: 'declares', span: declaration.span, declaration });
  }
  const kinds = new Set<string>(declarations.flatMap(({ declaration }) => declaration?.kind ?? []));
  if (path !== undefined && workspace.file(path)?.dialect === 'template') kinds.add('template');
  for (const file of workspace.files()) {
    // Thousands of teams may be of one tier.
    const leads = new Map<string, boolean>();
    for (const reference of file.references) {
      const { kind, name, span } = reference;
      let isUse = kind === 'file' && path !== undefined && reference.path === path;
      if (kinds.has(kind)) {
        const key = `${kind} ${name} ${reference.of ?? ''}`;
        isUse =
          leads.get(key) ??
          targetsOf(reference, file.path, workspace).some((target) => isSubject(target, path, isDeclared));
        leads.set(key, isUse);
      }
      if (isUse) uses.push({ says: 'refers', span, reference });
    }
  }
  return distinct(uses);
}

function isSubject({ file, declaration }: Target, path: string | undefined, declared: ReadonlySet<string>): boolean {
  if (path !== undefined && file.path === path) return true;
  return declaration !== undefined && declared.has(keyOf(declaration.span));
}

function keyOf({ file, start }: Span): string {
  return `${start} ${file}`;
}

/** What is written once and used by aliases counts once. */
function distinct(uses: readonly Use[]): readonly Use[] {
  const seen = new Set<string>();
  return uses.filter(({ span }) => {
    const key = keyOf(span);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
