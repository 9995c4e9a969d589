import { errnoValue } from '../tables/errno.ts';
import type { Effect } from './policy.ts';

/** The effects that protect alike, the strictest last: what lets pass, what lets pass and tells, what asks somebody, what refuses. */
export function strictness({ kind }: Effect): 0 | 1 | 2 | 3 {
  switch (kind) {
    case 'allow':
      return 0;
    case 'log':
      return 1;
    case 'notify':
    case 'trace':
      return 2;
    case 'deny':
    case 'errno':
    case 'trap':
    case 'kill-thread':
    case 'kill-process':
      return 3;
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

/** A refusal that a program lives on to see; ENOSYS is what a C library gets that asks which calls there are. */
export function isViolation(effect: Effect): boolean {
  return effect.kind === 'errno' && effect.errno !== errnoValue('ENOSYS');
}
