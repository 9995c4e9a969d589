import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { ScalarNode, YamlNode } from '../../../source/tree.ts';
import type { KuadrantPolicy } from '../policy.ts';
import { entriesOf, fieldOf } from '../resource.ts';

/** Reports names of pattern sets that the policy does not have. With `merge` another policy may have them. */
export function checkPatternNames({ kind, body, strategy }: KuadrantPolicy, diagnostics: Diagnostic[]): void {
  if (kind !== 'AuthPolicy' || strategy === 'merge') return;
  const names = entriesOf(fieldOf(body, 'patterns')).map(({ key }) => key.text);
  for (const reference of referencesIn(fieldOf(body, 'rules'))) {
    const { text, span } = reference;
    if (names.includes(text)) continue;
    diagnostics.push(report('POL3122', span, { name: shorten(text) }, replaceWith(reference, nearest(text, names))));
  }
}

function referencesIn(node: YamlNode | undefined): readonly ScalarNode[] {
  if (node?.kind === 'sequence') return node.items.flatMap(referencesIn);
  if (node?.kind !== 'map') return [];
  return node.entries.flatMap(({ key, value }) =>
    key.text === 'patternRef' && value.kind === 'scalar' && value.text !== '' ? [value] : referencesIn(value),
  );
}
