import { parseYaml } from '../../source/parse-yaml.ts';
import { positionAt, sourceText } from '../../source/text.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { LineRange } from './json-lines.ts';

/** The lines of the values that JSON pointers name in the first document of a YAML text. */
export function yamlLines(text: string, wanted: ReadonlySet<string>): ReadonlyMap<string, LineRange> {
  const source = sourceText('', text);
  const { root } = parseYaml(source);
  const found = new Map<string, LineRange>();
  const lineOf = (offset: number) => positionAt(source, offset).line;
  for (const pointer of wanted) {
    const steps = pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    let node: YamlNode | undefined = root;
    let start = node?.span.start ?? 0;
    for (const step of steps) {
      if (node?.kind === 'map') {
        const entry = node.entries.find(({ key }) => key.text === step);
        start = entry?.span.start ?? start;
        node = entry?.value;
      } else if (node?.kind === 'sequence') {
        node = node.items[Number(step)];
        start = node?.span.start ?? start;
      } else {
        node = undefined;
      }
    }
    if (node === undefined) continue;
    const end = text.slice(start, node.span.end).trimEnd().length + start;
    found.set(pointer, { first: lineOf(start), last: lineOf(end) });
  }
  return found;
}
