import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { shorten } from '../../schema/scalars.ts';
import type { YamlNode } from '../../source/tree.ts';
import { acceptancesOf } from '../acceptance.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { inherit } from './inherit.ts';
import { lowerTemplate } from './lower/index.ts';

/** Decodes a template with all that it inherits. */
export function resolveTemplate(root: YamlNode, loader: Loader, diagnostics: Diagnostic[]): Resolved | undefined {
  if (isForOtherService(root, diagnostics)) return undefined;
  const { layers, whole } = inherit(root, loader, diagnostics);
  if (!whole) return undefined;
  return {
    accepted: layers.flatMap(({ document }) => acceptancesOf(document.accept)),
    lower: (target, found) => lowerTemplate(layers, target, found),
  };
}

/** What runs elsewhere than on instances has keys of its own: one finding says more than one for each of them. */
function isForOtherService(root: YamlNode, diagnostics: Diagnostic[]): boolean {
  const entry = root.kind === 'map' ? root.entries.find(({ key }) => key.text === 'service_type') : undefined;
  const value = entry?.value;
  if (value?.kind !== 'scalar' || value.style === 'missing' || value.text === 'ec2') return false;
  diagnostics.push(report('POL5330', value.span, { service: shorten(value.text) }));
  return true;
}
