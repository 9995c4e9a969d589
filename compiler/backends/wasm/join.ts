import type { Point, Policy } from '../../ir/policy.ts';
import type { Artifact } from '../backend.ts';
import { celExtension } from './cel/extension.ts';
import { joinedEncoder } from './encoder/joined.ts';
import { joinedTypes } from './encoder/types.ts';
import { type RuleEntry, ruleEntries, type SlotEntry, slotEntries } from './format.ts';
import { manyDecisions } from './many.ts';

/** `decisions.json` of a module of many policies. */
export interface JoinedFile {
  readonly abi: 1;
  /** What the module's `fingerprint` is, where both are of one build. */
  readonly fingerprint: number;
  readonly point: Point;
  /** (address of a record, address of the answers) -> how many are not `allow`. */
  readonly function: string;
  /** Of the record, in bytes. */
  readonly size: number;
  readonly slots: readonly SlotEntry[];
  /** In the order of the answers, four bytes each. */
  readonly policies: readonly { readonly policy: string; readonly rules: readonly RuleEntry[] }[];
}

/** What many policies decide at one point, in one module, and how to ask it. Each of them decides there. */
export function joinedArtifacts(policies: readonly Policy[], point: Point): readonly Artifact[] {
  const made = manyDecisions(policies, point, celExtension());
  const decided = made.decisions.map(({ policy, decision }) => ({
    policy: policies[policy]!.name,
    rules: ruleEntries(decision),
  }));
  const file: JoinedFile = {
    abi: 1,
    fingerprint: made.fingerprint,
    point,
    function: made.export,
    size: made.layout.size,
    slots: slotEntries(made.layout),
    policies: decided,
  };
  const asked = { export: made.export, layout: made.layout, count: decided.length };
  const ids = decided.map(({ policy, rules }) => ({ policy, rules: rules.map(({ id }) => id) }));
  return [
    { path: 'decisions.wasm', content: made.bytes, sourceMap: [] },
    { path: 'decisions.json', content: `${JSON.stringify(file, undefined, 2)}\n`, sourceMap: [] },
    { path: 'decisions.js', content: joinedEncoder(asked, made.fingerprint, ids), sourceMap: [] },
    { path: 'decisions.d.ts', content: joinedTypes(made.layout), sourceMap: [] },
  ];
}
