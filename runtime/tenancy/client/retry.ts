import type { Answer, ClusterFailure } from '../port.ts';

export interface Pace {
  /** How often a call is made at most. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; it doubles from attempt to attempt. */
  readonly first: number;
  /** A server that asks to wait longer than so many milliseconds is not waited for. */
  readonly longest: number;
}

export const defaultPace: Pace = { attempts: 4, first: 250, longest: 10_000 };

/**
 * Makes a call again while it fails in a way that passes. Every call of the port may be made twice: applying is idempotent,
 * deleting names a uid, and events have names. Each pause is between half and the whole of what the pace says, so that
 * several runs do not come back at once; a server's Retry-After is kept to.
 */
export async function retried<T>(
  call: () => Promise<Answer<T>>,
  { attempts, first, longest }: Pace,
): Promise<Answer<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await call();
    if (answer.ok || !passes(answer.failure)) return answer;
    // Two servers that do not answer in time are one that does not answer.
    if (attempt >= (answer.failure.kind === 'timed-out' ? Math.min(2, attempts) : attempts)) return answer;
    const asked = answer.failure.retryAfterMilliseconds ?? 0;
    if (asked > longest) return answer;
    const pause = Math.max(asked, first * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function passes({ kind }: ClusterFailure): boolean {
  return kind === 'throttled' || kind === 'server-error' || kind === 'unreachable' || kind === 'timed-out';
}
