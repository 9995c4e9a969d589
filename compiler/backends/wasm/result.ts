import type { Effect } from '../../ir/policy.ts';

/**
 * What a module answers is one number: the low four bits are the effect, 0 where the answer is unknown; the others are
 * the place of the rule that decided, the number of rules for `otherwise`. Of an unknown answer it is the first rule of
 * which it is not known whether it holds.
 */
export const effectCodes: Readonly<Record<Effect['kind'], number>> = {
  allow: 1,
  deny: 2,
  log: 3,
  errno: 4,
  trap: 5,
  trace: 6,
  notify: 7,
  'kill-thread': 8,
  'kill-process': 9,
};

export function resultOf(effect: Effect | undefined, rule: number): number {
  return (rule << 4) | (effect === undefined ? 0 : effectCodes[effect.kind]);
}
