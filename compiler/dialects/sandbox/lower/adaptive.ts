import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { evaluate } from '../../../expressions/evaluate.ts';
import type { Predicate } from '../../../expressions/predicate.ts';
import { decide } from '../../../ir/evaluate.ts';
import type { EnforcementLevel } from '../../../ir/obligation.ts';
import { type Decision, decisionAt, type Obligation, type Policy } from '../../../ir/policy.ts';
import { isViolation, strictness } from '../../../ir/strictness.ts';
import type { Span } from '../../../source/span.ts';
import { syscallNames, syscallNumber } from '../../../tables/syscalls.ts';
import type { Target } from '../../../target.ts';
import { callsOfEvent, recordsOfEvent } from './events.ts';
import { first, type Lowering, modeOf, modeRank, origin } from './lowering.ts';

/** `adaptive:` as transitions, one a trigger, and what hooks record for them. */
export function lowerAdaptive({ layers, diagnostics }: Lowering): readonly Obligation[] {
  const upgrade = first(layers, (document) => document.adaptive?.value.auto_upgrade);
  const downgrade = first(layers, (document) => document.adaptive?.value.auto_downgrade);
  const triggers = first(layers, (document) => document.adaptive?.value.triggers);
  if (triggers === undefined) return [];
  const seen = new Set<string>();
  const mode = modeOf(layers)?.value ?? 'direct';
  return triggers.value.flatMap((item) =>
    item.value.flatMap(({ key, value }): readonly Obligation[] => {
      const to = value.value === 'upgrade' ? upgrade : downgrade;
      if (to === undefined) {
        // A level that cannot be read, or stands under a misspelt key, is not missing.
        if (!isMisread(layers, triggers.span, diagnostics)) {
          diagnostics.push(report('POL5019', value.span, { direction: value.value, key: `auto_${value.value}` }));
        }
        return [];
      }
      if (seen.has(key.value)) {
        diagnostics.push(report('POL5020', key.span, { trigger: key.value }));
        return [];
      }
      seen.add(key.value);
      if (to.value === mode) diagnostics.push(report('POL5058', key.span, { trigger: key.value, level: mode }));
      const when = callsOfEvent(key.value);
      const records = modeRank[to.value] > modeRank[mode] ? recordsOfEvent(key.value) : undefined;
      const id = `transition/${key.value}`;
      const named = { topic: `adaptive.triggers.${key.value}`, origin: origin(key.span, triggers.by) };
      const recorded = records === undefined ? undefined : `hook/${records.hook}/audit/${id}`;
      const event: Obligation = {
        id,
        ...named,
        kind: 'transition',
        event: key.value,
        to: to.value,
        ...(when === undefined ? {} : { when }),
        ...(recorded === undefined ? {} : { recorded }),
      };
      if (records === undefined || recorded === undefined) return [event];
      // A record by itself moves nothing: whoever only records loses the trigger.
      return [event, { id: recorded, ...named, topic: `${named.topic}.record`, kind: 'audit-calls', ...records }];
    }),
  );
}

/** Whether something beside the triggers could not be read in an `adaptive:` of the chain. */
function isMisread(layers: Lowering['layers'], triggers: Span, diagnostics: readonly Diagnostic[]): boolean {
  return layers.some(({ document: { adaptive } }) =>
    diagnostics.some(
      ({ severity, span }) =>
        severity === 'error' && adaptive !== undefined && isIn(span, adaptive.span) && !isIn(span, triggers),
    ),
  );
}

function isIn(inner: Span, outer: Span): boolean {
  return inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

/** Says where a trigger would move to a stricter level, and no event can fire it: the policy refuses every call that is one. */
export function checkTriggers(policy: Policy, mode: EnforcementLevel, target: Target, diagnostics: Diagnostic[]): void {
  const decision = decisionAt(policy, 'syscall');
  for (const each of policy.obligations) {
    if (each.kind !== 'transition' || modeRank[each.to] <= modeRank[mode]) continue;
    const reason =
      each.event === 'policy_violation'
        ? neverRefuses(policy, decision, target)
        : each.when === undefined || decision === undefined || lets(decision, each.when, target)
          ? undefined
          : 'the filter refuses every call that would be one';
    if (reason === undefined) continue;
    const help = helpFor(each.event, policy, target);
    diagnostics.push(report('POL5028', each.origin.span, { trigger: each.event, reason }, { help }));
  }
}

/** One call each that would be the event. */
const calls: Readonly<Record<string, string>> = {
  network_access: 'socket',
  process_spawn: 'execve',
  privilege_change: 'setuid',
};

function helpFor(event: string, policy: Policy, { landlock }: Target): string {
  if (event !== 'policy_violation') {
    const call = calls[event];
    return `remove the trigger, or let some of the calls pass that it waits for${call === undefined ? '' : `, such as \`${call}\``}`;
  }
  const told = 'refuse something by an errno other than ENOSYS, or with `audit` in a hook program';
  return isRestricted(policy) && landlock < 7
    ? `${told}, or choose a target whose kernel tells what Landlock refuses, \`--target landlock=7\``
    : `${told}, or remove the trigger`;
}

/** Whether Landlock has something to refuse. */
function isRestricted(policy: Policy): boolean {
  return (['path', 'socket', 'signal'] as const).some((point) => decisionAt(policy, point) !== undefined);
}

function neverRefuses(policy: Policy, decision: Decision | undefined, { landlock }: Target): string | undefined {
  // From ABI 7 the kernel tells of what Landlock refuses.
  if (landlock >= 7 && isRestricted(policy)) return undefined;
  const atHooks = decisionAt(policy, 'hook')?.rules.map(({ effect }) => effect) ?? [];
  if (atHooks.some((effect) => effect.kind !== 'allow' && 'audit' in effect)) return undefined;
  const effects = decision === undefined ? [] : [...decision.rules, decision.otherwise].map(({ effect }) => effect);
  if (effects.some(isViolation)) return undefined;
  const filter = effects.some((effect) => strictness(effect) === 3)
    ? 'what the filter refuses ends the program'
    : 'the filter refuses nothing';
  return isRestricted(policy) ? `${filter}, and this target's kernel does not tell what Landlock refuses` : filter;
}

/** Whether some call for which `when` may hold may pass. */
function lets(decision: Decision, when: Predicate, { architectures }: Target): boolean {
  return architectures.some((architecture) =>
    syscallNames().some((name) => {
      if (syscallNumber(architecture, name) === undefined) return false;
      const known: Readonly<Record<string, string | boolean>> = { arch: architecture, syscall: name, newer: false };
      const environment = { attribute: (each: string) => known[each], parameter: () => undefined };
      if (evaluate(when, environment) === false) return false;
      const verdict = decide(decision, environment);
      return verdict === undefined || strictness(verdict.effect) < 3;
    }),
  );
}
