import type { CST } from 'yaml';
import type { Composition } from './composition.ts';
import { checkDuplicates, composeKey } from './keys.ts';
import { type NodeReader, readProperties } from './properties.ts';
import {
  reportIndent,
  reportMissingColon,
  reportMissingDash,
  reportNested,
  reportNoKey,
  spansLines,
} from './structure-reports.ts';
import type { MapEntry, MapNode, SequenceNode, YamlNode } from './tree.ts';

/** Composes `key: value` lines (YAML 1.2.2, section 8.2.2). */
export function composeBlockMap(token: CST.BlockMap, read: NodeReader, composition: Composition): MapNode {
  const entries: MapEntry[] = [];
  let end = token.offset;
  for (const { start, key, sep, value } of token.items) {
    const keyAround = readProperties(
      start,
      {
        indicator: 'explicit-key-ind',
        flow: false,
        offset: end,
        next: key ?? sep?.[0],
        parentIndent: token.indent,
        startsLine: true,
      },
      composition,
    );
    const implicit = keyAround.found === undefined;
    if (implicit && sep === undefined && keyAround.anchor === undefined && keyAround.tag === undefined) continue;
    const column = key !== null && key !== undefined && 'indent' in key ? key.indent : token.indent;
    if ((implicit ? column : keyAround.found?.indent) !== token.indent) {
      reportIndent(key ?? keyAround.found, column, token.indent, 'keys', composition);
    }
    if (implicit && key !== null && key !== undefined && (spansLines(key) || keyAround.newlineAfterProperty)) {
      reportMissingColon(key, composition);
    }
    const keyNode = composeKey(key, keyAround, composition);
    const valueAround = readProperties(
      sep ?? [],
      {
        indicator: 'map-value-ind',
        flow: false,
        offset: keyNode.span.end,
        next: value,
        parentIndent: token.indent,
        startsLine: key === null || key === undefined || key.type === 'block-scalar',
      },
      composition,
    );
    let valueNode: YamlNode;
    if (valueAround.found === undefined) {
      if (implicit && key !== null && key !== undefined) reportMissingColon(key, composition);
      else if (implicit) reportNoKey(keyAround.end, composition);
      valueNode = composition.missing(keyNode.span.end);
    } else {
      if (implicit && keyNode.style === 'missing' && (key === null || key === undefined)) {
        reportNoKey(valueAround.found.offset, composition);
      }
      if (implicit && value?.type === 'block-map' && !valueAround.newline) reportNested(value, composition);
      valueNode =
        value === undefined
          ? read.missing(afterIndicator(valueAround.found), valueAround)
          : read.node(value, valueAround);
    }
    // An alias's node stands elsewhere; what was written here is the alias.
    const written = value?.type === 'alias' ? value.offset + value.source.length : valueNode.span.end;
    end = Math.max(keyNode.span.end, written);
    entries.push({ key: keyNode, value: valueNode, span: composition.span(keyNode.span.start, end) });
  }
  checkDuplicates(entries, composition);
  const start = entries[0]?.span.start ?? token.offset;
  return { kind: 'map', span: composition.span(start, Math.max(end, start)), entries, flow: false };
}

/** Composes `- item` lines (YAML 1.2.2, section 8.2.1). */
export function composeBlockSequence(
  token: CST.BlockSequence,
  read: NodeReader,
  composition: Composition,
): SequenceNode {
  const items: YamlNode[] = [];
  let end = token.offset;
  for (const { start, value } of token.items) {
    const around = readProperties(
      start,
      {
        indicator: 'seq-item-ind',
        flow: false,
        offset: end,
        next: value,
        parentIndent: token.indent,
        startsLine: true,
      },
      composition,
    );
    if (around.found === undefined) {
      if (around.anchor === undefined && around.tag === undefined && value === undefined) continue;
      if (value?.type === 'block-seq') reportIndent(value, value.indent, token.indent, 'items', composition);
      else reportMissingDash(value, around.start, composition);
    }
    const item =
      value === undefined
        ? read.missing(around.found === undefined ? around.end : afterIndicator(around.found), around)
        : read.node(value, around);
    items.push(item);
    const written = value?.type === 'alias' ? value.offset + value.source.length : item.span.end;
    end = Math.max(end, written);
  }
  return { kind: 'sequence', span: composition.span(token.offset, end), items, flow: false };
}

function afterIndicator(indicator: CST.SourceToken): number {
  return indicator.offset + indicator.source.length;
}
