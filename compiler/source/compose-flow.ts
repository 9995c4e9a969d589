import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import { type Composition, firstLine, shortened } from './composition.ts';
import { checkDuplicates, composeKey } from './keys.ts';
import { checkEnd, type NodeReader, type Properties, readProperties, reportEmptyItem } from './properties.ts';
import { reportMissingColon, reportNoKey, reportUnclosed, spansLines } from './structure-reports.ts';
import type { MapEntry, MapNode, SequenceNode, YamlNode } from './tree.ts';

/** Composes `[...]` and `{...}` (YAML 1.2.2, section 7.4). */
export function composeFlow(
  token: CST.FlowCollection,
  read: NodeReader,
  composition: Composition,
): MapNode | SequenceNode {
  const isMap = token.start.source === '{';
  const open = isMap ? '{' : '[';
  const close = isMap ? '}' : ']';
  const items: YamlNode[] = [];
  const entries: MapEntry[] = [];
  let end = token.offset + 1;
  for (const [index, item] of token.items.entries()) {
    const { start, key, sep, value } = item;
    const around = readProperties(
      start,
      {
        indicator: 'explicit-key-ind',
        flow: true,
        offset: end,
        next: key ?? sep?.[0],
        parentIndent: token.indent,
        startsLine: false,
      },
      composition,
    );
    for (const inner of [key, value]) if (inner != null) checkFlowStyle(inner, open, close, composition);
    const empty =
      around.found === undefined &&
      around.anchor === undefined &&
      around.tag === undefined &&
      sep === undefined &&
      value === undefined;
    if (index === 0 && around.comma !== undefined) reportEmptyItem(around.comma, composition);
    if (empty) {
      const following = token.items[index + 1]?.start.find(({ type }) => type === 'comma');
      if (index < token.items.length - 1 && following !== undefined) reportEmptyItem(following, composition);
      end = around.end;
      continue;
    }
    if (index > 0 && around.comma === undefined) {
      reportMissingComma(value ?? key ?? sep?.[0], around.end, open, close, composition);
    }
    if (!isMap && sep === undefined && around.found === undefined) {
      const node = value === undefined ? read.missing(around.end, around) : read.node(value, around);
      items.push(node);
      end = value?.type === 'alias' ? value.offset + value.source.length : Math.max(around.end, node.span.end);
    } else {
      if (!isMap && around.found === undefined && key != null && spansLines(key)) reportMissingColon(key, composition);
      const entry = composeEntry(item, around, token, open, close, read, composition);
      end = Math.max(around.end, entry.span.end);
      if (isMap) entries.push(entry);
      else items.push({ kind: 'map', span: entry.span, entries: [entry], flow: true });
    }
  }
  const [closing, ...rest] = token.end;
  if (closing?.source === close) {
    end = closing.offset + 1;
    checkEnd(rest, true, composition);
  } else {
    reportUnclosed(token, composition);
  }
  const span = composition.span(token.offset, Math.max(end, token.offset + 1));
  if (!isMap) return { kind: 'sequence', span, items, flow: true };
  checkDuplicates(entries, composition);
  return { kind: 'map', span, entries, flow: true };
}

function composeEntry(
  item: CST.CollectionItem,
  around: Properties,
  token: CST.FlowCollection,
  open: string,
  close: string,
  read: NodeReader,
  composition: Composition,
): MapEntry {
  const { key, sep, value } = item;
  const keyNode = composeKey(key, around, composition);
  const valueAround = readProperties(
    sep ?? [],
    {
      indicator: 'map-value-ind',
      flow: true,
      offset: keyNode.span.end,
      next: value,
      parentIndent: token.indent,
      startsLine: false,
    },
    composition,
  );
  const { found } = valueAround;
  if (found === undefined && value !== undefined) {
    reportMissingComma(value, valueAround.end, open, close, composition);
  } else if (found !== undefined && keyNode.style === 'missing') {
    reportNoKey(found.offset, composition);
  } else if (found !== undefined && open === '[' && around.found === undefined && sep !== undefined && key != null) {
    if (sep.slice(0, sep.indexOf(found)).some(({ type }) => type === 'newline')) reportMissingColon(key, composition);
  }
  const node =
    value !== undefined
      ? read.node(value, valueAround)
      : read.missing(found === undefined ? keyNode.span.end : found.offset + 1, valueAround);
  const end = value?.type === 'alias' ? value.offset + value.source.length : node.span.end;
  return {
    key: keyNode,
    value: node,
    span: composition.span(keyNode.span.start, Math.max(keyNode.span.end, end)),
  };
}

function checkFlowStyle(token: CST.Token, open: string, close: string, composition: Composition): void {
  if (!composition.isFirst(token.offset)) return;
  if (token.type === 'block-seq') {
    composition.structural = report('POL1027', composition.span(token.offset, token.offset + 1), { open, close });
  } else if (token.type === 'block-map') {
    const key = token.items[0]?.key;
    const text = key != null && 'source' in key && typeof key.source === 'string' ? firstLine(key.source) : ':';
    composition.structural = report(
      'POL1012',
      composition.span(token.offset, token.offset + text.length),
      { key: shortened(text) },
      { help: `separate the entries between \`${open}\` and \`${close}\` with commas` },
    );
  }
}

function reportMissingComma(
  token: CST.Token | undefined,
  otherwise: number,
  open: string,
  close: string,
  composition: Composition,
): void {
  const at = token?.offset ?? otherwise;
  if (!composition.isFirst(at)) return;
  const written = token !== undefined && 'source' in token && typeof token.source === 'string' ? token.source : '';
  const text = firstLine(written) || composition.text.slice(at, at + 1);
  composition.structural = report('POL1016', composition.span(at, at + Math.max(1, text.length)), {
    text: shortened(text),
    open,
    close,
  });
}
