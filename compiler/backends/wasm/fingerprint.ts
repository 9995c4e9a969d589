import type { Decision } from '../../ir/policy.ts';
import type { RecordLayout } from './layout.ts';

/** A function of a module, and the decisions that it answers for. */
export interface Fingerprinted {
  readonly export: string;
  readonly layout: RecordLayout;
  /** Each with the name of its policy, where there are several. */
  readonly decided: readonly { readonly policy?: string; readonly decision: Decision }[];
}

/**
 * A number of 31 bits, made of all that whoever asks must know of a module: where values lie in records, and what its answers
 * mean. The module has it and `decisions.json` has it, so that one of another build is noticed before it is asked. FNV-1a.
 */
export function fingerprintOf(functions: readonly Fingerprinted[]): number {
  const text = JSON.stringify(
    functions.map(({ export: name, layout, decided }) => [
      name,
      layout,
      decided.map(({ policy, decision: { rules, otherwise } }) => [
        policy,
        [...rules, otherwise].map(({ id, effect }) => [id, effect]),
      ]),
    ]),
  );
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}
