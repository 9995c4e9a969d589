import type { Decision, Effect, Point } from '../../ir/policy.ts';
import { type CompiledDecision, fingerprint } from './decisions.ts';
import { dataOf, isAudited } from './encoder/javascript.ts';
import type { ComparedTexts, RecordLayout, SlotType } from './layout.ts';

/** `decisions.json`: what a host must know to ask the module, in any language. docs/webassembly.md says how. */
export interface DecisionsFile {
  readonly abi: 1;
  /** What the module's `fingerprint` is, where both are of one build. */
  readonly fingerprint: number;
  readonly decisions: readonly DecisionEntry[];
}

export interface DecisionEntry {
  readonly point: Point;
  /** The function of the module: (address of a record) -> answer. */
  readonly function: string;
  /** Of the record, in bytes. */
  readonly size: number;
  readonly slots: readonly SlotEntry[];
  /** In the order of their numbers in answers; the last is what holds where no rule does. */
  readonly rules: readonly RuleEntry[];
}

export interface SlotEntry {
  readonly attribute: string;
  readonly type: SlotType;
  readonly offset: number;
  /** The number of its bit among the bits at the beginning of the record. */
  readonly known: number;
  /** Of a value: the variable of the expressions that it is read from, and the keys that lead to it. */
  readonly path?: readonly string[];
  /** Texts that it, or its elements, are compared with where nothing else is done with them. */
  readonly texts?: ComparedTexts;
}

export interface RuleEntry {
  readonly id: string;
  readonly effect: Effect['kind'];
  /** The error of `errno`, the data of `trap` and `trace`. */
  readonly data?: number;
  /** Each call that the rule decides is to be recorded. */
  readonly audit?: true;
}

export function decisionsFile(decisions: readonly CompiledDecision[]): DecisionsFile {
  return {
    abi: 1,
    fingerprint: fingerprint(decisions),
    decisions: decisions.map(({ export: name, layout, decision }) => ({
      point: layout.point,
      function: name,
      size: layout.size,
      slots: slotEntries(layout),
      rules: ruleEntries(decision),
    })),
  };
}

export function slotEntries({ slots }: RecordLayout): readonly SlotEntry[] {
  return slots.map((slot) => ({
    attribute: slot.name,
    type: slot.type,
    offset: slot.offset,
    known: slot.present,
    ...(slot.path === undefined ? {} : { path: slot.path }),
    ...(slot.texts === undefined ? {} : { texts: slot.texts }),
  }));
}

export function ruleEntries({ rules, otherwise }: Decision): readonly RuleEntry[] {
  return [...rules, otherwise].map(({ id, effect }) => {
    const data = dataOf(effect);
    const audit = isAudited(effect) ? { audit: true as const } : {};
    return { id, effect: effect.kind, ...(data === 0 ? {} : { data }), ...audit };
  });
}
