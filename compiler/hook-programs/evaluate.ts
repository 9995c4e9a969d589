import { evaluate } from '../expressions/evaluate.ts';
import type { Value } from '../expressions/predicate.ts';
import { decide, type Verdict } from '../ir/evaluate.ts';
import type { CountCalls } from '../ir/obligation.ts';
import type { Decision, Enforceable, Policy } from '../ir/policy.ts';
import { decisionAt } from '../ir/policy.ts';

/** A call of a hook as it was recorded: what could be read there. What is absent is unknown. */
export interface HookCall {
  readonly hook: string;
  /** Milliseconds of a monotonic clock; calls come in its order. */
  readonly at: number;
  /** By the names of the fields; integers are bigint. */
  readonly fields: Readonly<Record<string, Value>>;
}

export interface HookVerdict {
  /** Undefined where something that matters is unknown: whoever enforces refuses. */
  readonly verdict: Verdict | undefined;
  readonly refused: boolean;
  /** The errno of a call that is refused, 1 (EPERM) where none is named. */
  readonly errno: number;
  /** Each rule and audit statement for which the call is recorded. */
  readonly recorded: readonly Enforceable[];
}

interface Window {
  readonly since: number;
  readonly count: bigint;
}

/** EPERM. */
const plainRefusal = 1;

/**
 * The reference meaning of hook programs over a trace of calls. Counters begin at nothing.
 *
 * @param policy one with a decision at `hook`
 */
export function evaluateHookCalls(policy: Policy, calls: readonly HookCall[]): readonly HookVerdict[] {
  const decision = decisionAt(policy, 'hook');
  if (decision === undefined) return calls.map(() => allowed);
  const counters = policy.obligations.filter((each) => each.kind === 'count-calls');
  const windows = new Map<string, Window>();
  return calls.map((call) => {
    const counts = new Map<string, bigint>();
    for (const counter of counters) {
      if (counter.hook !== call.hook) continue;
      const count = counted(counter, call, windows);
      if (count !== undefined) counts.set(`counter:${counter.counter}`, count);
    }
    return answer(policy, decision, call, counts);
  });
}

const allowed: HookVerdict = { verdict: undefined, refused: false, errno: 0, recorded: [] };

function answer(policy: Policy, decision: Decision, call: HookCall, counts: ReadonlyMap<string, bigint>): HookVerdict {
  const environment = {
    attribute: (name: string) => (name === 'hook' ? call.hook : (call.fields[name] ?? counts.get(name))),
    parameter: () => undefined,
  };
  const verdict = decide(decision, environment);
  const recorded: Enforceable[] = [];
  if (verdict !== undefined && 'audit' in verdict.effect && verdict.effect.audit === true) recorded.push(verdict.by);
  for (const each of policy.obligations) {
    // What is not known is recorded as well.
    if (each.kind !== 'audit-calls' || each.hook !== call.hook) continue;
    if (evaluate(each.when, environment) !== false) recorded.push(each);
  }
  const effect = verdict?.effect;
  const refused = effect === undefined || effect.kind === 'deny' || effect.kind === 'errno';
  const errno = !refused ? 0 : effect?.kind === 'errno' ? effect.errno : plainRefusal;
  return { verdict, refused, errno, recorded };
}

/** Counts the call where it is to be counted, and gives the count of its window; undefined where that is unknown. */
function counted(
  counter: CountCalls,
  { at, fields, hook }: HookCall,
  windows: Map<string, Window>,
): bigint | undefined {
  const attribute = (name: string) => (name === 'hook' ? hook : fields[name]);
  const counts = evaluate(counter.when, { attribute, parameter: () => undefined });
  const keys = counter.by.map(attribute);
  if (counts === undefined || keys.includes(undefined)) return undefined;
  const key = [counter.counter, ...keys].join('\n');
  const known = windows.get(key);
  const open = known !== undefined && at - known.since < counter.windowMilliseconds ? known : undefined;
  if (!counts) return open?.count ?? 0n;
  const next = open === undefined ? { since: at, count: 1n } : { since: open.since, count: open.count + 1n };
  windows.set(key, next);
  return next.count;
}
