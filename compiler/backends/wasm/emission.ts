import type { Policy } from '../../ir/policy.ts';
import type { Artifact, SourceMapEntry } from '../backend.ts';
import { celExtension } from './cel/extension.ts';
import { type DecisionModule, decisionModule } from './decisions.ts';
import { javascriptEncoder } from './encoder/javascript.ts';
import { encoderTypes } from './encoder/types.ts';
import { decisionsFile } from './format.ts';
import { printModule } from './text/print.ts';

/**
 * The module, its text form, the layout of what it is asked, and JavaScript that asks.
 *
 * @param optimise what makes the module smaller; which instruction then comes from which rule nobody knows
 */
export function decisionArtifacts(
  policy: Policy,
  optimise?: (module: Uint8Array) => Uint8Array,
): { readonly artifacts: readonly Artifact[]; readonly size: number } {
  const made = decisionModule(policy, celExtension());
  const module = optimise === undefined ? made : { ...made, bytes: optimise(made.bytes), marks: [], functionNames: [] };
  const ruleAt = rulesByPlace(module);
  const printed = printModule(module.bytes, module.functionNames, ruleAt);
  const spans = new Map(
    policy.decisions.flatMap(({ rules, otherwise }) =>
      [...rules, otherwise].map(({ id, origin }) => [id, origin.span] as const),
    ),
  );
  const mapped = (places: Iterable<readonly [at: number, rule: string | undefined]>): SourceMapEntry[] => {
    const entries: SourceMapEntry[] = [];
    let last: string | undefined;
    for (const [at, rule] of places) {
      const span = rule === undefined || rule === last ? undefined : spans.get(rule);
      if (rule !== undefined && span !== undefined) entries.push({ at, rule, span });
      last = rule;
    }
    return entries;
  };
  const lines = [...printed.instructions].map(([line, at]) => [line, ruleAt(at)] as const);
  const file = JSON.stringify(decisionsFile(module.decisions), undefined, 2);
  return {
    artifacts: [
      {
        path: 'decisions.wasm',
        content: module.bytes,
        sourceMap: mapped(module.marks.map(({ at, rule }) => [at, rule])),
      },
      { path: 'decisions.wat', content: printed.text, sourceMap: mapped(lines) },
      { path: 'decisions.json', content: `${file}\n`, sourceMap: [] },
      { path: 'decisions.js', content: javascriptEncoder(policy.name, module.decisions), sourceMap: [] },
      { path: 'decisions.d.ts', content: encoderTypes(module.decisions), sourceMap: [] },
    ],
    size: module.bytes.length,
  };
}

/** The rule that the instruction at a place comes from; asked for places in their order. */
function rulesByPlace({ marks }: DecisionModule): (at: number) => string | undefined {
  return (at) => {
    let [low, high] = [0, marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (marks[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    return marks[low - 1]?.rule;
  };
}
