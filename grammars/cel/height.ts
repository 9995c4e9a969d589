import { partsOf } from './parts.ts';
import type { Expression } from './syntax-tree.ts';

/** How many expressions there are from the tree's root down to its deepest leaf; without recursion, so for any tree. */
export function treeHeight(tree: Expression): number {
  let height = 0;
  for (let level: readonly Expression[] = [tree]; level.length > 0; level = level.flatMap(partsOf)) height += 1;
  return height;
}
