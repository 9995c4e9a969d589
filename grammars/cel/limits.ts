/** UTF-16 code units; cel-go's limit is as many code points. */
export const longestExpression = 100_000;

/** How deeply brackets, prefix operators and conditionals may stand in each other; cel-go's recursion limit. */
export const deepestNesting = 250;

/**
 * How deeply what is not well formed may nest. Chevrotain's rules take about 5 kB of stack a level before V8 has compiled
 * them, and a browser's worker has less than 1 MB.
 */
export const deepestRepair = 100;

/**
 * How high a tree may be. A chain `a || b || c` nests to the left, one level for each operator, and whoever walks trees
 * recurses.
 */
export const highestTree = 1000;
