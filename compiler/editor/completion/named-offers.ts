import { relativeTo } from '../../paths.ts';
import type { EditorDocument } from '../document.ts';
import type { Place } from '../locate.ts';
import { meaningOf } from '../meaning/explain.ts';
import { type Declaration, namesIn, type Reference, referredAt } from '../names.ts';
import { alternativesOf } from '../narrow.ts';
import type { Workspace } from '../workspace.ts';
import type { ValueOffer } from './value-offers.ts';

/** The names that a place may refer to: tiers, teams, templates, profiles, files, rules of the policy itself. */
export function namedOffers(
  document: EditorDocument,
  path: readonly (string | number)[],
  of: 'key' | 'value',
  place: Place,
  workspace: Workspace,
): readonly ValueOffer[] {
  if (of === 'value' && alternativesOf(place.description).some((each) => meaningOf(each) === 'loss'))
    return losses(document);
  const dialect = document.dialect?.name;
  const kind = dialect === undefined ? undefined : referredAt(dialect, path, of);
  if (kind === undefined) return [];
  if (kind === 'file') {
    const suffixes = otherFiles[String(path.at(-2))] ?? otherFiles[String(path.at(-1))];
    return suffixes === undefined ? fileOffers(document, workspace) : otherOffers(document, suffixes, workspace);
  }
  // The index has them already where the document is one of the workspace.
  const own = workspace.file(document.path) ?? namesIn(document);
  const elsewhere = workspace.files().filter(({ path: file }) => file !== document.path);
  const found = [
    ...(isOfPart(kind) ? namesOfKind(own.declarations, kind) : []).map((name) => ({ name, doc: 'in this file' })),
    ...elsewhere.flatMap(({ path: file, declarations }) =>
      namesOfKind(declarations, kind).map((name) => ({ name, doc: relativeTo(file, document.path) })),
    ),
  ];
  const itself = String(path.at(-2));
  const seen = new Set<string>([itself]);
  return found.flatMap(({ name, doc }): readonly ValueOffer[] => {
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ name, doc, kind: 'name', isWhole: true, explain: undefined }];
  });
}

/** Whether a file can refer to such a thing within itself. */
function isOfPart(kind: Reference['kind']): boolean {
  return kind === 'tier' || kind === 'team' || kind === 'model';
}

/** The names of a file's things; of a template that has a short name only that. */
function namesOfKind(declarations: readonly Declaration[], kind: Reference['kind']): readonly string[] {
  const found = declarations.filter((each) => each.kind === kind);
  const short = found.filter(({ key }) => key === 'slug');
  return (short.length > 0 ? short : found).map(({ name }) => name);
}

/** Policies of the same dialect, those near the document first. */
function fileOffers({ path, dialect }: EditorDocument, workspace: Workspace): readonly ValueOffer[] {
  const folder = workspace.folderOf(path);
  return workspace
    .files()
    .filter((file) => file.path !== path && file.dialect === dialect?.name && file.path.startsWith(folder))
    .map((file) => ({ name: relativeTo(file.path, path), doc: namesOf(file.declarations) }))
    .sort((left, right) => depth(left.name) - depth(right.name) || (left.name < right.name ? -1 : 1))
    .map((each) => ({ ...each, kind: 'file', isWhole: true, explain: undefined }));
}

/** Keys under which files stand that are no policies, by how the names of those end. */
const otherFiles: Readonly<Record<string, readonly string[]>> = { bpf_lsm: ['.bpf', '.bpf.o'], event: ['.json'] };

function otherOffers(
  { path }: EditorDocument,
  suffixes: readonly string[],
  workspace: Workspace,
): readonly ValueOffer[] {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return (workspace.around?.(folder) ?? [])
    .filter((file) => suffixes.some((suffix) => file.endsWith(suffix)))
    .map((file) => relativeTo(file, path))
    .sort((left, right) => depth(left) - depth(right) || (left < right ? -1 : 1))
    .map((name) => ({ name, doc: '', kind: 'file', isWhole: true, explain: undefined }));
}

function namesOf(declarations: readonly { readonly kind: string; readonly name: string }[]): string {
  const [first] = declarations;
  return first === undefined ? '' : `${first.kind} ${first.name}`;
}

function depth(name: string): number {
  return name.split('/').length;
}

/** The rules of the policy that are not enforced in full come first. */
function losses({ current, lastGood }: EditorDocument): readonly ValueOffer[] {
  const known = current?.compilation.coverage.length ? current : lastGood;
  const topics = new Map<string, boolean>();
  for (const { topic, status } of known?.compilation.coverage ?? []) {
    const name = topic.replace(/\[\d+\]/g, '');
    topics.set(name, (topics.get(name) ?? false) || status !== 'full');
  }
  const sorted = [...topics].sort(([, left], [, right]) => Number(right) - Number(left));
  return sorted.map(([name, isLost]) => ({
    name,
    doc: isLost ? 'not enforced in full' : 'enforced',
    kind: 'name',
    isWhole: true,
    explain: undefined,
  }));
}
