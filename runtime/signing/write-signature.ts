import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import type { SourceText } from '../../compiler/source/text.ts';
import type { SignatureBlock } from './template.ts';

/**
 * The text of a template with this signature in the place of the one that it has, or at its end. All else stays as it is,
 * comments too. Undefined where the template is written in braces, or ends in a way that takes no further key: whoever
 * calls reads the text again and compares.
 */
export function withSignature(source: SourceText, block: SignatureBlock): string | undefined {
  const { root } = parseYaml(source);
  const { text } = source;
  if (root?.kind !== 'map' || root.flow) return undefined;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const column = root.entries[0] === undefined ? 0 : columnOf(text, root.entries[0].span.start);
  const indent = ' '.repeat(column);
  const lines = [
    'signature:',
    `  authority: ${JSON.stringify(block.authority)}`,
    `  public_key_id: ${JSON.stringify(block.public_key_id)}`,
    `  signature: ${JSON.stringify(block.signature)}`,
    `  signed_at: ${JSON.stringify(block.signed_at)}`,
  ];
  const old = root.entries.find(({ key }) => key.text === 'signature');
  if (old !== undefined) {
    return text.slice(0, old.span.start) + lines.join(`${lineEnd}${indent}`) + text.slice(old.span.end);
  }
  const written = lines.map((line) => indent + line).join(lineEnd);
  const before = text === '' || text.endsWith('\n') ? text : text + lineEnd;
  // No empty line between: after a block scalar that keeps them (`|+`) it would be part of the text.
  return `${before}${written}${lineEnd}`;
}

/** Characters before a place on its line. */
function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}
