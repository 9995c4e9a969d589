import type { Dialect } from '../dialects/dialect.ts';
import type { Located } from '../schema/shape.ts';
import type { YamlNode } from '../source/tree.ts';
import type { PolicyTest } from './policy-test.ts';

/** The tests that a document has itself, not those of what it extends; without what cannot be read. */
export function testsIn(root: YamlNode | undefined, dialect: Dialect | undefined): readonly Located<PolicyTest>[] {
  const node = testsNode(root);
  if (node === undefined) return [];
  // What is wrong with them is a finding of the compilation.
  return dialect?.tests?.().decode(node, { diagnostics: [] }) ?? [];
}

/** What stands under `tests`. */
export function testsNode(root: YamlNode | undefined): YamlNode | undefined {
  return root?.kind === 'map' ? root.entries.find(({ key }) => key.text === 'tests')?.value : undefined;
}
