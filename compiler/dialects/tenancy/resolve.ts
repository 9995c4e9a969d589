import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { YamlNode } from '../../source/tree.ts';
import { acceptancesOf } from '../acceptance.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { isConfigMap } from './config-map.ts';
import { gather } from './gather.ts';
import { lowerTenancy } from './lower/index.ts';
import { modelOf } from './model.ts';

/** Decodes a policy with everything that it includes. */
export function resolveTenancy(
  documents: readonly YamlNode[],
  loader: Loader,
  diagnostics: Diagnostic[],
): Resolved | undefined {
  const gathered = gather(documents, loader, diagnostics);
  const [root] = documents;
  if (root === undefined) return undefined;
  const start = root.kind === 'map' ? (root.entries[0]?.key.span ?? root.span) : root.span;
  const tiers = modelOf(gathered, diagnostics);
  const accepted = acceptancesOf({ value: gathered.accept, span: root.span, node: root });
  const { path } = loader.source;
  const isPart = documents.every(isConfigMap);
  const lowering = { gathered, tiers, path, start, isPart, accepted };
  return { accepted, lower: (_, diagnostics) => lowerTenancy({ ...lowering, diagnostics }) };
}
