import type { BackendName } from '../backends/backend.ts';
import type { Compilation } from '../compile.ts';
import type { JoinedCoverage } from '../coverage.ts';
import type { Span } from '../source/span.ts';
import type { MapEntry, YamlNode } from '../source/tree.ts';
import type { Target } from '../target.ts';
import type { EditorDocument } from './document.ts';
import { namesIn } from './names.ts';
import { makeTab, tabsOf } from './preview/tabs.ts';
import { usesOf } from './references.ts';
import type { Workspace } from './workspace.ts';

/** What a line above a piece of a policy says. */
export type LensKind =
  /** How many rules are enforced. */
  | 'coverage'
  /** An invitation to try a policy on an event. */
  | 'simulate'
  /** Who speaks of a name. */
  | 'uses'
  /** What backends make of a section, and how much of what they may use. */
  | 'output';

/** Where a line stands; what it says is worked out when it is shown. */
export interface Lens {
  readonly kind: LensKind;
  readonly span: Span;
  /** Of `output`. */
  readonly backends?: readonly BackendName[];
}

interface Section {
  readonly way: readonly string[];
  readonly backends: readonly BackendName[];
}

/** The sections of each dialect that backends make something of. */
const sections: Readonly<Record<string, readonly Section[]>> = {
  sandbox: [
    { way: ['security', 'seccomp'], backends: ['seccomp'] },
    { way: ['security', 'landlock'], backends: ['landlock'] },
    { way: ['resources'], backends: ['cgroup'] },
  ],
  guardrail: [{ way: ['actions'], backends: ['iam', 'scp'] }],
  tenancy: [{ way: ['targets'], backends: ['kuadrant'] }],
  template: [{ way: ['compile_to_ami'], backends: ['ami', 'launch-iam'] }],
};

/** The places above which something can be said, without a compilation. */
export function lensesOf(document: EditorDocument, workspace: Workspace): readonly Lens[] {
  const { documents, dialect, role } = document;
  const [first] = documents;
  if (role !== 'policy' || first?.root?.kind !== 'map') return [];
  const { root } = first;
  const lenses: Lens[] = [];
  const start = root.entries[0]?.key.span;
  if (start !== undefined) {
    lenses.push({ kind: 'coverage', span: start });
    if (dialect?.name === 'guardrail') lenses.push({ kind: 'simulate', span: start });
  }
  for (const { way, backends } of sections[dialect?.name ?? ''] ?? []) {
    const entry = entryAt(root, way);
    if (entry !== undefined) lenses.push({ kind: 'output', span: entry.key.span, backends });
  }
  for (const { kind, span } of namesIn(document).declarations) {
    // Of a tier it is worth knowing that nobody has it; most policies stand for themselves.
    const isWanted =
      kind === 'tier' ||
      ((kind === 'template' || kind === 'profile' || kind === 'policy') &&
        usesTitle(document, span, workspace) !== undefined);
    if (isWanted) lenses.push({ kind: 'uses', span });
  }
  return lenses;
}

function entryAt(root: YamlNode, way: readonly string[]): MapEntry | undefined {
  let node = root;
  let found: MapEntry | undefined;
  for (const step of way) {
    found = node.kind === 'map' ? node.entries.find(({ key }) => key.text === step) : undefined;
    if (found === undefined) return undefined;
    node = found.value;
  }
  return found;
}

/**
 * What a line says, by the document as it was last compiled: where its text as it is now has errors, of the last version
 * without. Undefined where there is nothing to say.
 */
export function lensTitle(
  { kind, span, backends = [] }: Lens,
  document: EditorDocument,
  target: Target,
  workspace: Workspace,
): string | undefined {
  if (kind === 'simulate') return 'simulate an event';
  if (kind === 'uses') return usesTitle(document, span, workspace) ?? 'no references';
  const { current, lastGood } = document;
  const shown = current?.compilation.ok === true ? current : lastGood;
  if (shown === undefined) return undefined;
  const title =
    kind === 'coverage' ? coverageTitle(shown.compilation.coverage) : outputTitle(shown.compilation, backends, target);
  const isOld = current !== undefined && shown !== current;
  return title !== undefined && isOld ? `${title} (in the last version without errors)` : title;
}

function usesTitle(document: EditorDocument, { start }: Span, workspace: Workspace): string | undefined {
  const uses = usesOf(document, start, workspace).filter(({ says }) => says === 'refers').length;
  return uses === 0 ? undefined : uses === 1 ? '1 reference' : `${uses} references`;
}

function coverageTitle(coverage: readonly JoinedCoverage[]): string | undefined {
  if (coverage.length === 0) return undefined;
  const count = (status: JoinedCoverage['status'], accepted: boolean) =>
    coverage.filter(
      (each) => each.overridden === undefined && each.status === status && (each.accepted !== undefined) === accepted,
    ).length;
  const decided = coverage.filter(({ overridden }) => overridden === undefined).length;
  const full = count('full', false) + count('full', true);
  const parts = [
    [count('partial', false), 'in part'],
    [count('none', false), 'not enforced'],
    [count('partial', true) + count('none', true), 'accepted as lost'],
  ] as const;
  const others = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return [`${full} of ${decided} rules enforced`, ...others].join(' · ');
}

function outputTitle(compilation: Compilation, backends: readonly BackendName[], target: Target): string | undefined {
  const parts: string[] = [];
  const present = compilation.outputs.filter(
    ({ backend, artifacts }) => backends.includes(backend) && artifacts.length > 0,
  );
  for (const { backend, summary } of present) {
    const quotas = tabsOf(compilation)
      .filter(({ group }) => group === backend)
      .flatMap((tab) => {
        const { quota } = makeTab(tab, compilation, target);
        return quota === undefined ? [] : [{ ...quota, of: tab.title.replace(/\.[a-z]+$/, '') }];
      });
    if (quotas.length === 0) {
      if (summary !== '') parts.push(`${backend}: ${summary}`);
      continue;
    }
    // Architectures have short names; the names of AWS's policies say nothing here.
    const isNamed = quotas.length > 1 && backend === 'seccomp';
    const shown = quotas.map(({ used, most, unit, of }) => `${isNamed ? `${of}: ` : ''}${used} of ${most} ${unit}`);
    parts.push(present.length > 1 ? `${backend}: ${shown.join(', ')}` : shown.join(' · '));
  }
  return parts.length === 0 ? undefined : parts.join(' · ');
}
