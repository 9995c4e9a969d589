import type { TextEdit } from '../diagnostics/diagnostic.ts';
import { resolveReference } from '../dialects/loader.ts';
import { stemOf } from '../dialects/template/find-template.ts';
import { hasWildcard, matchesGlob } from '../expressions/glob.ts';
import type { Description } from '../schema/shape.ts';
import type { Span } from '../source/span.ts';
import { nameAt } from './definition.ts';
import { type Anchor, anchorAt } from './definition-anchors.ts';
import { targetsOf, visibleFrom } from './definition-scope.ts';
import type { EditorDocument } from './document.ts';
import { locate } from './locate.ts';
import type { NameKind } from './names.ts';
import { alternativesOf } from './narrow.ts';
import { type Subject, subjectAt, type Use, usesOfSubject } from './references.ts';
import { editsOfMoves, type Move } from './rename-files.ts';
import { writtenInPlaceOf } from './rename-text.ts';
import type { Workspace } from './workspace.ts';

/** Why something cannot be renamed, as a sentence without its full stop. */
export interface Refused {
  readonly refused: string;
}

/** What a name is, and where it stands. */
export interface Renamable {
  readonly span: Span;
  readonly text: string;
}

/** What a new name changes. */
export interface Renaming {
  readonly edits: readonly TextEdit[];
  /** Files that get another name, after the edits. */
  readonly moves: readonly Move[];
}

const nouns: Readonly<Record<NameKind, string>> = {
  policy: 'a policy',
  template: 'a template',
  profile: 'a profile',
  tier: 'a tier',
  team: 'a team',
  model: 'a model',
  object: 'an object',
};

/** What would be renamed under a cursor. */
export function renamableAt(document: EditorDocument, offset: number, workspace: Workspace): Renamable | Refused {
  const anchor = anchorNamedAt(document, offset);
  if (anchor !== undefined) return { span: anchor.here, text: anchor.name };
  const found = foundAt(document, offset, workspace);
  return 'refused' in found ? found : { span: found.span, text: found.text };
}

/** The edits of all files that give what is under a cursor another name, so that the policies mean what they meant. */
export function rename(
  document: EditorDocument,
  offset: number,
  name: string,
  workspace: Workspace,
): Renaming | Refused {
  const anchor = anchorNamedAt(document, offset);
  if (anchor !== undefined) return renamedAnchor(anchor, name);
  const found = foundAt(document, offset, workspace);
  if ('refused' in found) return found;
  const { text, subject, isFile } = found;
  if (name === text) return { edits: [], moves: [] };
  const unfit = unfitness(document, found.span, name);
  if (unfit !== undefined) return { refused: unfit };
  return isFile ? movedFile(document, subject, name, workspace) : renamed(found, name, document.path, workspace);
}

/** Not at the `&` or `*` in front of the name, which is no part of what is typed over. */
function anchorNamedAt(document: EditorDocument, offset: number): Anchor | undefined {
  const anchor = anchorAt(document, offset);
  return anchor !== undefined && anchor.here.start <= offset ? anchor : undefined;
}

function renamedAnchor({ name: before, declared, aliases, others }: Anchor, name: string): Renaming | Refused {
  if (!/^[^\s,[\]{}]+$/.test(name)) return { refused: `\`${name}\` cannot be the name of an anchor` };
  if (others.has(name)) return { refused: `there is an anchor \`${name}\` already` };
  const edits = name === before ? [] : [declared, ...aliases].map((span) => ({ span, newText: name }));
  return { edits, moves: [] };
}

interface Found extends Renamable {
  readonly subject: Subject;
  readonly kind: NameKind | 'file';
  readonly isFile: boolean;
}

function foundAt(document: EditorDocument, offset: number, workspace: Workspace): Found | Refused {
  const at = nameAt(document, offset);
  if (at === undefined) return { refused: notAName(document, offset) };
  const { kind, name: text, span } = at.name;
  if (document.dialect?.name === 'kuadrant') {
    return {
      refused: `a cluster knows its objects by their names: \`${text}\` by another name would be another object`,
    };
  }
  if (hasWildcard(text)) return { refused: `\`${text}\` is a pattern, and stands for every name that it matches` };
  const subject = subjectAt(document, offset, workspace);
  const isFile = kind === 'file';
  if (subject === undefined) return { refused: `no file that is known here has ${kindNoun(kind)} \`${text}\`` };
  if (isFile && subject.path !== undefined && !isInside(subject.path, document.path, workspace)) {
    return { refused: `\`${text}\` lies outside the folder of the policies` };
  }
  if (kind === 'template' && subject.path === undefined) {
    return { refused: `several templates are called \`${text}\`` };
  }
  if (!isFile && subject.declarations.every(({ declaration }) => declaration?.name !== text)) {
    const file = subject.path === undefined ? text : subject.path.slice(subject.path.lastIndexOf('/') + 1);
    return { refused: `\`${text}\` is what the template's file is called: rename the file \`${file}\`` };
  }
  return { span, text, subject, kind, isFile };
}

function kindNoun(kind: NameKind | 'file'): string {
  return kind === 'file' ? 'a file' : nouns[kind];
}

