import type { TextEdit } from '../../../diagnostics/diagnostic.ts';
import type { SourceText } from '../../../source/text.ts';
import type { YamlNode } from '../../../source/tree.ts';

/** The edit that adds texts, in quotes, at the end of a list; undefined where its layout leaves no simple way. */
export function addItems(
  list: YamlNode,
  texts: readonly string[],
  sources: ReadonlyMap<string, SourceText>,
): TextEdit | undefined {
  const last = list.kind === 'sequence' ? list.items.at(-1) : undefined;
  const source = last === undefined ? undefined : sources.get(last.span.file);
  if (list.kind !== 'sequence' || last === undefined || source === undefined) return undefined;
  const { file, start, end } = last.span;
  if (list.flow) {
    return { span: { file, start: end, end }, newText: texts.map((text) => `, ${JSON.stringify(text)}`).join('') };
  }
  const { text } = source;
  const prefix = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (!/^ *- +$/.test(prefix)) return undefined;
  // After the comment that may stand on the line of the last item.
  const newline = text.indexOf('\n', end);
  const at = newline === -1 ? text.length : newline;
  const lines = texts.map((each) => `\n${prefix}${JSON.stringify(each)}`).join('');
  return { span: { file, start: at, end: at }, newText: lines };
}
