import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { MapNode, YamlNode } from '../../compiler/source/tree.ts';
import type { Purpose } from './signed-text.ts';

/** A key that is new to a trust store, in the terms of its file. */
export interface NewKey {
  readonly id: string;
  readonly authority: string;
  readonly publicKey: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  /** Absent: all. */
  readonly purposes?: readonly Purpose[];
}

/**
 * The text of a trust store with one key more; all else stays as it is, comments too. Undefined where the keys are written
 * in braces.
 *
 * @param text a trust store that was read without an error, or an empty text
 */
export function withTrustedKey(text: string, key: NewKey): string | undefined {
  if (text.trim() === '') {
    const heading = '# Whose signatures count here; `polc keys list` shows the keys.\nauthorities:\n  ';
    return `${heading}${[`${JSON.stringify(key.authority)}:`, ...indented(keyLines(key))].join('\n  ')}\n`;
  }
  const { root } = parseYaml(sourceText('', text));
  const authorities = root === undefined ? undefined : blockAt(root, 'authorities');
  if (authorities === undefined) return undefined;
  const isThere = authorities.entries.some((entry) => entry.key.text === key.authority);
  if (!isThere)
    return beforeFirst(text, authorities, [`${JSON.stringify(key.authority)}:`, ...indented(keyLines(key))]);
  const keys = blockAt(authorities, key.authority);
  return keys === undefined ? undefined : beforeFirst(text, keys, keyLines(key));
}

function keyLines({ id, publicKey, validFrom, validUntil, purposes }: NewKey): readonly string[] {
  return [
    // In quotes, since an id may look like a number.
    `${JSON.stringify(id)}:`,
    `  public_key: ${JSON.stringify(publicKey)}`,
    ...(validFrom === undefined ? [] : [`  valid_from: ${JSON.stringify(validFrom)}`]),
    ...(validUntil === undefined ? [] : [`  valid_until: ${JSON.stringify(validUntil)}`]),
    ...(purposes === undefined ? [] : [`  purposes: [${purposes.join(', ')}]`]),
  ];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** The map under a key, where it is written in lines and has one. */
function blockAt(node: YamlNode, name: string): MapNode | undefined {
  if (node.kind !== 'map') return undefined;
  const value = node.entries.find(({ key }) => key.text === name)?.value;
  return value?.kind === 'map' && !value.flow && value.entries.length > 0 ? value : undefined;
}

function beforeFirst(text: string, map: MapNode, lines: readonly string[]): string | undefined {
  const at = map.entries[0]?.key.span.start;
  if (at === undefined) return undefined;
  const indent = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  // An anchor or a tag before the key would go to the new one.
  if (indent.trim() !== '') return undefined;
  return `${text.slice(0, at)}${lines.join(`\n${indent}`)}\n${indent}${text.slice(at)}`;
}