function notAName(document: EditorDocument, offset: number): string {
  const { at, text, scalar } = locate(document, offset);
  if (at === 'comment') return 'a comment names nothing';
  const written = scalar?.text ?? text;
  if (written === '') return 'nothing stands here';
  const shown = written.length > 40 ? `${written.slice(0, 39)}…` : written.replace(/\s+/g, ' ');
  if (at === 'key') return `\`${shown}\` is a key that polc knows by this name`;
  return `\`${shown}\` is no name that a policy gives: those of policies, templates, profiles, tiers, teams, models and files can be changed`;
}

function isInside(path: string, from: string, workspace: Workspace): boolean {
  return path.startsWith(`${workspace.folderOf(from)}/`);
}

/** Why a text cannot stand where a name does. */
function unfitness(document: EditorDocument, { start }: Span, name: string): string | undefined {
  if (name.trim() === '') return 'a name has at least one character';
  const place = locate(document, start);
  const within = place.description;
  const described: readonly Description[] =
    place.at === 'key' ? (within?.kind === 'mapping' ? [within.keys] : []) : alternativesOf(within);
  for (const each of described) {
    if (each.kind !== 'string' || each.pattern === undefined) continue;
    if (!new RegExp(`^(?:${each.pattern})$`).test(name)) {
      return `\`${name}\` is not ${each.noun}: it must be ${each.patternDoc ?? each.pattern}`;
    }
  }
  return undefined;
}

function renamed(
  { subject, kind, text: before }: Found,
  name: string,
  path: string,
  workspace: Workspace,
): Renaming | Refused {
  if (kind === 'file') return { edits: [], moves: [] };
  const uses = everyUse(subject, kind, before, workspace);
  const obstacle = taken(kind, name, path, workspace) ?? patternThatChanges(kind, before, name, uses, path, workspace);
  if (obstacle !== undefined) return { refused: obstacle };
  const edits: TextEdit[] = [];
  for (const { span } of uses) {
    const source = workspace.document(span.file)?.source;
    const newText = source === undefined ? undefined : writtenInPlaceOf(source, span, name);
    if (newText === undefined)
      return { refused: `\`${before}\` is written as a text of several lines in \`${span.file}\`` };
    edits.push({ span, newText });
  }
  return { edits, moves: [] };
}

/** Places that write the name. Those of a template may speak of it by its slug, its name or its file: only these change. */
function everyUse(subject: Subject, kind: NameKind, before: string, workspace: Workspace): readonly Use[] {
  let uses = usesOfSubject(subject, workspace);
  // A file that two platforms include speaks of a tier of both.
  for (let known = -1; kind !== 'template' && known < uses.length; ) {
    known = uses.length;
    const from = new Set(uses.map(({ span }) => span.file));
    const files = new Set([...from].flatMap((path) => visibleFrom(path, kind, workspace)));
    const declarations = [...files].flatMap((file) =>
      file.declarations
        .filter((each) => each.kind === kind && each.name === before)
        .map((declaration) => ({ file, declaration })),
    );
    uses = usesOfSubject({ declarations }, workspace);
  }
  return uses.filter(
    ({ declaration, reference }) => (declaration ?? reference)?.name === before && reference?.kind !== 'file',
  );
}

function taken(kind: NameKind, name: string, path: string, workspace: Workspace): string | undefined {
  if (kind === 'policy') return undefined;
  const reference = { kind, name, span: { file: path, start: 0, end: 0 } };
  const [other] = targetsOf(reference, path, workspace);
  if (other === undefined) return undefined;
  const file = other.file.path.slice(other.file.path.lastIndexOf('/') + 1);
  return other.declaration === undefined && stemOf(other.file.path) === name
    ? `\`${name}\` is what the template of \`${file}\` is called by`
    : `\`${file}\` has ${nouns[kind]} \`${name}\` already`;
}

/** A pattern that holds for only one of the two names: with the other name, policies would mean something else. */
function patternThatChanges(
  kind: NameKind,
  before: string,
  name: string,
  uses: readonly Use[],
  path: string,
  workspace: Workspace,
): string | undefined {
  const files = new Set([path, ...uses.map(({ span }) => span.file)]);
  const visible = new Set([...files].flatMap((file) => visibleFrom(file, kind, workspace)));
  for (const file of visible) {
    for (const reference of file.references) {
      if (reference.kind !== kind || !hasWildcard(reference.name)) continue;
      const [was, is] = [before, name].map((each) => matchesGlob(each, reference.name));
      if (was === is) continue;
      const shown = file.path.slice(file.path.lastIndexOf('/') + 1);
      return was
        ? `the pattern \`${reference.name}\` in \`${shown}\` means \`${before}\` too, and does not match \`${name}\``
        : `the pattern \`${reference.name}\` in \`${shown}\` matches \`${name}\`, and does not mean \`${before}\``;
    }
  }
  return undefined;
}

function movedFile(
  document: EditorDocument,
  { path: from }: Subject,
  name: string,
  workspace: Workspace,
): Renaming | Refused {
  const to = resolveReference(document.path, name);
  if (from === undefined || to === undefined || !isInside(to, document.path, workspace)) {
    return { refused: `\`${name}\` would lie outside the folder of the policies` };
  }
  if (workspace.file(to) !== undefined || workspace.document(to) !== undefined) {
    return { refused: `there is a file \`${name}\` already` };
  }
  if (/\.ya?ml$/.test(from) && !/\.ya?ml$/.test(to)) return { refused: 'a policy is a file with the suffix `.yaml`' };
  const move = { from, to };
  return { edits: editsOfMoves([move], workspace), moves: [move] };
}
