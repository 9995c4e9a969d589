import type { Decision, Effect } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { refusesCall } from '../refused-calls.ts';

/**
 * How the program can grant itself a call that the policy hands to another: undefined where it cannot. A parent that
 * traces its child answers SECCOMP_RET_TRACE (PTRACE_O_TRACESECCOMP); a listener of a further filter
 * (SECCOMP_FILTER_FLAG_NEW_LISTENER) is asked instead of the tracer, and instead of an older listener
 * (seccomp(2), "Seccomp return values"). prctl(2) attaches filters too, but without a listener.
 */
export function ownGrant(
  effect: Effect,
  decision: Decision,
  architectures: readonly Architecture[],
): string | undefined {
  const open = (name: string) => !refusesCall(decision, architectures, name);
  if (effect.kind === 'notify') {
    return open('seccomp') ? "a listener of the program's own can grant the call; refuse seccomp" : undefined;
  }
  if (effect.kind !== 'trace') return undefined;
  const ways = [open('ptrace') ? 'tracer' : undefined, open('seccomp') ? 'listener' : undefined];
  const calls = [open('ptrace') ? 'ptrace' : undefined, open('seccomp') ? 'seccomp' : undefined];
  const text = (words: readonly (string | undefined)[], link: string) =>
    words.filter((word) => word !== undefined).join(link);
  if (text(ways, '') === '') return undefined;
  return `a ${text(ways, ' or ')} of the program's own can grant the call; refuse ${text(calls, ' and ')}`;
}
