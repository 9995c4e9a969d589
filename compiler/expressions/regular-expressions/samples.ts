import { parsePattern } from './parse.ts';
import type { RegularExpression } from './syntax-tree.ts';

/** Texts of one pattern are no more. */
const mostSamples = 6;

/** A few texts that a pattern matches if its assertions hold there: one for each way, with the first of each class. */
export function samplesOf(pattern: string): readonly string[] {
  const tree = parsePattern(pattern);
  return tree === undefined ? [] : samples(tree);
}

function samples(tree: RegularExpression): readonly string[] {
  switch (tree.kind) {
    case 'empty':
    case 'assertion':
      return [''];
    case 'class':
      return tree.ranges.length === 0 ? [] : [String.fromCodePoint(tree.ranges[0]!)];
    case 'choice':
      return tree.of.flatMap(samples).slice(0, mostSamples);
    case 'sequence': {
      let texts: readonly string[] = [''];
      for (const each of tree.of) {
        const ends = samples(each);
        texts = texts.flatMap((text) => ends.map((end) => text + end)).slice(0, mostSamples);
      }
      return texts;
    }
    case 'repeat': {
      const times = Math.min(Math.max(tree.least, 1), tree.most ?? 1000, 1000);
      return samples(tree.of).map((text) => text.repeat(times));
    }
  }
}
