import { and, attribute, compare, literal, type Predicate } from '../expressions/predicate.ts';
import type { Decision, Obligation, Origin, Rule } from '../ir/policy.ts';
import type { Span } from '../source/span.ts';
import type { CheckedSection } from './checked.ts';

/** A section, and what put it into the policy where that did not name it itself: `extends base.yaml`. */
export interface PlacedSection {
  readonly section: CheckedSection;
  readonly by?: string;
}

export interface LoweredHooks {
  readonly decision: Decision;
  readonly obligations: readonly Obligation[];
}

/**
 * The decision at `hook` of sections of different hooks, and their counters and audit statements. Each rule asks for its hook
 * first. What no rule of a hook decides is allowed, as it is at every hook without a program.
 *
 * @param place where the policy names its hook programs
 */
export function lowerHookSections(placed: readonly PlacedSection[], place: Span): LoweredHooks {
  const rules: Rule[] = [];
  const obligations: Obligation[] = [];
  for (const { section, by } of placed) {
    const { hook } = section;
    const topic = `security.bpf_lsm.${hook}`;
    const origin = (span: Span): Origin => ({ span, ...(by === undefined ? {} : { by }) });
    section.rules.forEach(({ effect, when, span }, index) => {
      rules.push({ id: `hook/${hook}/${index}`, topic, origin: origin(span), when: atHook(hook, when), effect });
    });
    if (section.otherwise !== undefined) {
      const { effect, span } = section.otherwise;
      rules.push({ id: `hook/${hook}/otherwise`, topic, origin: origin(span), when: atHook(hook), effect });
    }
    for (const { name, by: keys, windowMilliseconds, when, span } of section.counters) {
      obligations.push({
        id: `hook/${hook}/counter/${name}`,
        topic,
        origin: origin(span),
        kind: 'count-calls',
        hook,
        counter: `${hook}/${name}`,
        by: keys,
        windowMilliseconds,
        when,
      });
    }
    section.audits.forEach(({ when, span }, index) => {
      obligations.push({
        id: `hook/${hook}/audit/${index}`,
        topic,
        origin: origin(span),
        kind: 'audit-calls',
        hook,
        when,
      });
    });
  }
  return {
    decision: {
      point: 'hook',
      combine: 'first-match',
      rules,
      otherwise: {
        id: 'hook/otherwise',
        topic: 'security.bpf_lsm',
        origin: { span: place },
        effect: { kind: 'allow' },
      },
    },
    obligations,
  };
}

function atHook(hook: string, when?: Predicate): Predicate {
  const here = compare(attribute('hook'), '==', literal(hook));
  if (when === undefined || (when.kind === 'constant' && when.value)) return here;
  return when.kind === 'and' ? and(here, ...when.of) : and(here, when);
}
