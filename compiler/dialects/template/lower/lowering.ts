import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { Origin } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import type { Target } from '../../../target.ts';
import type { Layer } from '../inherit.ts';
import type { TemplateDocument } from '../shape.ts';

export interface Lowering {
  /** What is inherited, and the template itself at the end. */
  readonly layers: readonly Layer[];
  /** The template itself. */
  readonly own: Layer;
  readonly target: Target;
  readonly diagnostics: Diagnostic[];
}

export function originOf(span: Span, { layers, own }: Lowering): Origin {
  const layer = layers.find(({ source }) => source.path === span.file);
  return layer === undefined || layer === own ? { span } : { span, by: `inherits ${layer.name}` };
}

/** What the last layer says that says something: the template itself before what it inherits. */
export function last<T>({ layers }: Lowering, pick: (document: TemplateDocument) => T | undefined): T | undefined {
  for (let at = layers.length - 1; at >= 0; at -= 1) {
    const value = pick(layers[at]!.document);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** What all layers say, in their order. */
export function all<T>(
  { layers }: Lowering,
  pick: (document: TemplateDocument) => readonly T[] | undefined,
): readonly T[] {
  return layers.flatMap(({ document }) => pick(document) ?? []);
}

/** The last entry for each key, at the place where the key came first. */
export function lastOf<T>(entries: readonly T[], keyOf: (entry: T) => string): readonly T[] {
  const byKey = new Map<string, T>();
  for (const entry of entries) byKey.set(keyOf(entry), entry);
  return [...byKey.values()];
}

/** Reports the entries of a list that stand there already, and a list that was written empty where nothing fits that. */
export function checkList(
  list: Located<readonly Located<unknown>[]> | undefined,
  key: string,
  lowering: Lowering,
): void {
  if (list === undefined) return;
  if (list.node.kind === 'sequence' && list.node.items.length === 0) {
    lowering.diagnostics.push(report('POL5300', list.span, { key }));
  }
  const first = new Map<unknown, Located<unknown>>();
  for (const entry of list.value) {
    const earlier = first.get(entry.value);
    first.set(entry.value, earlier ?? entry);
    if (earlier === undefined) continue;
    const related = [{ span: earlier.span, label: 'the first time' }];
    lowering.diagnostics.push(report('POL5050', entry.span, {}, { related }));
  }
}

/** `a`, `b` and 3 more, in backticks. */
export function listed(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).map((name) => `\`${name}\``);
  if (names.length > most) shown.push(`${names.length - most} more`);
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** `0.2` as `$0.20`, with as many more digits as it has. */
export function dollarText(amount: number): string {
  const text = String(amount);
  const digits = text.includes('e') ? 6 : (text.split('.')[1]?.length ?? 0);
  return `$${amount.toFixed(Math.min(Math.max(digits, 2), 6))}`;
}
