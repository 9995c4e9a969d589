import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import { composeFlowScalar } from './compose-scalar.ts';
import { type Composition, shortened } from './composition.ts';
import type { Properties } from './properties.ts';
import { reportUnclosed } from './structure-reports.ts';
import type { MapEntry, ScalarNode } from './tree.ts';

/** Composes a key; what is no text is reported, and stands in the tree as a key of that source. */
export function composeKey(
  token: CST.Token | null | undefined,
  around: Properties,
  composition: Composition,
): ScalarNode {
  composition.size += 1;
  if (around.found !== undefined) reportComplex(around.found.offset, around.found.offset + 1, composition);
  if (token === null || token === undefined) return composition.missing(around.end);
  if (token.type === 'scalar' || token.type === 'single-quoted-scalar' || token.type === 'double-quoted-scalar') {
    const key = composeFlowScalar(token, composition);
    const property = around.tag ?? around.anchor;
    if (property !== undefined) {
      reportComplex(property.offset, property.offset + property.source.length, composition);
    } else if (typeof key.value !== 'string') {
      reportKind(key, composition);
    } else if (key.text === '<<' && key.style === 'plain') {
      composition.detail(report('POL1031', key.span, {}));
    }
    return key;
  }
  if (token.type === 'error') composition.unexpected(token);
  else if (token.type === 'flow-collection' && token.end[0]?.source !== (token.start.source === '{' ? '}' : ']'))
    reportUnclosed(token, composition);
  else reportComplex(token.offset, token.offset + 1, composition);
  return composition.missing(token.offset);
}

function reportComplex(start: number, end: number, composition: Composition): void {
  if (composition.isFirst(start)) composition.structural = report('POL1032', composition.span(start, end), {});
}

function reportKind(key: ScalarNode, composition: Composition): void {
  const kind = key.value === null ? 'null' : typeof key.value === 'boolean' ? 'a truth value' : 'a number';
  const quoted = `'${key.text}'`;
  composition.detail(
    report(
      'POL1033',
      key.span,
      { key: shortened(key.text), kind, quoted: shortened(quoted) },
      { fixes: [{ title: 'Quote the key', edits: [{ span: key.span, newText: quoted }], certain: true }] },
    ),
  );
}

/** Maps of up to this many entries are searched key by key, which is faster than a set. */
const smallMap = 8;

/** Further keys of one mapping that a finding names. */
const relatedLimit = 8;

/**
 * Reports keys written twice, in time linear in the number of entries: one finding for a mapping, because one `-`
 * forgotten between two items doubles every key of the second.
 */
export function checkDuplicates(entries: readonly MapEntry[], composition: Composition): void {
  if (entries.length <= smallMap && !hasDuplicate(entries)) return;
  const first = new Map<string, ScalarNode>();
  const doubled: ScalarNode[] = [];
  for (const { key } of entries) {
    if (key.style === 'missing') continue;
    if (!first.has(key.text)) first.set(key.text, key);
    else if (doubled.length <= relatedLimit) doubled.push(key);
  }
  const [second, ...others] = doubled;
  if (second === undefined) return;
  const related = [{ span: first.get(second.text)!.span, label: 'written first here' }];
  for (const { span, text } of others) related.push({ span, label: `\`${shortened(text)}\` is also written again` });
  composition.detail(report('POL1030', second.span, { key: shortened(second.text) }, { related }));
}

function hasDuplicate(entries: readonly MapEntry[]): boolean {
  for (let later = 1; later < entries.length; later += 1) {
    const { text } = entries[later]!.key;
    for (let earlier = 0; earlier < later; earlier += 1) if (entries[earlier]!.key.text === text) return true;
  }
  return false;
}
