import { PathIndex } from '../expressions/path-index.ts';
import type { Predicate } from '../expressions/predicate.ts';
import type { Rule } from '../ir/policy.ts';

/** The rules that can hold at a path, in their order: of thousands of paths few are above one. The others are false there. */
export function rulesByPath(rules: readonly Rule[]): (path: string) => readonly Rule[] {
  const anywhere: number[] = [];
  const index = new PathIndex<number>();
  for (const [place, { when }] of rules.entries()) {
    const patterns = necessaryPatterns(when);
    if (patterns === undefined) anywhere.push(place);
    else for (const pattern of patterns) index.add(pattern, place);
  }
  return (path) => {
    const above = index.above(path);
    if (anywhere.length === 0 && above.length < 2) return above.map((place) => rules[place]!);
    const places = new Set([...anywhere, ...above]);
    return [...places].sort((left, right) => left - right).map((place) => rules[place]!);
  };
}

/** Patterns of which a path must be beneath one, or the predicate is false there; undefined where none are known. */
function necessaryPatterns(predicate: Predicate): readonly string[] | undefined {
  switch (predicate.kind) {
    case 'beneath':
      return predicate.term.kind === 'attribute' && predicate.term.name === 'path' ? [predicate.pattern] : undefined;
    case 'and':
      for (const operand of predicate.of) {
        const patterns = necessaryPatterns(operand);
        if (patterns !== undefined) return patterns;
      }
      return undefined;
    case 'or': {
      const all: string[] = [];
      for (const operand of predicate.of) {
        const patterns = necessaryPatterns(operand);
        if (patterns === undefined) return undefined;
        for (const pattern of patterns) all.push(pattern);
      }
      return all;
    }
    default:
      return undefined;
  }
}
