import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';

/** The rights that a decision gives at a canonical path, by the reference evaluator: a bit each, as Landlock numbers them. */
export function rightsOf(decision: Decision, text: string): number {
  return fileSystemRights().reduce((mask, { name, bit }) => {
    const attributes: Readonly<Record<string, string>> = { path: text, right: name };
    const verdict = decide(decision, { attribute: (each) => attributes[each], parameter: () => undefined });
    return verdict?.effect.kind === 'allow' ? mask | Number(bit) : mask;
  }, 0);
}
