import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import type { Located } from '../../schema/shape.ts';
import type { SourceText } from '../../source/text.ts';
import type { YamlNode } from '../../source/tree.ts';
import { acceptancesOf } from '../acceptance.ts';
import type { Acceptance } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { type HookFile, hookFilesOf } from './hook-files.ts';
import { type SandboxDocument, shape } from './shape.ts';

/** One policy of the chain that `extends` makes: the policy itself first, then its bases, nearest first. */
export interface Layer {
  readonly document: SandboxDocument;
  /** What put its rules there, for those that the policy itself did not write: `extends base.yaml`. */
  readonly by: string | undefined;
  readonly source: SourceText;
  /** The files below `bpf_lsm` that could be read. */
  readonly hookFiles: readonly HookFile[];
}

export interface ResolvedSandbox {
  readonly layers: readonly Layer[];
  readonly accepted: readonly Acceptance[];
}

/** Decodes a policy with everything that it extends. A file that several bases share counts once, at its first place. */
export function resolveSandbox(root: YamlNode, loader: Loader, diagnostics: Diagnostic[]): ResolvedSandbox | undefined {
  const layers: Layer[] = [];
  const seen = new Set<string>();

  function add(node: YamlNode, current: Loader, by: string | undefined): void {
    const document = shape.decode(node, { diagnostics });
    if (document === undefined) return;
    layers.push({ document, by, source: current.source, hookFiles: hookFilesOf(document, current, diagnostics) });
    for (const reference of referencesOf(document)) {
      const loaded = current.loadPolicy(reference.value, reference.span, diagnostics);
      if (loaded?.root === undefined || seen.has(loaded.source.path)) continue;
      seen.add(loaded.source.path);
      add(loaded.root, current.inside(loaded), `extends ${reference.value}`);
    }
  }

  add(root, loader, undefined);
  if (layers.length === 0) return undefined;
  // Every chain ends in a policy without `extends`, which must have one, unless the chain is empty or a circle.
  const bases = layers[0]!.document.extends;
  if (bases !== undefined && layers.every(({ document }) => document.mode === undefined) && !hasErrors(diagnostics)) {
    diagnostics.push(report('POL2002', bases.key ?? bases.span, { key: 'mode', example: 'mode: sandbox' }));
  }
  const accepted = layers.flatMap(({ document }) => acceptancesOf(document.accept));
  return { layers, accepted };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

function referencesOf(document: SandboxDocument): readonly Located<string>[] {
  const { extends: bases } = document;
  if (bases === undefined) return [];
  return typeof bases.value === 'string' ? [{ ...bases, value: bases.value }] : bases.value;
}
