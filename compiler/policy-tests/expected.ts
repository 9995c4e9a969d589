import type { Effect } from '../ir/policy.ts';
import { printEffect } from '../ir/print.ts';
import { errnoName } from '../tables/errno.ts';
import type { Expected } from './policy-test.ts';

/** Whether a decision is the one that is expected. */
export function isExpected(expected: Expected, effect: Effect): boolean {
  if (expected === 'allow') return effect.kind === 'allow' || effect.kind === 'log';
  if (expected === 'deny') return refuses(effect);
  if (typeof expected === 'string') return false;
  return printEffect(expected) === printEffect(effect);
}

/** What a supervisor or a tracer is asked about is neither allowed nor refused. */
function refuses({ kind }: Effect): boolean {
  return kind === 'deny' || kind === 'errno' || kind === 'trap' || kind === 'kill-thread' || kind === 'kill-process';
}

/** As a policy would say it: `errno(EPERM)`. */
export function effectWord(effect: Effect): string {
  if (effect.kind === 'errno') return `errno(${errnoName(effect.errno) ?? effect.errno})`;
  return printEffect(effect);
}

export function expectedWord(expected: Expected): string {
  return typeof expected === 'string' ? expected : effectWord(expected);
}
