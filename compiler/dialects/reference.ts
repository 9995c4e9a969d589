import { referencePage } from '../schema/reference.ts';
import type { Dialect } from './dialect.ts';

/** A dialect's reference, in Markdown: `polc docs sandbox`, docs/dialects/sandbox.md. */
export function dialectReference(
  { name, summary, description, reference, chapters }: Dialect,
  note: readonly string[] = [],
): string {
  const sentence = `${summary[0]?.toUpperCase()}${summary.slice(1)}.`;
  const page = referencePage(`The ${name} dialect`, [...note, sentence], reference ?? description);
  return [page, ...chapters()].join('\n');
}
